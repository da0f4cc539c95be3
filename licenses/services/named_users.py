"""Assigning names to a licence ahead of their first device, and unassigning them."""

import uuid
from datetime import datetime

from django.db import transaction

from events.refusals import Refusal
from events.trail import Origin
from licenses import states
from licenses.models import License, NamedUser
from licenses.services import named_seats, reasons
from licenses.services.lifecycle.writing import lock
from licenses.services.release_limit import check_release_limit
from licenses.states import Status


@transaction.atomic
def assign(
    *, license_id: uuid.UUID, identity: str, at: datetime, origin: Origin, reason: str = ""
) -> tuple[NamedUser, bool]:
    """
    Give a name a seat, and say whether it is new; a name that has one is returned as it is.

    :raises LICENSE_NOT_FOUND: if there is no such licence
    :raises NOT_NAMED_USER: if devices hold the licence's seats
    :raises ILLEGAL_STATUS_CHANGE: if it is revoked
    :raises USER_IDENTITY_REQUIRED VALIDATION_ERROR: if that is no name
    :raises ACTIVATION_LIMIT_EXCEEDED: if every seat has a name
    """
    license = lock(license_id, at=at)
    if not license.held_by_names:
        raise Refusal("NOT_NAMED_USER", license_type=license.license_type)
    if license.status_at(at) == Status.REVOKED:
        raise Refusal(states.ILLEGAL, act="assign_user", status=Status.REVOKED.value)
    name = named_seats.read(identity)
    return named_seats.give(license, name, at=at, origin=origin, reason=reason)


@transaction.atomic
def unassign(
    *, license_id: uuid.UUID, named_user_id: uuid.UUID, reason: str, at: datetime, origin: Origin
) -> NamedUser:
    """
    Sign a name's devices out and free its seat; one that is unassigned is returned as it is.

    :raises VALIDATION_ERROR: if no reason is given
    :raises NAMED_USER_NOT_FOUND: if the licence has no such name
    :raises RELEASE_LIMIT: if too many were freed in 30 days by devices and members themselves
    """
    reasons.demand(reason)
    # The licence's row first, always, as everywhere.
    license = License.objects.select_for_update().filter(pk=license_id).first()
    named = None if license is None else license.named_users.filter(pk=named_user_id).first()
    if license is None or named is None:
        raise Refusal("NAMED_USER_NOT_FOUND")
    if named.assigned:
        check_release_limit(license, at=at, origin=origin)
        named_seats.take_away(license, named, reason=reason, at=at, origin=origin)
    return named
