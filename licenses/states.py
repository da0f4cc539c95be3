"""Statuses of a licence, the acts upon it, and the one table that says which act is legal when."""

from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Status(StrEnum):
    """What a licence is at one instant."""

    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"
    EXPIRED = "EXPIRED"
    SUSPENDED = "SUSPENDED"
    REVOKED = "REVOKED"


class ActivationStatus(StrEnum):
    """What a device's hold on a licence is at one instant."""

    ACTIVE = "ACTIVE"
    DEACTIVATED = "DEACTIVATED"
    SUSPENDED = "SUSPENDED"
    EXPIRED = "EXPIRED"


class PendingCause(StrEnum):
    """What a pending licence waits for."""

    NONE = ""
    FIRST_ACTIVATION = "FIRST_ACTIVATION"
    PAYMENT = "PAYMENT"
    APPROVAL = "APPROVAL"


class HoldCode(StrEnum):
    """Why a licence is held; gravest first, which is also the order in which they are shown."""

    COMPLIANCE = "COMPLIANCE"
    PAYMENT_DISPUTED = "PAYMENT_DISPUTED"
    REFUNDED = "REFUNDED"
    STAFF = "STAFF"
    PAYMENT_FAILED = "PAYMENT_FAILED"


# Follows from the dates alone: it is shown as a suspension code and never kept as a hold.
GRACE_PERIOD_ENDED = "GRACE_PERIOD_ENDED"


class Act(StrEnum):
    """What can be done to a licence."""

    ACTIVATE = "activate"
    RENEW = "renew"
    EXTEND = "extend"
    CONVERT = "convert"
    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    PARK = "park"
    UNPARK = "unpark"
    APPROVE = "approve"
    REVOKE = "revoke"
    TRANSFER = "transfer"


ILLEGAL = "ILLEGAL_STATUS_CHANGE"


def _only(*allowed: Status) -> dict[Status, str | None]:
    return {status: None if status in allowed else ILLEGAL for status in Status}


def _but(*refused: Status) -> dict[Status, str | None]:
    return {status: ILLEGAL if status in refused else None for status in Status}


# None: allowed. Else the code of the refusal. The status after an act is never chosen here: it is
# `status_at` over what the act changed.
ACTS: dict[Act, dict[Status, str | None]] = {
    Act.ACTIVATE: {
        Status.PENDING: None,
        Status.ACTIVE: None,
        Status.INACTIVE: "LICENSE_INACTIVE",
        Status.EXPIRED: "LICENSE_EXPIRED",
        Status.SUSPENDED: "LICENSE_SUSPENDED",
        Status.REVOKED: "LICENSE_REVOKED",
    },
    Act.RENEW: _but(Status.REVOKED),
    # Of trials and evaluations only; like a renewal they lift no hold.
    Act.EXTEND: _but(Status.REVOKED),
    Act.CONVERT: _but(Status.REVOKED),
    # A suspended licence may be held for a second cause; the same cause twice is refused.
    Act.SUSPEND: _but(Status.REVOKED),
    Act.REINSTATE: _only(Status.SUSPENDED),
    Act.PARK: _only(Status.ACTIVE),
    Act.UNPARK: _only(Status.INACTIVE),
    Act.APPROVE: _only(Status.PENDING),
    Act.REVOKE: _but(Status.REVOKED),
    Act.TRANSFER: _but(Status.SUSPENDED, Status.REVOKED),
}


class Standing(Protocol):
    """The facts of a licence from which its status follows at any instant."""

    @property
    def revoked(self) -> bool: ...
    @property
    def held(self) -> bool: ...
    @property
    def hold_code(self) -> str: ...
    @property
    def parked(self) -> bool: ...
    @property
    def pending_cause(self) -> str: ...
    @property
    def expiry_date(self) -> datetime | None: ...
    @property
    def grace_ends_at(self) -> datetime | None: ...


def refusal_of(act: Act, status: Status) -> str | None:
    """Return the code by which `act` is refused in `status`, or None where it is legal."""
    return ACTS[act][status]


