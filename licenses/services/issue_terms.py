"""The terms a licence is issued with: what was asked, else the template's, else the type's."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from uuid_utils.compat import uuid7

from events.refusals import invalid
from licenses import terms
from licenses.keys import MADE_HERE
from licenses.models import License, LicenseTemplate, Product
from licenses.services.entitlements import FeatureGrant
from licenses.states import PendingCause
from licenses.terms import BindTo, ExpiryBasis, LicenseType, Overage, SelfService

_MAX_INTEGER = 2**31 - 1
_MAX_DAYS = 365 * 100


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueRequest:
    """What somebody asks for; None means not stated, so that template and type decide."""

    tenant_id: uuid.UUID
    issued_to: str
    product_id: str | None = None
    template_id: uuid.UUID | None = None
    customer_id: uuid.UUID | None = None
    reseller_id: uuid.UUID | None = None
    product_name: str | None = None
    product_version: str | None = None
    license_type: str | None = None
    license_model: str | None = None
    max_activations: int | None = None
    overage: str | None = None
    features: Sequence[FeatureGrant] | None = None
    restrictions: Sequence[Mapping[str, Any]] | None = None
    bound_domain: str | None = None
    hardware_fingerprint: str | None = None
    issued_date: datetime | None = None
    activation_date: datetime | None = None
    expiry_date: datetime | None = None
    maintenance_expiry: datetime | None = None
    duration_days: int | None = None
    expiry_basis: str | None = None
    trial_period_days: int | None = None
    grace_period_days: int | None = None
    auto_renewal: bool | None = None
    heartbeat_interval_seconds: int | None = None
    lease_seconds: int | None = None
    max_borrow_days: int | None = None
    self_service: str | None = None
    key_scheme: str | None = None
    # None: as type and basis have it. NONE: working from the start. APPROVAL: waits for staff.
    pending_cause: PendingCause | None = None
    trial_override_reason: str = ""
    # Whoever writes the catalogue is not bound by what a template fixes.
    may_override: bool = False
    # Who is mailed the key; `deliver_inside_tenant` as `delivery.owe_key` takes it.
    deliver_to: str = ""
    deliver_inside_tenant: bool = False
    metadata: dict[str, Any] = field(default_factory=dict)


def terms_of(request: IssueRequest, product: Product, template: LicenseTemplate | None) -> License:
    """Return the licence, not yet stored, with every term stated by request, template or type."""
    license_type = _stated(request.license_type, template and template.license_type)
    license_model = _stated(request.license_model, template and template.license_model)
    if license_type is None or license_model is None:
        missing = {"license_type": license_type, "license_model": license_model}
        raise invalid(**{name: "Required." for name, value in missing.items() if value is None})
    scheme = request.key_scheme or (template and template.key_scheme) or product.key_scheme
    _check_choices(request, license_type, license_model, scheme)
    same_type = template if template and template.license_type == license_type else None
    license = License(
        id=uuid7(),
        product=product,
        template=template,
        product_name=request.product_name or product.product_name,
        product_version=request.product_version or product.product_version,
        license_type=license_type,
        license_model=license_model,
        issued_to=request.issued_to.strip(),
        max_activations=_stated(request.max_activations, template and template.max_activations, 1),
        overage=_stated(request.overage, template and template.overage, Overage.NONE),
        expiry_basis=_stated(
            request.expiry_basis,
            (same_type and same_type.expiry_basis) or None,
            terms.default_basis(license_type),
        ),
        trial_period_days=request.trial_period_days,
        grace_period_days=_stated(
            request.grace_period_days,
            same_type and same_type.grace_period_days,
            terms.default_grace_days(license_type),
        ),
        auto_renewal=_stated(
            request.auto_renewal, template and template.auto_renewal_enabled, False
        ),
        heartbeat_interval_seconds=_stated(
            request.heartbeat_interval_seconds,
            template and template.heartbeat_interval_seconds,
            600,
        ),
        lease_seconds=_stated(request.lease_seconds, template and template.lease_seconds),
        max_borrow_days=_stated(request.max_borrow_days, template and template.max_borrow_days),
        require_heartbeat=bool(template and template.require_heartbeat),
        self_service=_stated(
            request.self_service, template and template.self_service, SelfService.SEE
        ),
        bind_on_first_activation=template.bind_on_first_activation if template else BindTo.NOTHING,
        releases_per_30_days=template.releases_per_30_days if template else None,
        key_scheme=scheme,
        maintenance_expiry=request.maintenance_expiry,
        metadata=request.metadata,
    )
    license.lease_seconds = terms.lease_seconds(
        license_type,
        lease_seconds=license.lease_seconds,
        heartbeat_interval_seconds=license.heartbeat_interval_seconds,
    )
    license.duration_days = _duration(request, template, license)
    _check_numbers(license)
    return license


def _duration(
    request: IssueRequest, template: LicenseTemplate | None, license: License
) -> int | None:
    """Return the term in days, or None for a licence that has no end of itself."""
    if license.license_type == LicenseType.PERPETUAL:
        if request.duration_days is not None or request.expiry_date is not None:
            raise invalid(expiry_date="A perpetual licence does not expire.")
        return None
    if request.duration_days is not None:
        return request.duration_days
    if template is not None and template.license_type == license.license_type:
        if license.license_type in terms.TRIALS:
            return request.trial_period_days or template.trial_duration_days
        return template.default_duration
    if template is not None and license.license_type == LicenseType.TRIAL:
        if not template.trial_allowed:
            raise invalid(license_type="The template allows no trial.")
        return request.trial_period_days or template.trial_duration_days
    return terms.default_days(license.license_type, trial_period_days=request.trial_period_days)


def _check_choices(
    request: IssueRequest, license_type: str, license_model: str, scheme: str
) -> None:
    given: dict[str, tuple[str | None, Iterable[str]]] = {
        "license_type": (license_type, terms.LicenseType),
        "license_model": (license_model, terms.LicenseModel),
        "key_scheme": (scheme, MADE_HERE),
        "overage": (request.overage, Overage),
        "expiry_basis": (request.expiry_basis, ExpiryBasis),
        "self_service": (request.self_service, SelfService),
    }
    wrong = {
        name: f"One of {', '.join(choices)}."
        for name, (value, choices) in given.items()
        if value is not None and value not in list(choices)
    }
    if wrong:
        raise invalid(**wrong)


def _check_numbers(license: License) -> None:
    ranges = {
        "max_activations": (license.max_activations, 1, _MAX_INTEGER),
        "duration_days": (license.duration_days, 1, _MAX_DAYS),
        "trial_period_days": (license.trial_period_days, 1, _MAX_DAYS),
        "grace_period_days": (license.grace_period_days, 0, _MAX_DAYS),
        "heartbeat_interval_seconds": (license.heartbeat_interval_seconds, 1, _MAX_INTEGER),
        "lease_seconds": (license.lease_seconds, 1, _MAX_INTEGER),
        "max_borrow_days": (license.max_borrow_days, 1, terms.MOST_BORROW_DAYS),
    }
    wrong = {
        name: f"Between {low} and {high}."
        for name, (value, low, high) in ranges.items()
        if value is not None and not low <= value <= high
    }
    if not license.issued_to:
        wrong["issued_to"] = "Say who it is for."
    if wrong:
        raise invalid(**wrong)


def set_dates(license: License, request: IssueRequest, *, at: datetime) -> None:
    """Set issue and expiry, and what a licence that does not run yet waits for."""
    license.issued_date = request.issued_date or at
    license.activation_date = request.activation_date
    license.expiry_date = request.expiry_date
    runs_at_once = request.pending_cause == PendingCause.NONE and request.expiry_basis is None
    if runs_at_once:
        license.expiry_basis = ExpiryBasis.ISSUE
    deferred = license.expiry_basis == ExpiryBasis.FIRST_ACTIVATION
    license.pending_cause = request.pending_cause or PendingCause.NONE
    if deferred and not license.pending_cause:
        license.pending_cause = PendingCause.FIRST_ACTIVATION
    if license.expiry_date is None and license.duration_days and not deferred:
        try:
            license.expiry_date = license.issued_date + timedelta(days=license.duration_days)
        except OverflowError:
            raise invalid(expiry_date=terms.BEYOND_CALENDAR) from None
    wrong = {}
    for name in ("issued_date", "expiry_date", "maintenance_expiry", "activation_date"):
        moment = getattr(license, name)
        if moment is not None and not terms.in_calendar(moment):
            wrong[name] = terms.BEYOND_CALENDAR
        elif moment is not None and moment < license.issued_date:
            wrong[name] = "Before the licence was issued."
    if license.expiry_date is not None and license.expiry_date == license.issued_date:
        wrong["expiry_date"] = "The licence would never have worked."
    if wrong:
        raise invalid(**wrong)
    if license.expiry_date is not None:
        license.grace_ends_at = grace_end(license)


def grace_end(license: License) -> datetime | None:
    """
    Return when the grace of a licence ends.

    :raises VALIDATION_ERROR: if that is beyond the calendar
    """
    expiry = license.expiry_date
    if expiry is not None and terms.CALENDAR[1] - expiry < timedelta(license.grace_period_days):
        raise invalid(grace_period_days=terms.BEYOND_CALENDAR)
    return license.grace_end_for(expiry)


def _stated(*values: Any) -> Any:
    """Return the first value that is stated."""
    return next((value for value in values if value is not None), None)
