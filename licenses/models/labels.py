"""The words people see for the codes of states and terms."""

from django.utils.translation import gettext_lazy as _

from licenses.keys import KeyScheme, signed
from licenses.states import ActivationStatus, HoldCode, PendingCause, Status
from licenses.terms import (
    ActivationType,
    BindTo,
    ExpiryBasis,
    LicenseModel,
    LicenseType,
    LimitType,
    Operator,
    Overage,
    Period,
    RestrictionType,
    SelfService,
)

STATUS = [
    (Status.PENDING.value, _("Pending")),
    (Status.ACTIVE.value, _("Active")),
    (Status.INACTIVE.value, _("Inactive")),
    (Status.EXPIRED.value, _("Expired")),
    (Status.SUSPENDED.value, _("Suspended")),
    (Status.REVOKED.value, _("Revoked")),
]
PENDING_CAUSE = [
    (PendingCause.NONE.value, _("Nothing")),
    (PendingCause.FIRST_ACTIVATION.value, _("First activation")),
    (PendingCause.PAYMENT.value, _("Payment")),
    (PendingCause.APPROVAL.value, _("Approval")),
]
HOLD_CODE = [
    (HoldCode.COMPLIANCE.value, _("Compliance")),
    (HoldCode.PAYMENT_DISPUTED.value, _("Payment disputed")),
    (HoldCode.REFUNDED.value, _("Refunded")),
    (HoldCode.STAFF.value, _("Staff")),
    (HoldCode.PAYMENT_FAILED.value, _("Payment failed")),
]
LICENSE_TYPE = [
    (LicenseType.PERPETUAL.value, _("Perpetual")),
    (LicenseType.SUBSCRIPTION.value, _("Subscription")),
    (LicenseType.TRIAL.value, _("Trial")),
    (LicenseType.EVALUATION.value, _("Evaluation")),
    (LicenseType.CONCURRENT.value, _("Concurrent")),
    (LicenseType.NAMED_USER.value, _("Named user")),
]
LICENSE_MODEL = [
    (LicenseModel.PER_SEAT.value, _("Per seat")),
    (LicenseModel.PER_DEVICE.value, _("Per device")),
    (LicenseModel.PER_CPU.value, _("Per CPU")),
    (LicenseModel.PER_CORE.value, _("Per core")),
    (LicenseModel.SITE_LICENSE.value, _("Site licence")),
    (LicenseModel.ENTERPRISE.value, _("Enterprise")),
]
OVERAGE = [
    (Overage.NONE.value, _("None")),
    (Overage.PLUS_QUARTER.value, _("A quarter more")),
    (Overage.PLUS_HALF.value, _("Half as many more")),
    (Overage.DOUBLE.value, _("Twice as many")),
    (Overage.UNLIMITED.value, _("Unlimited")),
]
EXPIRY_BASIS = [
    (ExpiryBasis.ISSUE.value, _("From issue")),
    (ExpiryBasis.FIRST_ACTIVATION.value, _("From first activation")),
]
SELF_SERVICE = [
    (SelfService.NONE.value, _("Nothing")),
    (SelfService.SEE.value, _("See which devices hold the seats")),
    (SelfService.REPLACE.value, _("See them and replace one")),
]
BIND_TO = [
    (BindTo.NOTHING.value, _("Nothing")),
    (BindTo.DOMAIN.value, _("Its domain")),
    (BindTo.HARDWARE.value, _("Its hardware")),
    (BindTo.BOTH.value, _("Its domain and its hardware")),
]
LIMIT_TYPE = [
    (LimitType.COUNT.value, _("Count")),
    (LimitType.SIZE.value, _("Size")),
    (LimitType.DURATION.value, _("Duration")),
    (LimitType.BANDWIDTH.value, _("Bandwidth")),
]
PERIOD = [
    (Period.NONE.value, _("Never")),
    (Period.DAY.value, _("Every day")),
    (Period.MONTH.value, _("Every month")),
    (Period.YEAR.value, _("Every year")),
]
RESTRICTION_TYPE = [
    (RestrictionType.GEOGRAPHIC.value, _("Country")),
    (RestrictionType.DOMAIN.value, _("Domain")),
    (RestrictionType.IP_RANGE.value, _("Network")),
    (RestrictionType.MAC_ADDRESS.value, _("MAC address")),
    (RestrictionType.HARDWARE_ID.value, _("Hardware id")),
    (RestrictionType.TIME_BASED.value, _("Time")),
]
OPERATOR = [(Operator.ALLOW.value, _("Allow")), (Operator.DENY.value, _("Deny"))]
ACTIVATION_TYPE = [
    (ActivationType.ONLINE.value, _("Online")),
    (ActivationType.OFFLINE.value, _("Offline")),
    (ActivationType.EMERGENCY.value, _("Emergency")),
]
ACTIVATION_STATUS = [
    (ActivationStatus.ACTIVE.value, _("Active")),
    (ActivationStatus.DEACTIVATED.value, _("Signed out")),
    (ActivationStatus.SUSPENDED.value, _("Suspended")),
    (ActivationStatus.EXPIRED.value, _("Expired")),
]
KEY_SCHEME = [(scheme.value, scheme.value) for scheme in KeyScheme]
# What devices tell of their use, as people call it.
METRIC = {
    "active_users": _("Active users"),
    "api_calls_count": _("API calls"),
    "data_processed_mb": _("Data processed (MB)"),
    "integrations": _("Integrations"),
    "peak_concurrent_users": _("Most users at once"),
    "storage_used": _("Storage used"),
    "total_runtime_hours": _("Running time (hours)"),
    "workflow_runs": _("Workflow runs"),
}
KEY_VERSION = [
    (signed.HMAC, _("v1: checked by this server alone")),
    (signed.ED25519, _("v2: checked by whoever has the public key")),
]
