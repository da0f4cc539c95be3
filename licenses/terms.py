"""What a licence is sold as: types, models, overage, periods and the reckoning of dates."""

import calendar
import math
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache


class LicenseType(StrEnum):
    """How long and to whom a right is given."""

    PERPETUAL = "PERPETUAL"
    SUBSCRIPTION = "SUBSCRIPTION"
    TRIAL = "TRIAL"
    EVALUATION = "EVALUATION"
    CONCURRENT = "CONCURRENT"
    NAMED_USER = "NAMED_USER"


class LicenseModel(StrEnum):
    """What is counted."""

    PER_SEAT = "PER_SEAT"
    PER_DEVICE = "PER_DEVICE"
    PER_CPU = "PER_CPU"
    PER_CORE = "PER_CORE"
    SITE_LICENSE = "SITE_LICENSE"
    ENTERPRISE = "ENTERPRISE"


class Overage(StrEnum):
    """How far beyond what was sold devices may go."""

    NONE = "NONE"
    PLUS_QUARTER = "1.25X"
    PLUS_HALF = "1.5X"
    DOUBLE = "2X"
    UNLIMITED = "UNLIMITED"


class ExpiryBasis(StrEnum):
    """From when a term is counted."""

    ISSUE = "ISSUE"
    FIRST_ACTIVATION = "FIRST_ACTIVATION"


class SelfService(StrEnum):
    """What a caller may do about a full licence."""

    NONE = "NONE"
    SEE = "SEE"
    REPLACE = "REPLACE"


class LimitType(StrEnum):
    """What a feature's limit measures."""

    COUNT = "COUNT"
    SIZE = "SIZE"
    DURATION = "DURATION"
    BANDWIDTH = "BANDWIDTH"


class Period(StrEnum):
    """When a quota starts anew."""

    NONE = "NONE"
    DAY = "DAY"
    MONTH = "MONTH"
    YEAR = "YEAR"


class RestrictionType(StrEnum):
    """What a restriction looks at."""

    GEOGRAPHIC = "GEOGRAPHIC"
    DOMAIN = "DOMAIN"
    IP_RANGE = "IP_RANGE"
    MAC_ADDRESS = "MAC_ADDRESS"
    HARDWARE_ID = "HARDWARE_ID"
    TIME_BASED = "TIME_BASED"


class Operator(StrEnum):
    """Whether a restriction names what may or what may not."""

    ALLOW = "ALLOW"
    DENY = "DENY"


class BindTo(StrEnum):
    """What the first device of a licence ties it to."""

    NOTHING = ""
    DOMAIN = "DOMAIN"
    HARDWARE = "HARDWARE"
    BOTH = "BOTH"

    @property
    def types(self) -> tuple[RestrictionType, ...]:
        """The restrictions that the first activation writes."""
        return {
            BindTo.NOTHING: (),
            BindTo.DOMAIN: (RestrictionType.DOMAIN,),
            BindTo.HARDWARE: (RestrictionType.HARDWARE_ID,),
            BindTo.BOTH: (RestrictionType.DOMAIN, RestrictionType.HARDWARE_ID),
        }[self]


class ActivationType(StrEnum):
    """By which way a device came to its seat."""

    ONLINE = "ONLINE"
    OFFLINE = "OFFLINE"
    EMERGENCY = "EMERGENCY"


UNLIMITED_MODELS = frozenset({LicenseModel.SITE_LICENSE, LicenseModel.ENTERPRISE})
TRIALS = frozenset({LicenseType.TRIAL, LicenseType.EVALUATION})
# What a device declares where processors or cores are counted, and the most that one can have.
DECLARED = {LicenseModel.PER_CPU: "cpu_count", LicenseModel.PER_CORE: "core_count"}
MOST_UNITS = 65_536
# So many heartbeats may be missed before a device counts as silent.
MISSED_BEATS = 3
MOST_BORROW_DAYS = 90
# The longest that a device runs without a network on what it was given once.
LONGEST_OFFLINE = timedelta(days=400)

# Shares of a limit, in percent, of which the trail tells that they were reached; gravest first.
MARKS = (100, 90, 75)

_FACTORS = {
    Overage.NONE: Fraction(1),
    Overage.PLUS_QUARTER: Fraction(5, 4),
    Overage.PLUS_HALF: Fraction(3, 2),
    Overage.DOUBLE: Fraction(2),
}
_DEFAULT_DAYS = {
    LicenseType.SUBSCRIPTION: 365,
    LicenseType.TRIAL: 30,
    LicenseType.EVALUATION: 30,
}
DEFAULT_GRACE_DAYS = 30
# Where a quota without a period begins.
_EVER_SINCE = date(1970, 1, 1)
MAX_RENEWAL_MONTHS = 120
MAX_RENEWAL_DAYS = 36_500
MAX_TRIAL_EXTENSIONS = 2
MAX_EXTENSION_DAYS = 365
# First and last instant of a licence's dates: beyond them some zone has no such day to show.
CALENDAR = (datetime(1970, 1, 2, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC))
BEYOND_CALENDAR = "Between 1970-01-02 and 9998-12-31."


