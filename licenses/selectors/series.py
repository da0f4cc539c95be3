"""Use over time, read from the roll-ups alone."""

from collections import defaultdict
from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from licenses.models import License, UsageRollup
from licenses.models.series import Grain, Source
from licenses.models.usage import is_counter


class Granularity(StrEnum):
    """How long a stretch of time one point stands for."""

    HOUR = "HOUR"
    DAY = "DAY"
    MONTH = "MONTH"


# How long a time may be read at once: a few hundred points a series.
LONGEST = {
    Granularity.HOUR: timedelta(days=31),
    Granularity.DAY: timedelta(days=800),
    Granularity.MONTH: timedelta(days=3_660),
}


@dataclass(frozen=True, slots=True)
class Point:
    """What was used in the stretch of time that begins at `at`."""

    at: datetime
    value: float


Series = dict[str, list[Point]]


class Rolled(NamedTuple):
    """One row of the roll-ups."""

    at: datetime
    source: str
    metric: str
    value: float


def series_of(
    license: License, *, start: datetime, end: datetime, granularity: Granularity
) -> Series:
    """
    Return what a licence used from `start` on and before `end`, by metric and in order of time.

    Stretches in which nothing was used are left out. What quotas counted is called
    `consumed.<feature id>`; every other metric is what the sold software says of itself, by its
    own name, or `reported.<name>` where its heartbeats tell something else by that name.
    """
    grain = Grain.HOUR if granularity == Granularity.HOUR else Grain.DAY
    return folded(read(license, start=start, end=end, grain=grain), granularity)


def read(license: License, *, start: datetime, end: datetime, grain: Grain) -> list[Rolled]:
    """Return what the roll-ups hold of a licence, from `start` on and before `end`."""
    rows = UsageRollup.objects.filter(
        license=license, grain=grain, starts_at__gte=first_of(start, grain), starts_at__lt=end
    ).order_by("starts_at")
    return list(map(Rolled._make, rows.values_list("starts_at", "source", "metric", "value")))


def folded(
    rows: Iterable[Rolled], granularity: Granularity, *, since: datetime | None = None
) -> Series:
    """Return rows as series, those before `since` left out; all of them say what each is called."""
    found: dict[tuple[str, str], dict[datetime, float]] = defaultdict(dict)
    for at, source, metric, value in rows:
        points = found[metric, source]
        if since is not None and at < since:
            continue
        stretch = at.replace(day=1) if granularity == Granularity.MONTH else at
        before = points.get(stretch, 0.0)
        # A gauge has no sum: of several days it is the highest.
        gauge = source == Source.TOLD and not is_counter(metric)
        points[stretch] = max(before, value) if gauge and stretch in points else before + value
    named = {_name(metric, source, found): points for (metric, source), points in found.items()}
    return {
        name: [Point(at, value) for at, value in points.items()]
        for name, points in sorted(named.items())
        if points
    }


def _name(metric: str, source: str, all_of_them: Container[tuple[str, str]]) -> str:
    if source == Source.QUOTA:
        return f"consumed.{metric}"
    twice = source == Source.REPORT and (metric, Source.TOLD) in all_of_them
    return f"reported.{metric}" if twice else metric


def first_of(start: datetime, grain: Grain) -> datetime:
    """Return where the stretch that holds `start` begins."""
    start = start.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return start if grain == Grain.HOUR else start.replace(hour=0)
