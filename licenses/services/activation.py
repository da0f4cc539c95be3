"""Activating a device and letting it go, as DESIGN orders the checks."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import msgspec
from django.db import IntegrityError, transaction

from events import vault
from events.refusals import Refusal
from events.trail import Origin
from licenses.facts import LicenseFacts
from licenses.models import Activation, License
from licenses.selectors import snapshots, typed_keys
from licenses.selectors.snapshots import FINGERPRINT, Snapshot
from licenses.services import (
    admission,
    claims,
    freeing,
    holding,
    leases,
    lifecycle,
    places,
    refused,
    replacing,
    seats,
    trial_uses,
)
from licenses.services.binding import bind_license
from licenses.services.claims import Device, check_fingerprint
from licenses.services.lifecycle.writing import lock
from licenses.services.metadata import check_metadata
from licenses.services.places import Place
from licenses.services.release_limit import check_release_limit
from licenses.services.seats import NoSeat, SeatRequest
from licenses.services.tokens import token_for
from licenses.states import PendingCause
from licenses.terms import LicenseType

_JUDGED_ANEW = 5
_FULL = "ACTIVATION_LIMIT_EXCEEDED"


@dataclass(frozen=True, slots=True)
class Activated:
    """A device's activation, the licence it stands on, and the token that now is its credential."""

    snapshot: Snapshot
    token: str
    is_new: bool


def activate_device(*, key: str, device: Device, at: datetime, origin: Origin) -> Activated:
    """
    Give a device a seat, or return the one it holds with the same token.

    Nothing is written on refusal, and a repeat by the same device writes nothing either, but for
    its lease, and for units it declares that it did not declare before.

    :raises INVALID_LICENSE_KEY_FORMAT: if the key has no form of ours or a typing error
    :raises LICENSE_NOT_FOUND: if it is unknown
    :raises INVALID_FINGERPRINT: if the fingerprint would be shared by many devices
    :raises USER_IDENTITY_REQUIRED: if names hold the seats and none is said
    :raises LICENSE_REVOKED DEVICE_BLACKLISTED LICENSE_SUSPENDED LICENSE_PENDING LICENSE_INACTIVE
        LICENSE_EXPIRED: by the clock
    :raises RESTRICTED_COUNTRY RESTRICTED_DOMAIN RESTRICTED_IP RESTRICTED_MAC RESTRICTED_HARDWARE
        RESTRICTED_TIME: if it may not run there, on that, or now
    :raises VERSION_NOT_COVERED: if its version came out after the licence's maintenance
    :raises TRIAL_ALREADY_USED: if the device has had a trial of the product
    :raises BORROW_NOT_ALLOWED: if the licence lends no seat, or not for so long
    :raises ACTIVATION_LIMIT_EXCEEDED: if every seat is taken
    :raises REPLACE_TOKEN_INVALID RELEASE_LIMIT: if it may not take another device's place
    :raises TRY_AGAIN: if the licence kept changing meanwhile
    """
    canonical = typed_keys.canonical(key)
    if canonical is None:
        raise Refusal("INVALID_LICENSE_KEY_FORMAT")
    fingerprint = vault.digest(FINGERPRINT, device.fingerprint)
    found = snapshots.by_key(canonical, fingerprint=fingerprint)
    if found is None:
        raise Refusal("LICENSE_NOT_FOUND")
    found = snapshots.with_release(found, device.version)
    return activate_found(found=found, device=device, at=at, origin=origin)


def activate_found(*, found: Snapshot, device: Device, at: datetime, origin: Origin) -> Activated:
    """
    Give a device a seat of a licence that was found by its key; the rest of `activate_device`.

    A copy of the licence will do: whatever it could be wrong about is looked at in the row before
    anything is refused or written.
    """
    fingerprint = vault.digest(FINGERPRINT, device.fingerprint)
    check_metadata(device.metadata or {})
    claims.check_numbers(device)
    try:
        check_fingerprint(device.fingerprint)
        return judge_and_take(found, device, fingerprint, at=at, origin=origin)
    except Refusal as refusal:
        refused.note(found, refusal.code, fingerprint=fingerprint, at=at, origin=origin)
        raise


@transaction.atomic
def deactivate(
    *, activation_id: uuid.UUID, reason: str, at: datetime, origin: Origin
) -> Activation:
    """
    Free an activation's seat; one that is free already is returned as it is.

    :raises ACTIVATION_NOT_FOUND: if there is none
    :raises RELEASE_LIMIT: if too many devices of the licence were freed in 30 days
    """
    license_id = Activation.objects.filter(pk=activation_id).values_list("license_id", flat=True)
    # The licence's row first, always: the other order deadlocks with an activation in progress.
    license = License.objects.select_for_update().filter(pk__in=license_id).first()
    if license is None:
        raise Refusal("ACTIVATION_NOT_FOUND")
    activation = Activation.objects.select_for_update().get(pk=activation_id)
    if activation.live:
        check_release_limit(license, at=at, origin=origin)
        freeing.release(license, activation, reason=reason[:500], at=at, origin=origin)
    activation.license = license
    return activation


def judge_and_take(
    found: Snapshot, device: Device, fingerprint: bytes, *, at: datetime, origin: Origin
) -> Activated:
    """Give a device a seat, or what it holds; `activate_found` notes what is refused."""
    for _ in range(_JUDGED_ANEW):
        device = places.as_named(found, device)
        refusal = admission.refusal(found, device, at=at)
        if refusal and found.cached:
            found = _as_it_is(found, device, fingerprint)
            continue
        if refusal:
            raise refusal
        try:
            act = _again if places.stands(found, device) else _take
            if (done := act(found, device, fingerprint, at=at, origin=origin)) is not None:
                return done
        except IntegrityError:
            # The device raced itself; the seat it took is there now.
            pass
        except Refusal as full:
            if full.code == _FULL:
                full.details |= replacing.offered(found.license, fingerprint, at=at)
            raise
        found = _as_it_is(found, device, fingerprint)
    raise Refusal("TRY_AGAIN", retry_after=1)


