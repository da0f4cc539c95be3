"""The sweep that catches the status column up with the clock."""

from datetime import datetime

from django.db import transaction

from events import trail
from events.models import Event
from licenses import states
from licenses.models import License
from licenses.states import GRACE_PERIOD_ENDED, Status

CHUNK = 2_000


def catch_up(*, at: datetime, chunk: int = CHUNK) -> int:
    """
    Write down every status that the clock has changed, with an event for each step, in order.

    Safe late, twice and in parallel: rows another sweep holds are left to it. No answer changes,
    since every door asks `status_at`; hence no revision and no snapshot is touched either.
    """
    total = 0
    while done := _catch_up_chunk(at=at, chunk=chunk):
        total += done
    return total


@transaction.atomic
def _catch_up_chunk(*, at: datetime, chunk: int) -> int:
    behind = (
        License.objects.behind_the_clock(at)
        .filter(hold_code="", revoked_at=None)
        .select_for_update(skip_locked=True)
        .only(
            "id",
            "status",
            "tenant_id",
            "customer_id",
            "revoked_at",
            "hold_code",
            "parked",
            "pending_cause",
            "expiry_date",
            "grace_ends_at",
            "revision",
        )
    )[:chunk]
    ids: dict[Status, list[object]] = {Status.EXPIRED: [], Status.SUSPENDED: []}
    events = []
    for license in behind:
        stored = license.status
        for status, occurred_at in states.steps_missed(stored, license, at):
            events.append(_step(license, stored, status, occurred_at=occurred_at, at=at))
            stored = status.value
        ids[Status(stored)].append(license.pk)
    Event.objects.bulk_create(events, batch_size=1_000)
    for status, moved in ids.items():
        License.objects.filter(pk__in=moved).update(status=status.value)
    return sum(len(moved) for moved in ids.values())


def _step(
    license: License, stored: str, status: Status, *, occurred_at: datetime, at: datetime
) -> Event:
    return Event(
        **trail.columns(
            "license.expired" if status == Status.EXPIRED else "license.suspended",
            at=at,
            occurred_at=occurred_at,
            origin=trail.SYSTEM,
            tenant_id=license.tenant_id,
            customer_id=license.customer_id,
            license_id=license.pk,
            changes={"status": (stored, status.value)},
            reason="" if status == Status.EXPIRED else GRACE_PERIOD_ENDED,
        )
    )
