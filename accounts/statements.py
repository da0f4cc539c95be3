"""The one hand-written statement of this app."""

from django.db import connection


def try_lock(name: bytes) -> bool:
    """
    Return whether this transaction now holds the lock of that name, without waiting for it.

    SQLite lets only one transaction write at a time, so whoever gets here holds every lock.
    """
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        number = int.from_bytes(name[:8], "big", signed=True)
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        return bool(cursor.fetchone()[0])
