"""The same device again: it keeps its seat, takes the difference, or gives back."""

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec
from django.db import transaction

from events import trail
from events.refusals import Refusal
from events.trail import Origin
from licenses.facts import DeviceFacts, LicenseFacts
from licenses.models import Activation, License
from licenses.selectors import entry, snapshots
from licenses.selectors.snapshots import Snapshot
from licenses.services import leases, seat_counter
from licenses.services.forgetting import forget
from licenses.services.seats import NoSeat
from licenses.terms import ActivationType
from licenses.validation import Verdict

# Borrowing that reaches no further than this is the same request once more.
_REPEATED = timedelta(hours=1)
_TRIES = 3
_TOLD = ("units", "declared_units", "borrowed_until", "activation_type", "valid_until")

Judge = Callable[[Snapshot], tuple[Snapshot, Verdict]]


def needs_word(facts: LicenseFacts, device: DeviceFacts) -> bool:
    """Return whether anything is written when the device is heard of."""
    online = device.activation_type == ActivationType.ONLINE
    leased = facts.lease_length is not None or device.lease_expires_at is not None
    return online and (leased or facts.require_heartbeat)


def keep(
    found: Snapshot,
    *,
    declared: int | None = None,
    borrow_days: int | None = None,
    offline: bool | None = None,
    at: datetime,
    origin: Origin,
) -> Snapshot | None:
    """
    Let a device that is heard of keep its seat, with the units it declares now.

    `offline`: it is to hold its seat without a network from now on, or with one; None leaves that.

    None where the licence or the device changed meanwhile, which is to be judged anew.

    :raises BORROW_NOT_ALLOWED: if the licence lends nothing, or not for so long, or the device
        holds no seat
    :raises NoSeat: if the lease has lapsed, or more units are asked for, and none is free
    """
    facts, device = found.license, found.device
    assert device is not None  # noqa: S101 - a device asks
    if borrow_days is not None and device.emergency_only:
        raise Refusal("BORROW_NOT_ALLOWED")
    leased = facts.lease_length is not None
    same = declared in (None, device.declared_units) and borrow_days is None
    # An offline device that asks again gets until today's end, be it the same device or not.
    same = same and not offline and offline in (None, device.offline)
    if same and not needs_word(facts, device):
        return found
    same = same and leased == (device.lease_expires_at is not None)
    if same and (renewed := leases.renew(found, at=at)) is not None:
        return renewed
    return _keep_locked(
        found,
        device,
        declared=declared,
        borrow_days=borrow_days,
        offline=offline,
        at=at,
        origin=origin,
    )


def keep_heard(
    found: Snapshot,
    verdict: Verdict,
    *,
    borrow_days: int | None,
    judge: Judge,
    boot: bytes,
    at: datetime,
    origin: Origin,
) -> tuple[Snapshot, Verdict]:
    """
    Let a device that sent a heartbeat keep its seat, unless more than its silence is wrong.

    :raises BORROW_NOT_ALLOWED: if the licence lends nothing, or not for so long
    """
    for _ in range(_TRIES):
        if found.device is None or not verdict.good_but_for_silence:
            break
        if borrow_days is None and not needs_word(found.license, found.device):
            break
        try:
            kept = keep(found, borrow_days=borrow_days, at=at, origin=origin)
        except NoSeat:
            again = leases.room_in(found.license.id, 1, at=at)
            verdict = msgspec.structs.replace(verdict, retry_after=again)
            break
        if kept is not None:
            entry.keep(kept, boot)
            return (kept, verdict) if verdict.valid else judge(kept)
        found, verdict = judge(snapshots.reloaded(found))
    return found, verdict


@transaction.atomic
def _keep_locked(
    found: Snapshot,
    device: DeviceFacts,
    *,
    declared: int | None,
    borrow_days: int | None,
    offline: bool | None,
    at: datetime,
    origin: Origin,
) -> Snapshot | None:
    facts = found.license
    # The licence's row first, as everywhere.
    license = License.objects.select_for_update().get(pk=facts.id)
    row = Activation.objects.select_for_update().get(pk=device.id)
    changed = license.revision != facts.revision or row.token_generation != device.token_generation
    if changed or not row.live:
        return None
    before = {name: getattr(row, name) for name in _TOLD}
    lapsed = row.lapsed_at(at)
    if declared is not None:
        row.declared_units = declared
    _take_difference(license, row, lapsed=lapsed, at=at, origin=origin)
    if offline is not None:
        _set_offline(row, facts, offline, at=at)
    if not row.offline:
        _set_lease(row, facts, borrow_days, lapsed=lapsed, at=at)
    changes = {
        name: (value, getattr(row, name))
        for name, value in before.items()
        if value != getattr(row, name)
    }
    row.revision += 1 if changes else 0
    row.save(update_fields=[*before, "lease_expires_at", "heartbeat_due_at", "revision"])
    if changes:
        _tell(license, row, changes, at=at, origin=origin)
        forget(row)
    return snapshots.by_token(bytes(row.token_digest))


def _set_offline(row: Activation, facts: LicenseFacts, offline: bool, *, at: datetime) -> None:
    """Let a device do without a network, which ends its lease, or be heard of again."""
    if not offline:
        row.activation_type, row.valid_until = ActivationType.ONLINE, None
        return
    row.activation_type = ActivationType.OFFLINE
    row.valid_until = facts.offline_until(at)
    row.lease_expires_at = row.borrowed_until = row.heartbeat_due_at = None


def _take_difference(
    license: License, row: Activation, *, lapsed: bool, at: datetime, origin: Origin
) -> None:
    """Move the counter from what a device held to what it holds now, if that is free."""
    more = row.units_wanted - row.units
    if more > 0 or lapsed:
        # A lapsed lease holds nothing by right, whether or not its seat was taken back yet.
        if not _fits(license, more):
            leases.release_lapsed([license], at=at, but=row.pk)
        if not _fits(license, more):
            raise NoSeat(license.current_activations)
    if more:
        seat_counter.move(license, more, at=at, origin=origin)
        row.units = row.units_wanted


def _fits(license: License, more: int) -> bool:
    capacity = license.capacity
    return capacity is None or license.current_activations + more <= capacity


def _set_lease(
    row: Activation, facts: LicenseFacts, borrow_days: int | None, *, lapsed: bool, at: datetime
) -> None:
    """Renew a lease; one that reaches further, being borrowed, is never shortened."""
    lease = leases.lease_of(facts, borrow_days=borrow_days, at=at)
    if lapsed or lease.expires_at is None:
        row.borrowed_until = None
    held = row.lease_expires_at
    row.lease_expires_at = lease.expires_at
    if lease.expires_at is not None and held is not None:
        row.lease_expires_at = max(held, lease.expires_at)
    until = lease.borrowed_until
    if until and (row.borrowed_until is None or until > row.borrowed_until + _REPEATED):
        row.borrowed_until = until
    row.heartbeat_due_at = leases.heartbeat_due(facts, at=at)


def _tell(
    license: License, row: Activation, changes: trail.Changes, *, at: datetime, origin: Origin
) -> None:
    borrowed = "borrowed_until" in changes and row.borrowed_until is not None
    trail.record(
        "activation.borrowed" if borrowed else "activation.updated",
        at=at,
        origin=origin,
        tenant_id=license.tenant_id,
        customer_id=license.customer_id,
        license_id=license.pk,
        activation_id=row.pk,
        changes=changes,
    )
