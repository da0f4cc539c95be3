"""The shapes of what devices are told; every optional field that is empty is absent."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from licenses.validation import Check

Text = str | UnsetType
Moment = datetime | UnsetType
Number = int | float


class Answer(Struct, kw_only=True, omit_defaults=True):
    """What every answer may carry."""

    nonce: Text = UNSET


class Feature(Struct, kw_only=True, omit_defaults=True):
    """A feature as the licence grants it."""

    feature_id: str
    feature_name: str
    enabled: bool
    limit_value: Number | UnsetType = UNSET
    limit_type: Text = UNSET
    period: Text = UNSET
    expires_at: Moment = UNSET


class Restriction(Struct, kw_only=True):
    """Where, when or on what a licence may run; of a device's identity only its end is told."""

    restriction_type: str
    operator: str
    values: list[str]


class SoftwareLicense(Struct, kw_only=True, omit_defaults=True):
    """A licence as its device sees it: the key masked, its buyer untold, only public metadata."""

    id: UUID
    license_key: str
    product_id: str
    product_name: str
    product_version: str
    license_type: str
    license_model: str
    issued_to: str
    max_activations: int
    current_activations: int
    features: list[Feature]
    restrictions: list[Restriction]
    bound_domain: Text = UNSET
    hardware_fingerprint: Text = UNSET
    issued_date: datetime
    activation_date: Moment = UNSET
    expiry_date: Moment = UNSET
    maintenance_expiry: Moment = UNSET
    status: str
    suspension_code: Text = UNSET
    suspension_reason: Text = UNSET
    in_grace: bool
    grace_ends_at: Moment = UNSET
    auto_renewal: bool
    trial_period_days: int | UnsetType = UNSET
    grace_period_days: int
    unlimited: bool
    overage: str
    key_scheme: str
    heartbeat_interval_seconds: int
    lease_seconds: int | UnsetType = UNSET
    max_borrow_days: int | UnsetType = UNSET
    metadata: dict[str, Any]
    revision: int
    created_at: datetime
    updated_at: datetime


class Activation(Answer, kw_only=True, omit_defaults=True):
    """A device's seat."""

    id: UUID
    license_id: UUID
    activation_token: str
    device_fingerprint: str
    machine_name: Text = UNSET
    hardware_id: Text = UNSET
    mac_address: Text = UNSET
    user_identity: Text = UNSET
    ip_address: Text = UNSET
    country: Text = UNSET
    operating_system: Text = UNSET
    user_agent: Text = UNSET
    application_version: str
    activation_type: str
    units: int
    # Only where processors or cores are counted.
    units_declared: bool | UnsetType = UNSET
    status: str
    activated_at: datetime
    deactivated_at: Moment = UNSET
    deactivation_reason: Text = UNSET
    lease_expires_at: Moment = UNSET
    borrowed_until: Moment = UNSET
    # Until when an emergency code serves it, or served it.
    emergency_until: Moment = UNSET
    # Until when an offline device runs on what it was given.
    valid_until: Moment = UNSET
    heartbeat_interval_seconds: int
    license_revision: int


class Validation(Answer, kw_only=True, omit_defaults=True):
    """The verdict on a device's seat."""

    valid: bool
    code: str
    checks: tuple[Check, ...] | UnsetType = UNSET
    next_action: str
    retry_after: int | UnsetType = UNSET
    grace_ends_at: Moment = UNSET
    emergency_until: Moment = UNSET
    license_changed: bool | UnsetType = UNSET
    lease_expires_at: Moment = UNSET
    activation: Activation | UnsetType = UNSET
    license: SoftwareLicense | UnsetType = UNSET


class ValidationDetails(Struct, kw_only=True):
    """The five questions in short."""

    key_format_valid: bool
    signature_valid: bool
    not_expired: bool
    activation_limit_ok: bool
    restrictions_satisfied: bool


class KeyValidation(Validation, kw_only=True, omit_defaults=True):
    """The verdict on a licence key."""

    validation_details: ValidationDetails


class HeartbeatAnswer(Answer, kw_only=True, omit_defaults=True):
    """What a heartbeat hears back."""

    status: str
    valid: bool
    code: str
    next_action: str
    retry_after: int | UnsetType = UNSET
    next_heartbeat_at: datetime
    lease_expires_at: Moment = UNSET
    borrowed_until: Moment = UNSET
    grace_ends_at: Moment = UNSET
    emergency_until: Moment = UNSET
    revision: int
    license_changed: bool | UnsetType = UNSET


class Status(Answer, kw_only=True, omit_defaults=True):
    """How a licence stands, in short."""

    status: str
    license_type: str
    customer_name: str
    expires_at: Moment = UNSET
    days_remaining: int | UnsetType = UNSET
    in_grace: bool
    grace_ends_at: Moment = UNSET
    features: list[str]
    limits: dict[str, Number]


class Difference(Struct, kw_only=True, omit_defaults=True):
    """One thing of a licence that is not as it was issued."""

    code: str
    field: Text = UNSET


class Integrity(Answer, kw_only=True, omit_defaults=True):
    """Whether a licence is what was issued."""

    integrity_check: bool
    tampering_detected: bool
    # Told to API keys alone.
    differences: tuple[Difference, ...] | UnsetType = UNSET


class QuotaReading(Answer, kw_only=True, omit_defaults=True):
    """Where a feature's quota stands; without a limit there is nothing left to tell."""

    feature_id: str
    used: Number
    limit: Number | UnsetType = UNSET
    remaining: Number | UnsetType = UNSET
    resets_at: Moment = UNSET


class ReportTaken(Answer, kw_only=True, omit_defaults=True):
    """That a report is in the books, and whether it was before."""

    accepted: bool
    duplicate: bool


class CheckedOut(Answer, kw_only=True, omit_defaults=True):
    """A signed file: a compact JWS, and the name of the key that signed it."""

    license_file: str
    expires_at: datetime
    kid: str


class OfflineRequestCode(Answer, kw_only=True, omit_defaults=True):
    """What a device without a network is to be activated by, and where that is brought."""

    request_code: str
    instructions: str
    expires_at: datetime


class OfflineUsageTaken(Answer, kw_only=True, omit_defaults=True):
    """How many entries of a chain were new, and how many are in the books."""

    accepted: int
    entries: int


class Flag(Struct, kw_only=True, omit_defaults=True):
    """A feature as all licences of a tenant grant it together."""

    enabled: bool
    limit_value: Number | UnsetType = UNSET
    remaining: Number | UnsetType = UNSET
    expires_at: Moment = UNSET


class Flags(Answer, kw_only=True, omit_defaults=True):
    """One flag under the id of each feature."""
