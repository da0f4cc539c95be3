"""What must end, or be given, before a device takes its place on a locked licence."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec
from django.db import transaction

from events.trail import Origin
from licenses.models import License, NamedUser
from licenses.selectors.snapshots import Snapshot
from licenses.services import freeing, named_seats, replacing
from licenses.services.claims import Device
from licenses.services.lifecycle.writing import lock
from licenses.services.release_limit import ACTIVATED, USER_CHANGED
from licenses.services.seats import NoSeat


@dataclass(frozen=True, slots=True)
class Place:
    """The name whose device it is to be, and the units that were given back for it."""

    named: NamedUser | None = None
    freed: int = 0


def as_named(found: Snapshot, device: Device) -> Device:
    """
    Return the device with its user's name as names are kept; where devices hold the seats, as is.

    :raises USER_IDENTITY_REQUIRED VALIDATION_ERROR: if that is no name
    """
    if not found.license.held_by_names:
        return device
    return replace(device, user_identity=named_seats.read(device.user_identity))


def stands(found: Snapshot, device: Device) -> bool:
    """
    Return whether a device has its place already: where names hold the seats, under its own.

    An emergency code gave it none.
    """
    if found.device is None or found.device.emergency_only:
        return False
    named = found.license.held_by_names
    return not named or found.device.user_identity == device.user_identity


def must_be_prepared(found: Snapshot, device: Device) -> bool:
    """Return whether more than a seat is taken when this device comes."""
    changes_over = found.device is not None and found.device.emergency_only
    return found.license.held_by_names or changes_over or bool(device.replace_token)


def prepare(
    license: License,
    found: Snapshot,
    device: Device,
    fingerprint: bytes,
    *,
    at: datetime,
    origin: Origin,
) -> Place | None:
    """
    Make room for a device whose licence is full, or give its user a name on the licence.

    None where the device has a seat that `found` does not tell of: it needs no other's.

    A device that stands under another name, or was let in by an emergency code, changes over: it
    is signed out there, and both names keep their seats.

    :raises ACTIVATION_LIMIT_EXCEEDED: if the name is new and every seat has one
    :raises REPLACE_TOKEN_INVALID RELEASE_LIMIT: if it may not take the other's place
    """
    freed = 0
    if device.replace_token:
        own = license.activations.live().filter(fingerprint_digest=fingerprint)
        if found.device is None and own.exists():
            return None
        freed = replacing.make_room(
            license, fingerprint, device.replace_token, at=at, origin=origin
        )
    if found.device is not None:
        held = license.activations.live().select_for_update().filter(pk=found.device.id).first()
        if held is not None:
            reason = ACTIVATED if held.emergency_only else USER_CHANGED
            freeing.release(license, held, reason=reason, at=at, origin=origin)
            freed += held.units
    if not license.held_by_names:
        return Place(freed=freed)
    named, _ = named_seats.give(license, device.user_identity, at=at, origin=origin)
    return Place(named, freed)


def keep(
    found: Snapshot,
    device: Device,
    fingerprint: bytes,
    hold: Callable[[Snapshot], Snapshot | None],
    *,
    at: datetime,
    origin: Origin,
) -> Snapshot | None:
    """
    Let a device keep what it has, by `hold`; where that is too little, with what another had.

    :raises NoSeat: if none is free, and no token takes another's or that would not do either
    :raises REPLACE_TOKEN_INVALID RELEASE_LIMIT: if it may not take the other's place
    """
    try:
        return hold(found)
    except NoSeat:
        if not device.replace_token:
            raise
        return _keep_in_anothers(found, device, fingerprint, hold, at=at, origin=origin)


@transaction.atomic
def _keep_in_anothers(
    found: Snapshot,
    device: Device,
    fingerprint: bytes,
    hold: Callable[[Snapshot], Snapshot | None],
    *,
    at: datetime,
    origin: Origin,
) -> Snapshot | None:
    license = lock(found.license.id, at=at)
    if license.revision != found.license.revision:
        return None
    freed = replacing.make_room(license, fingerprint, device.replace_token, at=at, origin=origin)
    # Making room may have raised the revision; it is under our lock, and what was judged stands.
    facts = msgspec.structs.replace(found.license, revision=license.revision)
    try:
        kept = hold(found._replace(license=facts))
    except NoSeat as none:
        raise NoSeat(none.taken + freed) from None
    if kept is None:
        transaction.set_rollback(True)
    return kept
