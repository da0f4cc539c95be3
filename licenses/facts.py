"""What is known of a licence and of a device's hold on it: immutable, so that it can be kept."""

import hashlib
import uuid
from datetime import datetime, timedelta
from decimal import Decimal

import msgspec

from licenses import states, terms
from licenses.restrictions import RestrictionFacts
from licenses.states import Status
from licenses.terms import ActivationType, LicenseType


class FeatureFacts(msgspec.Struct, frozen=True, array_like=True):
    """A feature as the licence grants it."""

    feature_id: str
    feature_name: str
    enabled: bool
    limit_value: Decimal | None
    limit_type: str
    period: str
    expires_at: datetime | None

    def granted_at(self, at: datetime) -> bool:
        return self.enabled and (self.expires_at is None or at < self.expires_at)


class Reading(msgspec.Struct, frozen=True):
    """What is used of a quota in its current period, and what is left."""

    feature_id: str
    used: Decimal
    # None: no limit.
    limit: Decimal | None = None
    resets_at: datetime | None = None

    @property
    def remaining(self) -> Decimal | None:
        """What is left; nothing where a limit was lowered below what is used."""
        return None if self.limit is None else max(Decimal(0), self.limit - self.used)


class ReleaseFacts(msgspec.Struct, frozen=True, array_like=True):
    """What is known of a version of a product, be it only that nobody released it."""

    product_id: str
    version: str
    # 0: not released, so that the first release is newer than what was known before it.
    revision: int = 0
    released_at: datetime | None = None

    @property
    def name(self) -> str:
        """The name that copies of it are kept under."""
        return f"v:{self.product_id}:{version_mark(self.version)}"


def version_mark(version: str) -> str:
    """Return what stands for a version in names, whatever a caller calls a version."""
    return hashlib.sha256(version.encode()).hexdigest()[:32] if version else ""


class LicenseFacts(msgspec.Struct, frozen=True, array_like=True):
    """
    What is known of a licence at one revision.

    It holds nothing that changes without a new revision, but for `current_activations`, which is
    told as of the moment the snapshot was taken and decides nothing.
    """

    id: uuid.UUID
    revision: int
    tenant_id: uuid.UUID
    # When it came from another tenant; None where it was issued to this one.
    tenant_since: datetime | None
    customer_id: uuid.UUID | None
    product_id: str
    product_name: str
    product_version: str
    license_type: str
    license_model: str
    issued_to: str
    max_activations: int
    current_activations: int
    overage: str
    issued_date: datetime
    activation_date: datetime | None
    expiry_date: datetime | None
    grace_ends_at: datetime | None
    maintenance_expiry: datetime | None
    grace_period_days: int
    trial_period_days: int | None
    auto_renewal: bool
    pending_cause: str
    parked: bool
    hold_code: str
    hold_reason: str
    revoked_at: datetime | None
    heartbeat_interval_seconds: int
    lease_seconds: int | None
    max_borrow_days: int | None
    require_heartbeat: bool
    self_service: str
    # What the first device still ties the licence to.
    bind_on_first_activation: str
    key_digest: bytes
    key_scheme: str
    key_head: str
    key_hint: str
    created_at: datetime
    updated_at: datetime
    # The holder's half of the key to personal data in the trail; None until one is made.
    person_salt: bytes | None
    customer_name: str | None
    public_metadata: dict[str, object] | None
    restrictions: tuple[RestrictionFacts, ...]
    features: tuple[FeatureFacts, ...]

    @property
    def revoked(self) -> bool:
        return self.revoked_at is not None

    @property
    def held(self) -> bool:
        return bool(self.hold_code)

    @property
    def capacity(self) -> int | None:
        """Units that may be taken, or None where they never fill."""
        return terms.capacity(
            max_activations=self.max_activations, model=self.license_model, overage=self.overage
        )

    @property
    def held_by_names(self) -> bool:
        """Whether names hold its seats, each on however many devices."""
        return self.license_type == LicenseType.NAMED_USER

    @property
    def lease_length(self) -> timedelta | None:
        """How long a device holds a seat unheard of, or None where it keeps it for good."""
        return terms.lease_length(
            self.license_type,
            lease_seconds=self.lease_seconds,
            heartbeat_interval_seconds=self.heartbeat_interval_seconds,
        )

    @property
    def ends_at(self) -> datetime | None:
        """When it stops working for devices that know it; None for never."""
        return self.grace_ends_at or self.expiry_date

    def offline_until(self, at: datetime) -> datetime:
        """
        Return until when a device that is activated now runs without a network.

        In whole seconds, as signed files state it, so that all say the same.
        """
        longest = at + terms.LONGEST_OFFLINE
        return min(longest, self.ends_at or longest).replace(microsecond=0)

    def status_at(self, at: datetime) -> Status:
        return states.status_at(self, at)


class DeviceFacts(msgspec.Struct, frozen=True, array_like=True):
    """What is known of a device's hold on a licence."""

    id: uuid.UUID
    revision: int
    license_id: uuid.UUID
    fingerprint_digest: bytes
    fingerprint_hint: str
    hardware_digest: bytes | None
    hardware_hint: str
    mac_digest: bytes | None
    mac_hint: str
    token_digest: bytes
    token_generation: int
    token_key_version: int
    units: int
    declared_units: int | None
    activation_type: str
    machine_name: str
    operating_system: str
    application_version: str
    user_agent: str
    ip_address: str | None
    domain: str
    country: str
    activated_at: datetime
    deactivated_at: datetime | None
    deactivation_reason: str
    lease_expires_at: datetime | None
    borrowed_until: datetime | None
    heartbeat_due_at: datetime | None
    # So long it is served by an emergency code, whatever else it holds.
    emergency_until: datetime | None
    # So long an offline device runs on what it was given.
    valid_until: datetime | None
    # Whose device it is, where names hold the seats.
    user_identity: str | None
    metadata: dict[str, object]
    # The device is barred; `barred_until` is when that ends, None for never.
    barred: bool
    barred_until: datetime | None

    @property
    def live(self) -> bool:
        return self.deactivated_at is None

    @property
    def version(self) -> str:
        """The version that it last said it runs, as releases are named."""
        return self.application_version.strip()

    @property
    def emergency_only(self) -> bool:
        """Whether an emergency code let it in: it holds no seat, and nothing once that is over."""
        return self.activation_type == ActivationType.EMERGENCY

    @property
    def offline(self) -> bool:
        """Whether it was activated without a network, and is heard of no more."""
        return self.activation_type == ActivationType.OFFLINE

    def emergency_at(self, at: datetime) -> datetime | None:
        """Return until when an emergency code serves it, while it does."""
        until = self.emergency_until
        return until if self.live and until is not None and at < until else None

    def barred_at(self, at: datetime) -> bool:
        return self.barred and (self.barred_until is None or at < self.barred_until)
