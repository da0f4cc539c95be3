"""The sweep that catches the status column up with the clock."""

from datetime import datetime
from typing import Any

from django.db import transaction

from events import trail
from events.models import Event
from licenses import statements, states
from licenses.models import License
from licenses.services.lifecycle.writing import step_told
from licenses.states import GRACE_PERIOD_ENDED, Status

CHUNK = 2_000


def catch_up(*, at: datetime, chunk: int = CHUNK) -> int:
    """
    Write down every status that the clock has changed, with an event for each step, in order.

    Safe late, twice and in parallel: rows another sweep holds are left to it. No answer changes,
    since every door asks `status_at`; hence no revision and no snapshot is touched either.
    Returns how many licences moved.
    """
    sweep = _in_one_statement if statements.on_postgresql() else _under_the_write_lock
    total = 0
    while moved := sweep(at=at, chunk=chunk):
        total += moved
    return total


# A licence that ran and whose grace is over too takes both steps at once, expiry first.
_SWEEP = """
WITH due AS (
    SELECT id, tenant_id, customer_id, status, expiry_date, grace_ends_at,
           status <> 'EXPIRED' AS expires,
           grace_ends_at > expiry_date AND grace_ends_at <= %(at)s AS grace_over
    FROM licenses_license
    WHERE hold_code = '' AND revoked_at IS NULL AND (
        status IN ('PENDING', 'ACTIVE', 'INACTIVE') AND expiry_date <= %(at)s
        OR status = 'EXPIRED' AND grace_ends_at <= %(at)s AND grace_ends_at > expiry_date)
    LIMIT %(chunk)s FOR UPDATE SKIP LOCKED
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
    SELECT gen_random_uuid(), type, occurred_at, %(at)s, tenant_id, customer_id, id, 'system',
           '', '', '', changes, reason, ''
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


def _in_one_statement(*, at: datetime, chunk: int) -> int:
    parameters = {"at": at, "chunk": chunk, "reason": GRACE_PERIOD_ENDED}
    moved: int = statements.fetch(_SWEEP, parameters)[0][0]
    return moved


@transaction.atomic
def _under_the_write_lock(*, at: datetime, chunk: int) -> int:
    behind = License.objects.behind_the_clock(at).only(
        "id", "status", "tenant_id", "customer_id", "revoked_at", "hold_code", "expiry_date",
        "grace_ends_at",
    )[:chunk]  # fmt: skip
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
