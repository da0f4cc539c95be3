"""Leases: how long they are, what renews one, and what becomes of those that have lapsed."""

import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from django.db.models import F, Value
from django.db.models.functions import Greatest

from events import trail
from events.models import Event
from events.refusals import Refusal
from licenses import statements, terms, ways_out
from licenses.facts import LicenseFacts
from licenses.models import Activation, License
from licenses.selectors.snapshots import Snapshot
from licenses.services import seat_counter
from licenses.services.forgetting import forget

# Who needs more units than so many leases hold is not told when they are free.
_MOST_LOOKED_AT = 200


class Lease(NamedTuple):
    """Until when a device holds its seat unheard of; both None where it keeps it for good."""

    expires_at: datetime | None
    borrowed_until: datetime | None


def lease_of(facts: LicenseFacts, *, borrow_days: int | None, at: datetime) -> Lease:
    """
    Return the lease that a device gets now; borrowed for days, it ends with the licence's grace.

    :raises BORROW_NOT_ALLOWED: if the licence lends nothing, or not for so long
    """
    length = facts.lease_length
    if refusal := refusal_to_lend(facts, borrow_days):
        raise refusal
    if length is None:
        return Lease(None, None)
    if borrow_days is None:
        return Lease(at + length, None)
    until = at + timedelta(days=borrow_days)
    if facts.ends_at is not None:
        until = min(until, facts.ends_at)
    return Lease(max(at + length, until), until)


def refusal_to_lend(facts: LicenseFacts, borrow_days: int | None) -> Refusal | None:
    """Return why a seat is not lent for so long, or None."""
    if borrow_days is None:
        return None
    most = facts.max_borrow_days
    if facts.lease_length is None or most is None:
        return Refusal("BORROW_NOT_ALLOWED")
    return Refusal("BORROW_NOT_ALLOWED", max_borrow_days=most) if borrow_days > most else None


def heartbeat_due(facts: LicenseFacts | License, *, at: datetime) -> datetime | None:
    """Return from when on a device heard of now is silent; None where nobody asks."""
    if not facts.require_heartbeat:
        return None
    return at + timedelta(seconds=terms.MISSED_BEATS * facts.heartbeat_interval_seconds)


def room_in(license_id: uuid.UUID, short: int, *, at: datetime) -> int | None:
    """Return in how many seconds leases that nobody renews free so many units; None for never."""
    held = Activation.objects.live().filter(
        license=license_id, units__gt=0, lease_expires_at__gt=at
    )
    ends = held.order_by("lease_expires_at").values_list("lease_expires_at", "units")
    for end, units in ends[:_MOST_LOOKED_AT]:
        short -= units
        if short <= 0 and end is not None:
            return ways_out.seconds_until(end, at)
    return None


def renew(found: Snapshot, *, at: datetime) -> Snapshot | None:
    """
    Renew in one statement what a device holds, or return None where it is not as the copy says.

    It raises no revision: a copy knows of a lease that ends sooner than the row's, and what a copy
    refuses is looked up in the row.
    """
    facts, device = found.license, found.device
    assert device is not None  # noqa: S101 - a device asks
    until = lease_of(facts, borrow_days=None, at=at).expires_at
    due = heartbeat_due(facts, at=at)
    told: dict[str, Any] = {}
    if until is not None:
        told["lease_expires_at"] = max(until, device.lease_expires_at or at)
    if due is not None:
        told["heartbeat_due_at"] = due
    if told and not _lengthen(device.id, until, due, at=at):
        return None
    return found._replace(device=msgspec.structs.replace(device, **told))


# What was borrowed for longer stays so.
_LENGTHEN = """
UPDATE licenses_activation
SET lease_expires_at = greatest(lease_expires_at, %(until)s::timestamptz),
    heartbeat_due_at = coalesce(%(due)s::timestamptz, heartbeat_due_at)
WHERE id = %(id)s AND deactivated_at IS NULL
  AND (%(until)s::timestamptz IS NULL OR units > 0 AND lease_expires_at > %(at)s)
"""


def _lengthen(
    activation_id: uuid.UUID, until: datetime | None, due: datetime | None, *, at: datetime
) -> int:
    """Write what a heartbeat renews; 0 where the device has nothing that it could."""
    if statements.on_postgresql():
        return statements.run(
            _LENGTHEN, {"id": activation_id, "until": until, "due": due, "at": at}
        )
    rows = Activation.objects.live().filter(pk=activation_id)
    changes: dict[str, Any] = {}
    if until is not None:
        rows = rows.filter(units__gt=0, lease_expires_at__gt=at)
        changes["lease_expires_at"] = Greatest(F("lease_expires_at"), Value(until))
    if due is not None:
        changes["heartbeat_due_at"] = due
    return rows.update(**changes)


def release_lapsed(licenses: Sequence[License], *, at: datetime, but: Any = None) -> int:
    """
    Take back the seats of lapsed leases of locked licences; return how many there were.

    The devices stay known: who is heard of again takes a seat again, as long as one is free.
    """
    rows = list(
        Activation.objects.lapsed(at)
        .filter(license__in=licenses)
        .exclude(pk=but)
        .select_for_update()
        .order_by("pk")
    )
    if not rows:
        return 0
    freed: Counter[Any] = Counter()
    for row in rows:
        freed[row.license_id] += row.units
    owners = {license.pk: license for license in licenses if freed[license.pk]}
    Event.objects.bulk_create(
        [_lapsed(row, owners[row.license_id], at=at) for row in rows], batch_size=1_000
    )
    for row in rows:
        row.units, row.revision = 0, row.revision + 1
    Activation.objects.filter(pk__in=[row.pk for row in rows]).update(
        units=0, revision=F("revision") + 1
    )
    over = [license for license in owners.values() if seat_counter.over(license)]
    for license in over:
        license.revision += 1
    for license in owners.values():
        license.current_activations -= freed[license.pk]
    License.objects.bulk_update(owners.values(), ["current_activations", "revision"])
    forget(*rows, *over)
    return len(rows)


def _lapsed(row: Activation, license: License, *, at: datetime) -> Event:
    return Event(
        **trail.columns(
            "activation.lease_expired",
            at=at,
            occurred_at=row.lease_expires_at,
            origin=trail.SYSTEM,
            tenant_id=license.tenant_id,
            customer_id=license.customer_id,
            license_id=license.pk,
            activation_id=row.pk,
            changes={"units": (row.units, 0)},
        )
    )
