"""Rolling up use by hour and day: set-based, and adding nothing twice however often it runs."""

from datetime import datetime, timedelta

from django.db import connection, transaction

from licenses import statements
from licenses.models import UsageRollup
from licenses.models.series import Grain
from licenses.models.usage import COUNTERS, FEATURE_USAGE, LAST_USED_AT

CHUNK = 5_000
HOURS_KEPT = timedelta(days=92)


def roll_up(*, chunk: int = CHUNK) -> int:
    """
    Add what was counted and told since the last time to the hour and the day of its last change.

    Each row remembers how much of it is rolled up already, and is marked in the transaction that
    writes the roll-up; so a run that comes late, twice or beside another adds nothing twice and
    loses nothing. Returns how many rows were rolled up.
    """
    total = 0
    for once in (_told_sql(), _counted_sql()):
        while rolled := _run(once, chunk):
            total += rolled
    return total


def prune_hours(*, at: datetime) -> int:
    """Delete the hours of three months ago, of which the days tell enough; return how many."""
    return UsageRollup.objects.filter(grain=Grain.HOUR, starts_at__lt=at - HOURS_KEPT).delete()[0]


_IS_COUNTER = (
    "(metric IN ("
    + ", ".join(f"'{name}'" for name in sorted(COUNTERS))
    + f") OR metric LIKE '{FEATURE_USAGE}.%%')"
)
# What devices told: counters by their growth, gauges by the highest that any device showed.
_TOLD = f"""
    SELECT t.id, a.license_id, 'TOLD' AS source, t.metric, {_IS_COUNTER} AS adds,
           CASE WHEN {_IS_COUNTER} THEN t.total - t.rolled ELSE t.total END AS value,
           t.total AS reached, t.updated_at
    FROM licenses_usagetotal t JOIN licenses_activation a ON a.id = t.activation_id
    WHERE t.due
"""  # noqa: S608 - words of our own
_COUNTED = """
    SELECT t.id, t.license_id, 'QUOTA' AS source, t.feature_id AS metric, true AS adds,
           t.used - t.rolled AS value, t.used AS reached, t.updated_at
    FROM licenses_quotacounter t WHERE t.due
"""
_INTO = """
INSERT INTO licenses_usagerollup AS r (license_id, grain, starts_at, source, metric, value)
SELECT license_id, grain, starts_at, source, metric,
       CASE WHEN adds THEN sum(value) ELSE max(value) END
FROM ({rows}) stretches
WHERE metric <> '{untold}'
GROUP BY license_id, grain, starts_at, source, metric, adds
HAVING NOT adds OR sum(value) <> 0
ORDER BY license_id, grain, starts_at, source, metric
ON CONFLICT (license_id, grain, starts_at, source, metric) DO UPDATE
SET value = CASE WHEN excluded.source = 'QUOTA' OR {is_counter}
                 THEN r.value + excluded.value ELSE {greatest}(r.value, excluded.value) END
"""
_STRETCHES = """
    SELECT due.*, 'HOUR' AS grain, {hour} AS starts_at FROM due
    UNION ALL SELECT due.*, 'DAY', {day} FROM due
"""
_ON_POSTGRESQL = """
WITH due AS ({due} ORDER BY t.id LIMIT %(chunk)s FOR UPDATE OF t SKIP LOCKED), done AS (
    UPDATE {table} t SET rolled = due.reached, due = false FROM due WHERE t.id = due.id
), written AS ({into})
SELECT count(*) FROM due
"""


def _told_sql() -> tuple[str, ...]:
    return _made(_TOLD, "licenses_usagetotal", "total")


def _counted_sql() -> tuple[str, ...]:
    return _made(_COUNTED, "licenses_quotacounter", "used")


def _made(due: str, table: str, reached: str) -> tuple[str, ...]:
    """Return the statements of one chunk, in the words of the engine."""
    on_postgresql = statements.on_postgresql()
    if on_postgresql:
        hour, day = (f"date_trunc('{unit}', updated_at, 'UTC')" for unit in ("hour", "day"))
    else:
        hour, day = (
            f"strftime('%%Y-%%m-%%d {clock}:00:00', updated_at)" for clock in ("%%H", "00")
        )
    into = _INTO.format(
        rows=_STRETCHES.format(hour=hour, day=day),
        untold=LAST_USED_AT,
        is_counter=_IS_COUNTER.replace("metric", "excluded.metric"),
        greatest="greatest" if on_postgresql else "max",
    )
    if on_postgresql:
        return (_ON_POSTGRESQL.format(due=due, table=table, into=into),)
    return (
        f"WITH due AS ({due}) {into}",
        f"UPDATE {table} SET rolled = {reached}, due = false WHERE due",  # noqa: S608 - our own
    )


def _run(sql: tuple[str, ...], chunk: int) -> int:
    rolled: int
    if statements.on_postgresql():
        rolled = statements.fetch(sql[0], {"chunk": chunk})[0][0]
        return rolled
    # The write lock is held from the first statement on, so both see the same rows.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql[0], {})
        cursor.execute(sql[1], {})
        rolled = cursor.rowcount
        return rolled
