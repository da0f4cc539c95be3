"""Suspending, reinstating, parking, approving and revoking."""

import uuid
from datetime import datetime

from django.db import transaction

from events.refusals import Refusal
from events.trail import Origin
from licenses import states
from licenses.models import Hold, License
from licenses.services import reasons
from licenses.services.emptying import empty
from licenses.services.key_links import withdraw_links
from licenses.services.lifecycle.writing import lock_for, told, write
from licenses.states import Act, HoldCode, PendingCause


@transaction.atomic
def suspend_license(
    *,
    license_id: uuid.UUID,
    reason: str,
    at: datetime,
    origin: Origin,
    code: HoldCode = HoldCode.STAFF,
) -> License:
    """
    Hold a licence for one cause; devices keep their seats and stop validating.

    :raises VALIDATION_ERROR: if no reason is given
    :raises ILLEGAL_STATUS_CHANGE: if it is revoked, or held for this cause already
    """
    reasons.demand(reason)
    license = lock_for(Act.SUSPEND, license_id, at=at)
    before = told(license)
    if license.holds.filter(code=code, lifted_at=None).exists():
        raise Refusal(
            states.ILLEGAL, act=Act.SUSPEND.value, status=license.status, suspension_code=code.value
        )
    license.holds.create(
        code=code, reason=reason, placed_at=at, placed_by=origin.actor_label or origin.actor_kind
    )
    show_gravest(license)
    return write(
        license,
        "license.suspended",
        before=before,
        at=at,
        origin=origin,
        reason=reason,
        extra={"hold": (None, code.value)},
    )


@transaction.atomic
def reinstate_license(
    *,
    license_id: uuid.UUID,
    reason: str,
    at: datetime,
    origin: Origin,
    code: HoldCode = HoldCode.STAFF,
) -> License:
    """
    Lift the hold of one cause; the licence is then what it is by the clock and its other holds.

    :raises VALIDATION_ERROR: if no reason is given
    :raises ILLEGAL_STATUS_CHANGE: if it is not suspended, or not held for this cause
    """
    reasons.demand(reason)
    license = lock_for(Act.REINSTATE, license_id, at=at)
    before = told(license)
    if not lift(license, code, at=at):
        raise Refusal(
            states.ILLEGAL,
            act=Act.REINSTATE.value,
            status=license.status,
            suspension_code=license.suspension_code_at(at),
        )
    return write(
        license,
        "license.reinstated",
        before=before,
        at=at,
        origin=origin,
        reason=reason,
        extra={"hold": (code.value, None)},
    )


@transaction.atomic
def park_license(*, license_id: uuid.UUID, reason: str, at: datetime, origin: Origin) -> License:
    """
    Put a licence aside; its clock runs on and its devices keep their seats.

    :raises ILLEGAL_STATUS_CHANGE: if it is not active
    """
    license = lock_for(Act.PARK, license_id, at=at)
    before = told(license)
    license.parked = True
    return write(license, "license.parked", before=before, at=at, origin=origin, reason=reason)


@transaction.atomic
def unpark_license(*, license_id: uuid.UUID, reason: str, at: datetime, origin: Origin) -> License:
    """
    Take a parked licence back into use.

    :raises ILLEGAL_STATUS_CHANGE: if it is not inactive
    """
    license = lock_for(Act.UNPARK, license_id, at=at)
    before = told(license)
    license.parked = False
    return write(license, "license.unparked", before=before, at=at, origin=origin, reason=reason)


@transaction.atomic
def approve_license(*, license_id: uuid.UUID, reason: str, at: datetime, origin: Origin) -> License:
    """
    End what a pending licence waits for; a term counted from first activation stays uncounted.

    :raises ILLEGAL_STATUS_CHANGE: if it is not pending
    """
    license = lock_for(Act.APPROVE, license_id, at=at)
    before = told(license)
    waits_for_device = license.duration_days and license.expiry_date is None
    starts_later = waits_for_device and license.expiry_basis == "FIRST_ACTIVATION"
    if license.pending_cause == PendingCause.FIRST_ACTIVATION:
        raise Refusal(states.ILLEGAL, act=Act.APPROVE.value, status=license.status)
    license.pending_cause = PendingCause.FIRST_ACTIVATION if starts_later else PendingCause.NONE
    return write(license, "license.activated", before=before, at=at, origin=origin, reason=reason)


@transaction.atomic
def revoke_license(*, license_id: uuid.UUID, reason: str, at: datetime, origin: Origin) -> License:
    """
    End a licence for good: its devices are signed out and its key never works again.

    :raises VALIDATION_ERROR: if no reason is given
    :raises ILLEGAL_STATUS_CHANGE: if it is revoked already
    """
    reasons.demand(reason)
    license = lock_for(Act.REVOKE, license_id, at=at)
    before = told(license)
    license.revoked_at = at
    withdraw_links(license, at=at)
    empty(license, reason="LICENSE_REVOKED", at=at, origin=origin)
    return write(license, "license.revoked", before=before, at=at, origin=origin, reason=reason)


def lift(license: License, code: HoldCode, *, at: datetime) -> bool:
    """Lift one hold of a locked licence and return whether there was one."""
    lifted = license.holds.filter(code=code, lifted_at=None).update(lifted_at=at)
    if lifted:
        show_gravest(license)
    return bool(lifted)


def show_gravest(license: License) -> None:
    """Let the licence show the gravest of its open holds, or none."""
    open_holds: dict[str, Hold] = {hold.code: hold for hold in license.holds.filter(lifted_at=None)}
    license.hold_code = states.gravest(list(open_holds))
    license.hold_reason = open_holds[license.hold_code].reason if license.hold_code else ""
