"""A licence's use as bars: thirty days and twelve months of each metric, and both in words."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from licenses.models import License, labels
from licenses.models.series import Grain
from licenses.models.usage import is_counter
from licenses.selectors.series import Granularity, Point, first_of, folded, read

DAYS = 30
MONTHS = 12
# What a page still shows at a glance; quotas come first.
MOST = 8
_WIDTH = 300
_CONSUMED = "consumed."
_REPORTED = "reported."


@dataclass(frozen=True, slots=True)
class Bar:
    """A day or a month in the drawing: its place, and how tall it is of a hundred."""

    x: int
    width: int
    height: float

    @property
    def y(self) -> float:
        return round(100 - self.height, 1)


@dataclass(frozen=True, slots=True)
class Drawing:
    """One metric over one stretch of time, and what its bars say."""

    monthly: bool
    bars: list[Bar]
    points: list[Point]
    first: datetime
    # None where the values have no sum: how many users there are at once.
    total: float | None
    busiest: Point


@dataclass(frozen=True, slots=True)
class Chart:
    """One metric, by day and by month; only by what it was used in."""

    metric: str
    label: str
    drawings: list[Drawing]


def shown_of(license: License, at: datetime) -> dict[str, Any] | None:
    """Return what a licence's page draws of its use; None where nothing was used."""
    charts = charts_of(license, at=at)
    return {"charts": charts} if charts else None


def charts_of(license: License, *, at: datetime) -> list[Chart]:
    """Return the charts of a licence's last thirty days and twelve months, quotas first."""
    today = first_of(at, Grain.DAY)
    starts = {
        Granularity.DAY: today - timedelta(days=DAYS - 1),
        Granularity.MONTH: _months_before(today.replace(day=1), MONTHS - 1),
    }
    drawn: dict[str, list[Drawing]] = {}
    rows = read(license, start=starts[Granularity.MONTH], end=at, grain=Grain.DAY)
    for granularity, start in starts.items():
        for metric, points in folded(rows, granularity, since=start).items():
            if any(point.value > 0 for point in points):
                drawing = _drawing(metric, points, start, granularity)
                drawn.setdefault(metric, []).append(drawing)
    names = dict(license.entitlements.values_list("feature_id", "feature_name")) if drawn else {}
    order = sorted(drawn, key=lambda metric: (not metric.startswith(_CONSUMED), metric))
    return [Chart(metric, _label(metric, names), drawn[metric]) for metric in order[:MOST]]


def _drawing(
    metric: str, points: list[Point], start: datetime, granularity: Granularity
) -> Drawing:
    monthly = granularity == Granularity.MONTH
    step = _WIDTH // (MONTHS if monthly else DAYS)
    busiest = max(points, key=lambda point: point.value)
    bars = [
        Bar(
            x=1 + step * (_months_between(start, point.at) if monthly else (point.at - start).days),
            width=step - 2,
            height=round(100 * max(0.0, point.value) / busiest.value, 1),
        )
        for point in points
    ]
    sums = metric.startswith((_CONSUMED, _REPORTED)) or is_counter(metric)
    total = sum(point.value for point in points) if sums else None
    return Drawing(monthly, bars, points, start, total, busiest)


def _label(metric: str, names: dict[str, str]) -> str:
    """Return a metric as people call it: a feature by its name, the rest by their own words."""
    if metric.startswith(_CONSUMED):
        feature_id = metric.removeprefix(_CONSUMED)
        return names.get(feature_id, feature_id)
    # What software tells may bear the name of a quota and is another count.
    told = metric.removeprefix(_REPORTED)
    if told in labels.METRIC:
        return str(labels.METRIC[told])
    own = told.replace("_", " ").replace(".", ": ")
    return own[:1].upper() + own[1:]


def _months_before(month: datetime, many: int) -> datetime:
    number = month.year * 12 + month.month - 1 - many
    return month.replace(year=number // 12, month=number % 12 + 1)


def _months_between(first: datetime, then: datetime) -> int:
    return (then.year - first.year) * 12 + then.month - first.month
