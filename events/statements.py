"""The few hand-written statements of this app."""

from dataclasses import dataclass

from django.db import connection

# The server's own answer, pg_snapshot_xmin, waits for the transactions of every database on it; it
# is what we take where we may not see who is at work in ours. The snapshot is older than the list
# of who runs, so whoever is in neither has ended. Numbers of 32 bits come round: half a circle or
# more behind means begun after the snapshot.
_ENDED_BELOW = """
SELECT CASE
    WHEN bool_or(hidden) THEN min(oldest)
    ELSE min(next) - coalesce(max((next - xid) & 4294967295)
        FILTER (WHERE (next - xid) & 4294967295 < 2147483648), 0)
END
FROM (
    SELECT pg_snapshot_xmin(now)::text::bigint AS oldest,
        pg_snapshot_xmax(now)::text::bigint AS next
    FROM pg_current_snapshot() AS now
) AS snapshot
LEFT JOIN (
    SELECT backend_xid::text::bigint AS xid, query = '<insufficient privilege>' AS hidden
    FROM pg_stat_activity WHERE datname = current_database()
    UNION ALL
    SELECT transaction::text::bigint, false
    FROM pg_prepared_xacts WHERE database = current_database()
) AS running ON true
"""
# `+ 0` keeps the planner from walking the trail from its beginning to the first that fits.
_FIRST_OF = """
SELECT min(sequence + 0) FROM events_event
WHERE transaction_id >= %s AND transaction_id < %s AND sequence > %s
"""


def ended_below() -> int | None:
    """
    Return a number below which every transaction has ended, and its events can be seen.

    None on SQLite, which writes one transaction at a time: there the sequence itself is the order.
    """
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute(_ENDED_BELOW)
        number: int = cursor.fetchone()[0]
    return number


def first_event_of(passed: int, until: int, *, beyond: int) -> int | None:
    """Return the first event, beyond one, of the transactions from one number up to another."""
    with connection.cursor() as cursor:
        cursor.execute(_FIRST_OF, [passed, until, beyond])
        number: int | None = cursor.fetchone()[0]
    return number


_LAST = """
SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence('events_event', 'sequence')), 0)
"""
# Whoever writes an event has locked the table before it draws a number, and keeps the lock until
# what it wrote is seen; one that is prepared to be committed has no process any more. Not by
# `pg_snapshot_xmin`: it waits for every database of the server.
_WRITERS = """
SELECT DISTINCT virtualtransaction FROM pg_locks
WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND granted
    AND pid IS DISTINCT FROM pg_backend_pid() AND relation = 'events_event'::regclass
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


@dataclass(frozen=True, slots=True)
class Writing:
    """Up to which number events have been begun, and by whom some may yet be committed."""

    last: int
    writers: frozenset[str]


def writing() -> Writing | None:
    """Return what is being written to the trail; None where only one writes at a time."""
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        # In this order: who drew such a number is seen to write, or to have ended.
        cursor.execute(_LAST)
        last = int(cursor.fetchone()[0])
        cursor.execute(_WRITERS)
        return Writing(last, frozenset(name for (name,) in cursor.fetchall()))
