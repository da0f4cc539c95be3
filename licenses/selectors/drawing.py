"""A licence's time as a ruler: places along it in percent, so that the drawing stretches; pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from licenses.models import License

YEAR = timedelta(days=365)
_MONTHS_UP_TO = timedelta(days=600)
_WEEKS_UP_TO = timedelta(days=70)


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of the ruler."""

    x: str
    width: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on the ruler, and the date it stands for."""

    x: str
    at: datetime
    form: str


@dataclass(frozen=True, slots=True)
class Ruler:
    """Where on a licence's time its marks lie; a mark outside of it is absent."""

    left: Bar | None
    grace: Bar | None
    now: str
    stop: str | None
    soon: bool
    ticks: list[Tick] = field(default_factory=list)


def term_of(license: License, at: datetime, *, soon: timedelta = timedelta(days=30)) -> Ruler:
    """Return the ruler of a licence's whole term, from its first day to the end of its grace."""
    start = min(license.issued_date, at)
    end = max(license.grace_ends_at or license.expiry_date or at + YEAR, at)
    ruler = _ruler(license, at, start, end, soon)
    return Ruler(
        ruler.left, ruler.grace, ruler.now, ruler.stop, ruler.soon, list(_ticks(start, end))
    )


def year_ahead(license: License, at: datetime, *, soon: timedelta = timedelta(days=30)) -> Ruler:
    """Return the ruler of the coming year, with what of the licence's time falls into it."""
    return _ruler(license, at, at, at + YEAR, soon)


def months_ahead(at: datetime) -> list[Tick]:
    """Return the marks of the coming year."""
    return list(_ticks(at, at + YEAR))


def _ruler(
    license: License, at: datetime, start: datetime, end: datetime, soon: timedelta
) -> Ruler:
    runs = not (license.revoked or license.held or license.parked or license.pending_cause)
    expiry, grace = license.revoked_at or license.expiry_date, license.grace_ends_at
    stop = expiry if expiry is not None and start <= expiry <= end else None
    return Ruler(
        left=_bar(at, expiry or end, start, end) if runs else None,
        grace=_bar(max(expiry, start), grace, start, end)
        if runs and expiry is not None and grace is not None
        else None,
        now=_place(at, start, end),
        stop=None if stop is None else _place(stop, start, end),
        soon=expiry is not None and at < expiry < at + soon,
    )


def _bar(since: datetime, until: datetime, start: datetime, end: datetime) -> Bar | None:
    until = min(until, end)
    if until <= since:
        return None
    return Bar(x=_place(since, start, end), width=_percent((until - since) / (end - start)))


def _place(at: datetime, start: datetime, end: datetime) -> str:
    return _percent((at - start) / (end - start)) if end > start else "0%"


def _percent(part: float) -> str:
    return f"{100 * part:.1f}%"


def _ticks(start: datetime, end: datetime) -> Iterator[Tick]:
    """Yield about a dozen marks: weeks, months or years; none so near the end that it overhangs."""
    span = end - start
    last = end - span * 0.03
    if span <= _WEEKS_UP_TO:
        step = timedelta(days=7 if span <= _WEEKS_UP_TO / 2 else 14)
        at = _midnight(start) + step
        while at <= last:
            yield Tick(_place(at, start, end), at, "j M")
            at += step
        return
    years = max(1, round(span / YEAR / 12))
    at = _midnight(start).replace(day=1)
    while (at := _next_month(at)) <= last:
        if span <= _MONTHS_UP_TO:
            yield Tick(_place(at, start, end), at, "M")
        elif at.month == 1 and at.year % years == 0:
            yield Tick(_place(at, start, end), at, "Y")


def _midnight(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def _next_month(at: datetime) -> datetime:
    return at.replace(year=at.year + at.month // 12, month=at.month % 12 + 1)
