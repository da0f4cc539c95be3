"""The few hand-written statements of this app."""

from dataclasses import dataclass

from django.db import connection

_TRANSACTIONS = """
SELECT pg_snapshot_xmin(now_)::text::bigint, pg_snapshot_xmax(now_)::text::bigint,
       coalesce(pg_current_xact_id_if_assigned()::text::bigint, 0)
FROM pg_current_snapshot() AS now_
"""


@dataclass(frozen=True, slots=True)
class Transactions:
    """Numbers of transactions, at one instant."""

    # Every one below has ended, and what it wrote is seen.
    settled_before: int
    # No one so high has begun to write.
    next: int
    own: int


def transactions() -> Transactions | None:
    """Return which have ended on PostgreSQL; None where only one writes at a time."""
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute(_TRANSACTIONS)
        return Transactions(*cursor.fetchone())
