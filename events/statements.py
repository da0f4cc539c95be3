"""The few hand-written statements of this app."""

from django.db import connection

_ENDED_BELOW = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
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
