"""The sweep that catches the status column up with the clock."""

import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from uuid_utils import uuid7

from events import trail
from events.models import Event
from licenses import statements, states
from licenses.models import License, StatusSweep
from licenses.models.license_queries import LicenseQuerySet
from licenses.services.lifecycle.writing import step_told
from licenses.states import GRACE_PERIOD_ENDED, Status

CHUNK = 2_000
PAGE = 50_000
# Whoever writes a licence writes its status by a clock of their own, as it was when they began:
# so far behind this one may it be without a licence of theirs having to wait for the night.
OVERLAP = timedelta(hours=1)
# A new version of a row goes where the old one lies, and touches no index, if there is room: a
# page keeps some for a row or two, and holds fewer than so many rows.
_ROWS_OF_A_PAGE = 16


def catch_up(*, at: datetime, chunk: int = CHUNK) -> int:
    """
    Write down every status that the clock has changed, with an event for each step, in order.

    Safe late, twice and in parallel: rows another sweep holds are left to it. No answer changes,
    since every door asks `status_at`; hence no revision and no snapshot is touched either.
    Returns how many licences moved. Every licence is looked at; `keep_up` is for every minute.
    """
    return sum(_sweep(page.behind_the_clock(at), at=at, chunk=chunk)[1] for page in _pages())


def keep_up(*, at: datetime, chunk: int = CHUNK) -> int:
    """
    Do what `catch_up` does, looking only at licences with a date since the last sweep.

    Where that was is written down once all that was found is moved; so one that was killed, or met
    a row that somebody held, is made good by the next. Without it, or with one from a future that
    did not come, every licence is looked at.
    """
    mark = StatusSweep.objects.first()
    since = None if mark is None or mark.swept_until > at else mark.swept_until - OVERLAP
    pages = _pages() if since is None else [License.objects.all()]
    swept = [_sweep(page.behind_the_clock(at, since=since), at=at, chunk=chunk) for page in pages]
    moved = sum(moved for _, moved in swept)
    if all(found == moved for found, moved in swept):
        StatusSweep.objects.update_or_create(id=1, defaults={"swept_until": at})
    return moved


def _pages() -> Iterator[LicenseQuerySet]:
    """Yield all licences by parts, each of which one statement looks through in a moment."""
    rest = License.objects.order_by("pk")
    while last := rest.values_list("pk", flat=True)[PAGE - 1 : PAGE].first():
        yield rest.filter(pk__lte=last)
        rest = License.objects.order_by("pk").filter(pk__gt=last)
    yield rest


def _sweep(behind: LicenseQuerySet, *, at: datetime, chunk: int) -> tuple[int, int]:
    """Move those licences; return how many were found, and how many of them moved."""
    ids = list(behind.order_by("pk").values_list("pk", flat=True))
    parts = min(len(ids), max(_ROWS_OF_A_PAGE, -(-len(ids) // chunk)))
    move = _in_one_statement if statements.on_postgresql() else _under_the_write_lock
    # Neighbours in different parts: between two transactions the old versions of one make room.
    return len(ids), sum(move(ids[start::parts], at=at) for start in range(parts))


# A licence that ran and whose grace is over too takes both steps at once, expiry first.
_SWEEP = """
WITH due AS (
    SELECT id, tenant_id, customer_id, status, expiry_date, grace_ends_at,
           status <> 'EXPIRED' AS expires,
           grace_ends_at > expiry_date AND grace_ends_at <= %(at)s AS grace_over
    FROM licenses_license
    WHERE id = ANY (%(ids)s::uuid[]) AND hold_code = '' AND revoked_at IS NULL AND (
        status IN ('PENDING', 'ACTIVE', 'INACTIVE') AND expiry_date <= %(at)s
        OR status = 'EXPIRED' AND grace_ends_at <= %(at)s AND grace_ends_at > expiry_date)
    FOR UPDATE SKIP LOCKED
), moved AS (
    UPDATE licenses_license
    SET status = CASE WHEN grace_ends_at > expiry_date AND grace_ends_at <= %(at)s
                      THEN 'SUSPENDED' ELSE 'EXPIRED' END
    -- As an array, or the planner reads the whole table to join a chunk of it.
    WHERE id = ANY (ARRAY(SELECT id FROM due)) RETURNING 1
), told AS (
    INSERT INTO events_event (
        event_id, type, occurred_at, recorded_at, tenant_id, customer_id, license_id, actor_kind,
        actor_id, actor_label_sealed, ip_address_sealed, changes, reason, request_id)
    SELECT (%(event_ids)s::uuid[])[row_number() OVER (ORDER BY id, step)], type, occurred_at,
           %(at)s, tenant_id, customer_id, id, 'system', '', '', '', changes, reason, ''
    FROM (
        SELECT id, tenant_id, customer_id, 1 AS step, 'license.expired' AS type,
               expiry_date AS occurred_at, '' AS reason,
               jsonb_build_object('status', jsonb_build_object(
                   'before', status, 'after', 'EXPIRED')) AS changes
        FROM due WHERE expires
        UNION ALL
        SELECT id, tenant_id, customer_id, 2, 'license.suspended', grace_ends_at, %(reason)s,
               jsonb_build_object('status', jsonb_build_object(
                   'before', 'EXPIRED', 'after', 'SUSPENDED'))
        FROM due WHERE grace_over
    ) steps ORDER BY id, step
)
SELECT count(*) FROM moved
"""


def _in_one_statement(ids: Sequence[uuid.UUID], *, at: datetime) -> int:
    parameters = {
        "at": at,
        "ids": statements.as_array(ids),
        # In the order of time, as everywhere, and two at most for each licence.
        "event_ids": statements.as_array(uuid7() for _ in range(2 * len(ids))),
        "reason": GRACE_PERIOD_ENDED,
    }
    moved: int = statements.fetch(_SWEEP, parameters)[0][0]
    return moved


@transaction.atomic
def _under_the_write_lock(ids: Sequence[uuid.UUID], *, at: datetime) -> int:
    behind = License.objects.behind_the_clock(at).filter(pk__in=ids).only(
        "id", "status", "tenant_id", "customer_id", "revoked_at", "hold_code", "expiry_date",
        "grace_ends_at",
    )  # fmt: skip
    moved: dict[Status, list[Any]] = {Status.EXPIRED: [], Status.SUSPENDED: []}
    events = []
    for license in behind:
        stored = license.status
        for status, occurred_at in states.steps_missed(stored, license, at):
            told = step_told(license, stored, status, occurred_at=occurred_at, at=at)
            events.append(Event(**trail.columns(**told)))
            stored = status.value
        moved[Status(stored)].append(license.pk)
    Event.objects.bulk_create(events, batch_size=500)
    for status, ids in moved.items():
        License.objects.filter(pk__in=ids).update(status=status.value)
    return sum(len(ids) for ids in moved.values())