def _as_it_is(found: Snapshot, device: Device, fingerprint: bytes) -> Snapshot:
    """Return what the row says now; a key that was reissued meanwhile is unknown."""
    again = snapshots.load_by_key(found.license.key_digest, fingerprint=fingerprint)
    if again is None:
        raise Refusal("LICENSE_NOT_FOUND")
    return snapshots.with_release(again, device.version)


def _take(
    found: Snapshot, device: Device, fingerprint: bytes, *, at: datetime, origin: Origin
) -> Activated | None:
    """Take a seat as judged, or return None where the licence changed and must be judged anew."""
    facts = found.license
    waits = facts.pending_cause == PendingCause.FIRST_ACTIVATION
    starts = waits or facts.license_type == LicenseType.TRIAL or facts.bind_on_first_activation
    if starts or places.must_be_prepared(found, device):
        return _start_and_take(found, device, fingerprint, at=at, origin=origin)
    return _take_seat(found, device, fingerprint, Place(), at=at, origin=origin)


@transaction.atomic
def _start_and_take(
    found: Snapshot, device: Device, fingerprint: bytes, *, at: datetime, origin: Origin
) -> Activated | None:
    """
    Start the licence, tie it, make room and take the seat in one transaction: none stands alone.
    """
    facts = found.license
    if lock(facts.id, at=at).revision != facts.revision:
        # Another device was first, or the terms changed: this one is to be judged anew.
        return None
    started = lifecycle.start_license(license_id=facts.id, at=at, origin=origin)
    if facts.license_type == LicenseType.TRIAL:
        trial_uses.note_device(started, fingerprint, at=at)
    hardware = device.hardware_id or device.fingerprint
    bind_license(started, domain=device.domain, hardware=hardware, at=at, origin=origin)
    place = places.prepare(started, found, device, fingerprint, at=at, origin=origin)
    if place is None:
        transaction.set_rollback(True)
        return None
    if started.revision != facts.revision:
        again = snapshots.load_by_key(facts.key_digest, fingerprint=fingerprint)
        if again is None or again.device is not None:
            transaction.set_rollback(True)
            return None
        found = again
    done = _take_seat(found, device, fingerprint, place, at=at, origin=origin)
    if done is None:
        # Neither the start nor the room made must outlive the seat they were for.
        transaction.set_rollback(True)
    return done


def _take_seat(
    found: Snapshot,
    device: Device,
    fingerprint: bytes,
    place: Place,
    *,
    at: datetime,
    origin: Origin,
) -> Activated | None:
    facts = found.license
    request, token = claims.claim(
        facts, device, fingerprint, named=place.named, at=at, origin=origin
    )
    if place.freed:
        # A seat that changes hands reaches no share that was not reached before.
        request = msgspec.structs.replace(request, sold=None)
    seat = seats.take_seat(request)
    if seat.is_new:
        taken = claims.snapshot_after(request, facts, seat.taken, named=place.named)
        return Activated(taken, token, is_new=True)
    if seat.revision != facts.revision or seat.barred or seat.held_id is not None:
        return None
    if request.capacity is None or seat.taken + request.units <= request.capacity:
        # No seat, and nothing seen that explains it: the row changed while the statement waited.
        return None
    if facts.lease_length is not None:
        return _take_after_the_lapsed(facts, request, token, place)
    raise _full(facts, seat.taken + place.freed, at=request.at)


@transaction.atomic
def _take_after_the_lapsed(
    facts: LicenseFacts, request: SeatRequest, token: str, place: Place
) -> Activated | None:
    """Take back what lapsed leases still hold and try once more; a refusal takes it all back."""
    license = License.objects.select_for_update().get(pk=facts.id)
    if license.revision != facts.revision:
        return None
    leases.release_lapsed([license], at=request.at)
    # Taking back may have raised the revision; it is under our lock, and what was judged stands.
    seat = seats.take_seat(msgspec.structs.replace(request, revision=license.revision))
    if seat.is_new:
        taken = claims.snapshot_after(request, facts, seat.taken)
        return Activated(taken, token, is_new=True)
    if seat.barred or seat.held_id is not None:
        return None
    raise _full(facts, seat.taken + place.freed, at=request.at, units=request.units)


def _again(
    found: Snapshot, device: Device, fingerprint: bytes, *, at: datetime, origin: Origin
) -> Activated | None:
    """Return what the device holds, or None where it changed and must be judged anew."""
    declared = claims.declared_units(found.license, device)
    keep = partial(
        holding.keep,
        declared=declared,
        borrow_days=device.borrow_days,
        offline=device.offline,
        at=at,
        origin=origin,
    )
    try:
        kept = places.keep(found, device, fingerprint, keep, at=at, origin=origin)
    except NoSeat as none:
        raise _full(found.license, none.taken, at=at) from None
    if kept is None:
        return None
    assert kept.device is not None  # noqa: S101 - the caller has looked
    token = token_for(
        kept.device.id,
        generation=kept.device.token_generation,
        version=kept.device.token_key_version,
    )
    return Activated(kept, token, is_new=False)


def _full(facts: LicenseFacts, taken: int, *, at: datetime, units: int = 1) -> Refusal:
    told = {"current_activations": taken, "max_activations": facts.max_activations}
    if facts.lease_length is not None and facts.capacity is not None:
        short = max(1, taken + units - facts.capacity)
        if (again := leases.room_in(facts.id, short, at=at)) is not None:
            told["retry_after"] = again
    return Refusal(_FULL, **told)
