"""Hours of the week and spans of days, each on the clocks of one place."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_FORMS = "Like `Mon-Fri 08:00-18:00 Europe/Berlin` or `2026-01-01/2026-06-30`."
_HOURS = re.compile(r"([A-Za-z,-]+) (\d\d:\d\d)-(\d\d:\d\d) (\S+)")
# Any hours come again within it, and end within the day after.
_WEEK = 9
_SPAN = re.compile(r"(\d{4}-\d\d-\d\d)/(\d{4}-\d\d-\d\d)(?: (\S+))?")


@dataclass(frozen=True, slots=True)
class Hours:
    """
    Hours on some days of the week, by the wall clock of a zone.

    From `start` on and before `end`; where that is not later, the hours last into the next day.
    Midnight as an end is None. Being told by the wall clock, they need no care when clocks change.
    """

    text: str
    days: frozenset[int]
    start: time
    end: time | None
    zone: ZoneInfo

    def holds(self, at: datetime) -> bool:
        local = at.astimezone(self.zone)
        today, now = local.weekday() in self.days, local.time()
        if self.end is None:
            return today and self.start <= now
        if self.start < self.end:
            return today and self.start <= now < self.end
        yesterday = (local.weekday() - 1) % 7 in self.days
        return (today and self.start <= now) or (yesterday and now < self.end)

    def edges(self, after: datetime) -> list[datetime]:
        """Return when these hours begin and end from that day on, over a week of their days."""
        first = after.astimezone(self.zone).date()
        week = [first + timedelta(days=ahead) for ahead in range(_WEEK) if _can_add(first, ahead)]
        moments = [(day, moment) for day in week for moment in (self.start, self.end or time.min)]
        return [_instant(day, moment, self.zone) for day, moment in moments]


@dataclass(frozen=True, slots=True)
class Span:
    """Whole days, both the first and the last, by the calendar of a zone."""

    text: str
    first: date
    last: date
    zone: ZoneInfo

    def holds(self, at: datetime) -> bool:
        return self.first <= at.astimezone(self.zone).date() <= self.last

    def edges(self, after: datetime) -> list[datetime]:
        """Return when these days begin, and when they are over."""
        over = [self.last + timedelta(days=1)] if _can_add(self.last, 1) else []
        return [_instant(day, time.min, self.zone) for day in (self.first, *over)]


def _instant(day: date, moment: time, zone: ZoneInfo) -> datetime:
    """Return a wall clock's moment in UTC; the calendar's first and last hours stay inside it."""
    local = datetime.combine(day, moment, zone)
    try:
        return local.astimezone(UTC)
    except OverflowError:
        return local.replace(tzinfo=UTC)


def _can_add(day: date, days: int) -> bool:
    # Anybody may write the end of the calendar, beyond which there is no day to be told.
    return days == 0 or day.year < date.max.year


@lru_cache(maxsize=4_096)
def read(text: str) -> Hours | Span:
    """
    Return the hours or days that a value names, its `text` in the one form it is kept in.

    :raises ValueError: saying what is wrong with it
    """
    bare = " ".join(text.split())
    if found := _SPAN.fullmatch(bare):
        return _span(*found.groups())
    if found := _HOURS.fullmatch(bare):
        return _hours(*found.groups())
    raise ValueError(_FORMS)


def _span(first: str, last: str, zone: str | None) -> Span:
    try:
        days = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        raise ValueError("There is no such day.") from None
    if days[1] < days[0]:
        raise ValueError("The last day is before the first.")
    text = f"{first}/{last}"
    return Span(f"{text} {zone}" if zone else text, *days, _zone(zone or "UTC"))


def _hours(days: str, start: str, end: str, zone: str) -> Hours:
    try:
        opens = time.fromisoformat(start)
        closes = None if end in ("24:00", "00:00") else time.fromisoformat(end)
    except ValueError:
        raise ValueError("Hours go from 00:00 to 24:00.") from None
    if opens == closes:
        raise ValueError("The hours end when they begin.")
    words = [part.title() for part in days.split(",")]
    numbers = frozenset(number for word in words for number in _days(word))
    text = f"{','.join(words)} {start}-{'24:00' if closes is None else end} {zone}"
    return Hours(text, numbers, opens, closes, _zone(zone))


def _days(word: str) -> list[int]:
    """Return the days that `Mon` or `Mon-Fri` names; `Sat-Mon` goes round the end of the week."""
    first, dash, last = word.partition("-")
    if first not in DAYS or (dash and last not in DAYS):
        raise ValueError(f"Days are {', '.join(DAYS)}.")
    start = DAYS.index(first)
    length = (DAYS.index(last) - start) % 7 if dash else 0
    return [(start + number) % 7 for number in range(length + 1)]


def _zone(name: str) -> ZoneInfo:
    # The list first: ZoneInfo would look for any path that is handed to it.
    if name not in _zones():
        raise ValueError(f"There is no time zone {name!r}.")
    return ZoneInfo(name)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
