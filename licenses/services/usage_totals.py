"""Adding what heartbeats tell to what was told before: set-based, on either engine."""

import uuid
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec
from django.db import transaction

from licenses import statements
from licenses.models.usage import COUNTERS, FEATURE_USAGE, is_counter


class Beat(msgspec.Struct, frozen=True, array_like=True):
    """One heartbeat as it is kept until it is written: whose, when, and the metrics by name."""

    activation: uuid.UUID
    at: float
    metrics: dict[str, float]


read_beat = msgspec.json.Decoder(Beat).decode


class Grown(NamedTuple):
    """What one device told of one metric over a batch of heartbeats."""

    activation: uuid.UUID
    metric: str
    # Where the first of these heartbeats saw it: growth before that is reckoned by the statement.
    first: float
    # How much it grew from the first to the last.
    more: float
    last: float
    peak: float
    at: float

    @property
    def total(self) -> float:
        """What there is if nothing was told before."""
        return self.first + self.more if is_counter(self.metric) else self.last


def write(beats: Sequence[Beat]) -> int:
    """
    Add heartbeats, in the order in which they came, to what their devices have told before.

    Returns the number of rows written. What a device said after it was signed out is left aside.
    """
    if not beats:
        return 0
    seen: dict[uuid.UUID, float] = {}
    for beat in beats:
        seen[beat.activation] = max(beat.at, seen.get(beat.activation, 0.0))
    # Sorted, so that two writers never wait for each other in a ring.
    times = sorted(seen.items())
    growth = sorted(grown(beats), key=lambda row: row[:2])
    with transaction.atomic():
        if statements.on_postgresql():
            return _write_arrays(times, growth)
        return _write_documents(times, growth)


def grown(beats: Iterable[Beat]) -> list[Grown]:
    """
    Return what each device told of each metric, folded over all its heartbeats.

    A counter is a process's running total: its growth is added, a smaller value is a process that
    started anew and adds itself, the same value again adds nothing.
    """
    rows: dict[tuple[uuid.UUID, str], Grown] = {}
    for beat in beats:
        for metric, value in beat.metrics.items():
            before = rows.get((beat.activation, metric))
            if before is None:
                row = Grown(beat.activation, metric, value, 0.0, value, value, beat.at)
            else:
                step = value - before.last if value >= before.last else value
                row = before._replace(
                    more=before.more + step if is_counter(metric) else 0.0,
                    last=value,
                    peak=max(before.peak, value),
                    at=max(before.at, beat.at),
                )
            rows[beat.activation, metric] = row
    return list(rows.values())


_COUNTED = (
    "excluded.metric IN ("
    + ", ".join(f"'{name}'" for name in sorted(COUNTERS))
    + f") OR excluded.metric LIKE '{FEATURE_USAGE}.%%'"
)
# For a counter `peak` brings where the process stood at first: the one column of `excluded` that
# has no other use for it. The update then knows, on the newest row, whether it started anew.
_UPSERT_USAGE = f"""
ON CONFLICT (activation_id, metric) DO UPDATE SET
    total = CASE WHEN {_COUNTED}
        THEN licenses_usagetotal.total + excluded.total
             - CASE WHEN excluded.peak >= licenses_usagetotal.last_value
                    THEN licenses_usagetotal.last_value ELSE 0 END
        ELSE excluded.total END,
    last_value = excluded.last_value,
    peak = {{greatest}}(licenses_usagetotal.peak, excluded.peak),
    due = true,
    updated_at = {{greatest}}(licenses_usagetotal.updated_at, excluded.updated_at)
"""
_UPSERT_TIMES = """
ON CONFLICT (activation_id) DO UPDATE SET
    last_heartbeat = {greatest}(licenses_heartbeat.last_heartbeat, excluded.last_heartbeat)
"""
_USAGE_COLUMNS = "(id, activation_id, metric, last_value, total, peak, updated_at)"
_STILL_THERE = (
    "JOIN licenses_activation a ON a.id = {activation}"
    " AND (a.deactivated_at IS NULL OR a.deactivated_at > {at})"
)

