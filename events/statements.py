"""The few hand-written statements of this app."""

from dataclasses import dataclass

from django.db import connection

_LAST = """
SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence('events_event', 'sequence')), 0)
"""
# Whoever writes an event has locked the table before it draws a number, and keeps the lock until
# what it wrote is seen. Not by `pg_snapshot_xmin`: it waits for every database of the server.
_WRITERS = """
SELECT DISTINCT virtualtransaction FROM pg_locks
WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND granted AND pid <> pg_backend_pid()
    AND relation = 'events_event'::regclass
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