# Asked several times by every device call; fractions are slow.
@lru_cache(maxsize=4_096)
def capacity(*, max_activations: int, model: str, overage: str) -> int | None:
    """Return how many units may be taken, or None where they never fill."""
    if model in UNLIMITED_MODELS or overage == Overage.UNLIMITED:
        return None
    return math.floor(max_activations * _FACTORS[Overage(overage)])


def lease_length(
    license_type: str, *, lease_seconds: int | None, heartbeat_interval_seconds: int
) -> timedelta | None:
    """Return how long a device holds a seat unheard of, or None where it keeps it for good."""
    if license_type != LicenseType.CONCURRENT:
        return None
    return timedelta(seconds=lease_seconds or default_lease_seconds(heartbeat_interval_seconds))


def lease_seconds(
    license_type: str, *, lease_seconds: int | None, heartbeat_interval_seconds: int
) -> int | None:
    """Return what a licence is to say of its leases: as stated, else as its heartbeats are."""
    if license_type != LicenseType.CONCURRENT or lease_seconds is not None:
        return lease_seconds
    return default_lease_seconds(heartbeat_interval_seconds)


def default_lease_seconds(heartbeat_interval_seconds: int) -> int:
    """Return how long a lease is unless said otherwise."""
    return MISSED_BEATS * heartbeat_interval_seconds


def mark_reached(before: Decimal, after: Decimal, limit: Decimal) -> int | None:
    """Return the gravest share of a limit that was not reached before and now is, in percent."""
    reached = (mark for mark in MARKS if before * 100 < mark * limit <= after * 100)
    return next(reached, None)


def shares_of(limit: Decimal) -> list[Decimal]:
    """Return the amounts at which `mark_reached` has something to tell, least first."""
    return [limit * mark / 100 for mark in reversed(MARKS)]


def period_start(period: str, at: datetime) -> date:
    """Return the day, in UTC, on which the period that holds `at` began."""
    day = at.astimezone(UTC).date()
    match Period(period or Period.NONE):
        case Period.DAY:
            return day
        case Period.MONTH:
            return day.replace(day=1)
        case Period.YEAR:
            return day.replace(month=1, day=1)
    return _EVER_SINCE


def period_end(period: str, at: datetime) -> datetime | None:
    """Return when the period that holds `at` ends and its quota starts anew; None for never."""
    start = period_start(period, at)
    match Period(period or Period.NONE):
        case Period.DAY:
            return end_of_day(start)
        case Period.MONTH:
            following = start.year * 12 + start.month
            return _midnight(date(following // 12, following % 12 + 1, 1))
        case Period.YEAR:
            return _midnight(date(start.year + 1, 1, 1))
    return None


def default_days(license_type: str, *, trial_period_days: int | None = None) -> int | None:
    """Return the term in days that a type has unless said otherwise; None for no end."""
    if license_type == LicenseType.TRIAL and trial_period_days:
        return trial_period_days
    return _DEFAULT_DAYS.get(LicenseType(license_type))


def default_grace_days(license_type: str) -> int:
    """Return the grace in days that a type has unless said otherwise."""
    return 0 if license_type in TRIALS else DEFAULT_GRACE_DAYS


def default_basis(license_type: str) -> ExpiryBasis:
    """Return from when a type's term is counted unless said otherwise."""
    return ExpiryBasis.FIRST_ACTIVATION if license_type in TRIALS else ExpiryBasis.ISSUE


def end_of_day(day: date) -> datetime:
    """Return the end of a day in UTC, which is the midnight that follows it."""
    return _midnight(day) + timedelta(days=1)


def in_calendar(moment: datetime) -> bool:
    """Say whether a licence may have this as one of its dates."""
    return CALENDAR[0] <= moment <= CALENDAR[1]


def local(moment: datetime, zone: tzinfo) -> datetime:
    """Return the moment in that zone; where the zone has no such day, as it is."""
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return moment


def before_midnight(end: datetime) -> datetime:
    """Return the last instant of what ends then; a midnight belongs to the day before it."""
    return end - timedelta(microseconds=1) if end > datetime.min.replace(tzinfo=UTC) else end


def last_day(end: datetime, zone: tzinfo) -> date:
    """Return the last day of what ends then; a midnight belongs to the day before it."""
    return local(before_midnight(end), zone).date()


def days_left(end: datetime, at: datetime, zone: tzinfo) -> int:
    """Return the calendar days from today to the last day, as people count; negative once over."""
    return (last_day(end, zone) - at.astimezone(zone).date()).days


def days_remaining(end: datetime, at: datetime) -> int:
    """Return the days of 24 hours until then, a begun one as a whole: for machines, in no zone."""
    return max(0, math.ceil((end - at) / timedelta(days=1)))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def add_months(base: datetime, months: int, *, anchor_day: int) -> datetime:
    """
    Return `base` moved on by calendar months.

    A day the month lacks becomes its last (31 Jan + 1 → 28 Feb). Where `base` stands on the last
    day of its month and the licence was issued on a later day, that day is restored as soon as a
    month has it (28 Feb + 1 → 31 Mar), so a chain of renewals never drifts.
    """
    index = base.year * 12 + base.month - 1 + months
    year, month = index // 12, index % 12 + 1
    last_of_base = calendar.monthrange(base.year, base.month)[1]
    day = max(base.day, anchor_day) if base.day == last_of_base else base.day
    return base.replace(year=year, month=month, day=min(day, calendar.monthrange(year, month)[1]))