_TIMES_ARRAYS = f"""
INSERT INTO licenses_heartbeat (activation_id, last_heartbeat)
SELECT d.activation, to_timestamp(d.at)
FROM unnest(%(activation)s::uuid[], %(at)s::float8[]) d(activation, at)
{_STILL_THERE.format(activation="d.activation", at="to_timestamp(d.at)")}
ORDER BY d.activation
{_UPSERT_TIMES.format(greatest="greatest")}
"""  # noqa: S608 - words of our own
_USAGE_ARRAYS = f"""
INSERT INTO licenses_usagetotal {_USAGE_COLUMNS}
SELECT gen_random_uuid(), d.activation, d.metric, d.last, d.total, d.peak, to_timestamp(d.at)
FROM unnest(%(activation)s::uuid[], %(metric)s::text[], %(last)s::float8[], %(total)s::float8[],
            %(peak)s::float8[], %(at)s::float8[]) d(activation, metric, last, total, peak, at)
{_STILL_THERE.format(activation="d.activation", at="to_timestamp(d.at)")}
ORDER BY d.activation, d.metric
{_UPSERT_USAGE.format(greatest="greatest")}
"""  # noqa: S608 - words of our own

_SQLITE_TIME = "strftime('%%Y-%%m-%%d %%H:%%M:%%f', {0}, 'unixepoch') || '000'"
_TIMES_DOCUMENTS = f"""
INSERT INTO licenses_heartbeat (activation_id, last_heartbeat)
SELECT d.value ->> 0, {_SQLITE_TIME.format("d.value ->> 1")}
FROM json_each(%(rows)s) d
{_STILL_THERE.format(activation="d.value ->> 0", at=_SQLITE_TIME.format("d.value ->> 1"))}
WHERE true {_UPSERT_TIMES.format(greatest="max")}
"""  # noqa: S608 - words of our own
_USAGE_DOCUMENTS = f"""
INSERT INTO licenses_usagetotal {_USAGE_COLUMNS}
SELECT d.value ->> 6, d.value ->> 0, d.value ->> 1, d.value ->> 2, d.value ->> 3, d.value ->> 4,
       {_SQLITE_TIME.format("d.value ->> 5")}
FROM json_each(%(rows)s) d
{_STILL_THERE.format(activation="d.value ->> 0", at=_SQLITE_TIME.format("d.value ->> 5"))}
WHERE true {_UPSERT_USAGE.format(greatest="max")}
"""  # noqa: S608 - words of our own


def _write_arrays(times: list[tuple[uuid.UUID, float]], growth: list[Grown]) -> int:
    """PostgreSQL: one statement a table, the rows as arrays."""
    array = statements.as_array
    activations, moments = zip(*times, strict=True)
    written = statements.run(
        _TIMES_ARRAYS, {"activation": array(activations), "at": array(moments)}
    )
    if not growth:
        return written
    columns = {
        "activation": array(row.activation for row in growth),
        "metric": array(statements.quoted(row.metric) for row in growth),
        "last": array(row.last for row in growth),
        "total": array(row.total for row in growth),
        "peak": array(_carried(row) for row in growth),
        "at": array(row.at for row in growth),
    }
    return written + statements.run(_USAGE_ARRAYS, columns)


def _write_documents(times: list[tuple[uuid.UUID, float]], growth: list[Grown]) -> int:
    """SQLite: the same, the rows as one JSON document."""
    rows = [(activation.hex, at) for activation, at in times]
    written = statements.run(_TIMES_DOCUMENTS, {"rows": msgspec.json.encode(rows).decode()})
    if not growth:
        return written
    usage = [
        (
            row.activation.hex,
            row.metric,
            row.last,
            row.total,
            _carried(row),
            row.at,
            uuid.uuid4().hex,
        )
        for row in growth
    ]
    document = msgspec.json.encode(usage).decode()
    return written + statements.run(_USAGE_DOCUMENTS, {"rows": document})


def _carried(row: Grown) -> float:
    return row.first if is_counter(row.metric) else row.peak