def status_at(standing: Standing, at: datetime) -> Status:
    """
    Return what the licence is at that instant, whatever its stored column says.

    Upper bounds are exclusive: at the very instant of `expiry_date` it is expired.
    """
    if standing.revoked:
        return Status.REVOKED
    if standing.held or grace_over(standing, at):
        return Status.SUSPENDED
    if standing.expiry_date is not None and standing.expiry_date <= at:
        return Status.EXPIRED
    if standing.parked:
        return Status.INACTIVE
    if standing.pending_cause:
        return Status.PENDING
    return Status.ACTIVE


def activation_status_at(
    standing: Standing,
    *,
    live: bool,
    lease_expires_at: datetime | None,
    emergency_until: datetime | None,
    emergency_only: bool,
    valid_until: datetime | None,
    at: datetime,
) -> ActivationStatus:
    """
    Return what a device's hold is worth at that instant; only its end is ever stored.

    `emergency_only`: it was let in by an emergency code and holds no seat. `valid_until`: so long
    an offline device runs on what it was given.
    """
    if not live:
        return ActivationStatus.DEACTIVATED
    if emergency_until is not None and at < emergency_until:
        stopped = standing.revoked or standing.parked or not excused(standing.hold_code)
        return ActivationStatus.SUSPENDED if stopped else ActivationStatus.ACTIVE
    status = status_at(standing, at)
    over = status == Status.SUSPENDED and not standing.held
    if not over and status in (Status.SUSPENDED, Status.INACTIVE, Status.REVOKED):
        return ActivationStatus.SUSPENDED
    expired = status == Status.EXPIRED and not in_grace(standing, at)
    lapsed = lease_expires_at is not None and lease_expires_at <= at
    ended = valid_until is not None and valid_until <= at
    if over or expired or lapsed or ended or emergency_only:
        return ActivationStatus.EXPIRED
    return ActivationStatus.ACTIVE


def excused(hold_code: str) -> bool:
    """Return whether a licence whose gravest hold this is may still be used in an emergency."""
    return hold_code in ("", HoldCode.PAYMENT_FAILED)


def refusal_in_emergency(standing: Standing) -> str | None:
    """
    Return the code by which a licence serves nobody even in an emergency, or None.

    An emergency excuses its end, a failed payment, and that every seat is taken; nothing else.
    """
    if standing.revoked:
        return "LICENSE_REVOKED"
    if not excused(standing.hold_code):
        return "LICENSE_SUSPENDED"
    if standing.pending_cause:
        return "LICENSE_PENDING"
    return "LICENSE_INACTIVE" if standing.parked else None


def steps_missed(stored: str, standing: Standing, at: datetime) -> list[tuple[Status, datetime]]:
    """
    Return what the clock has done since `stored` was written down: each status and its instant.

    Holds and revocation are written by acts, so only expiry and the end of grace can be missed.
    """
    if standing.revoked or standing.held or standing.expiry_date is None:
        return []
    steps: list[tuple[Status, datetime]] = []
    if stored in (Status.PENDING, Status.ACTIVE, Status.INACTIVE) and standing.expiry_date <= at:
        steps.append((Status.EXPIRED, standing.expiry_date))
    if (steps or stored == Status.EXPIRED) and grace_over(standing, at):
        assert standing.grace_ends_at is not None  # noqa: S101 - grace_over has looked
        steps.append((Status.SUSPENDED, standing.grace_ends_at))
    return steps


def in_grace(standing: Standing, at: datetime) -> bool:
    """Return whether the licence has expired and yet works, with nothing else in its way."""
    return (
        standing.expiry_date is not None
        and standing.grace_ends_at is not None
        and standing.expiry_date <= at < standing.grace_ends_at
        and not (standing.revoked or standing.held or standing.parked or standing.pending_cause)
    )


def grace_over(standing: Standing, at: datetime) -> bool:
    """Return whether a licence that had a grace period has used it up."""
    return (
        standing.expiry_date is not None
        and standing.grace_ends_at is not None
        and standing.grace_ends_at > standing.expiry_date
        and standing.grace_ends_at <= at
    )


def suspension_code(standing: Standing, hold_code: str, at: datetime) -> str:
    """Return the gravest cause of a suspension at that instant, or an empty string."""
    if standing.revoked:
        return ""
    if hold_code:
        return hold_code
    return GRACE_PERIOD_ENDED if grace_over(standing, at) else ""


def gravest(codes: list[str]) -> str:
    """Return the gravest of the given hold codes, or an empty string."""
    return next((code.value for code in HoldCode if code.value in codes), "")
