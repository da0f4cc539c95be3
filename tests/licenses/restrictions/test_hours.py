"""Hours of the week and spans of days, when clocks change too."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licenses.restrictions import hours

# Value, an instant in UTC, whether it holds then.
HELD = [
    ("Mon-Fri 08:00-18:00 Europe/Berlin", "2026-01-05T07:00", True),
    ("Mon-Fri 08:00-18:00 Europe/Berlin", "2026-01-05T06:59", False),
    ("Mon-Fri 08:00-18:00 Europe/Berlin", "2026-01-05T16:59", True),
    ("Mon-Fri 08:00-18:00 Europe/Berlin", "2026-01-05T17:00", False),
    # In summer the same wall clock is an hour earlier.
    ("Mon-Fri 08:00-18:00 Europe/Berlin", "2026-07-06T06:00", True),
    ("Mon-Fri 08:00-18:00 Europe/Berlin", "2026-07-06T05:59", False),
    ("Mon-Fri 08:00-18:00 Europe/Berlin", "2026-07-06T16:00", False),
    ("Mon-Fri 08:00-18:00 Europe/Berlin", "2026-01-10T12:00", False),
    # A day begins when it does there, not in UTC.
    ("Mon 00:00-24:00 Asia/Tokyo", "2026-01-04T15:00", True),
    ("Mon 00:00-24:00 Asia/Tokyo", "2026-01-05T15:00", False),
    ("Sun 00:00-24:00 America/New_York", "2026-01-05T04:59", True),
    # Overnight: Friday's hours last into Saturday, not Thursday's into Friday.
    ("Fri 22:00-06:00 UTC", "2026-01-09T22:00", True),
    ("Fri 22:00-06:00 UTC", "2026-01-10T05:59", True),
    ("Fri 22:00-06:00 UTC", "2026-01-10T06:00", False),
    ("Fri 22:00-06:00 UTC", "2026-01-09T05:00", False),
    ("Fri 22:00-06:00 UTC", "2026-01-10T22:00", False),
    ("Sun 22:00-06:00 UTC", "2026-01-12T03:00", True),
    # Round the end of the week.
    ("Sat-Mon 09:00-10:00 UTC", "2026-01-04T09:30", True),
    ("Sat-Mon 09:00-10:00 UTC", "2026-01-05T09:30", True),
    ("Sat-Mon 09:00-10:00 UTC", "2026-01-06T09:30", False),
    ("Mon,Wed,Fri 09:00-10:00 UTC", "2026-01-07T09:30", True),
    ("Mon,Wed,Fri 09:00-10:00 UTC", "2026-01-06T09:30", False),
    # Clocks go forward on 29 March: 02:30 never comes, what surrounds it does.
    ("Sun 02:00-04:00 Europe/Berlin", "2026-03-29T00:59", False),
    ("Sun 02:00-04:00 Europe/Berlin", "2026-03-29T01:00", True),
    ("Sun 02:00-04:00 Europe/Berlin", "2026-03-29T02:00", False),
    # Clocks go back on 25 October: 02:30 comes twice, and both are meant.
    ("Sun 02:00-03:00 Europe/Berlin", "2026-10-25T00:30", True),
    ("Sun 02:00-03:00 Europe/Berlin", "2026-10-25T01:30", True),
    ("Sun 02:00-03:00 Europe/Berlin", "2026-10-25T02:00", False),
    # Whole days, the last one too; by the calendar of the zone.
    ("2026-01-01/2026-06-30", "2025-12-31T23:59", False),
    ("2026-01-01/2026-06-30", "2026-01-01T00:00", True),
    ("2026-01-01/2026-06-30", "2026-06-30T23:59", True),
    ("2026-01-01/2026-06-30", "2026-07-01T00:00", False),
    ("2026-01-01/2026-06-30 Europe/Berlin", "2026-06-30T22:00", False),
    ("2026-01-01/2026-06-30 Europe/Berlin", "2025-12-31T23:00", True),
]


@pytest.mark.parametrize(("text", "at", "holds"), HELD)
def test_hours_hold_by_the_wall_clock_of_their_zone(text: str, at: str, holds: bool) -> None:
    assert hours.read(text).holds(datetime.fromisoformat(at).replace(tzinfo=UTC)) is holds


@given(
    at=st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001 - made aware below
    start=st.integers(0, 1439),
    end=st.integers(0, 1439),
)
def test_hours_and_their_complement_share_every_instant(at: datetime, start: int, end: int) -> None:
    if start == end:
        return
    one, other = (
        hours.read(f"Mon-Sun {a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02} Europe/Berlin")
        for a, b in ((start, end), (end, start))
    )
    moment = at.replace(tzinfo=UTC)
    assert one.holds(moment) is not other.holds(moment)


def test_a_week_of_working_hours_is_as_long_in_every_season() -> None:
    office = hours.read("Mon-Sun 08:00-18:00 Europe/Berlin")
    for week in (datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 3, 23, tzinfo=UTC)):
        minutes = (week + timedelta(minutes=15 * n) for n in range(7 * 96))
        assert sum(office.holds(at) for at in minutes) == 7 * 40
