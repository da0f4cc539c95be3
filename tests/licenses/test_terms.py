"""Dates and capacities."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licenses import terms
from licenses.terms import LicenseModel, LicenseType, Overage


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("base", "months", "anchor", "moved"),
    [
        ("2026-01-31", 1, 31, "2026-02-28"),
        ("2026-02-28", 1, 31, "2026-03-31"),
        ("2026-02-28", 1, 28, "2026-03-28"),
        ("2024-01-31", 1, 31, "2024-02-29"),
        ("2024-02-29", 12, 29, "2025-02-28"),
        ("2025-02-28", 36, 29, "2028-02-29"),
        ("2026-04-30", 1, 31, "2026-05-31"),
        ("2026-04-30", 1, 30, "2026-05-30"),
        ("2026-12-15", 1, 1, "2027-01-15"),
        ("2026-03-14", 120, 14, "2036-03-14"),
    ],
)
def test_months_are_calendar_months_anchored_to_the_issue_day(
    base: str, months: int, anchor: int, moved: str
) -> None:
    assert terms.add_months(day(base), months, anchor_day=anchor) == day(moved)


@given(
    issued=st.dates(min_value=date(2000, 1, 1), max_value=date(2080, 12, 31)),
    steps=st.lists(st.integers(1, 24), min_size=1, max_size=8),
)
def test_a_chain_of_renewals_ends_where_one_long_renewal_does(
    issued: date, steps: list[int]
) -> None:
    start = datetime(issued.year, issued.month, issued.day, tzinfo=UTC)
    moment = start
    for months in steps:
        moment = terms.add_months(moment, months, anchor_day=start.day)

    assert moment == terms.add_months(start, sum(steps), anchor_day=start.day)


@pytest.mark.parametrize(
    ("overage", "capacity"),
    [
        (Overage.NONE, 3),
        (Overage.PLUS_QUARTER, 3),
        (Overage.PLUS_HALF, 4),
        (Overage.DOUBLE, 6),
        (Overage.UNLIMITED, None),
    ],
)
def test_overage_multiplies_and_rounds_down(overage: Overage, capacity: int | None) -> None:
    got = terms.capacity(max_activations=3, model=LicenseModel.PER_DEVICE, overage=overage)

    assert got == capacity


@pytest.mark.parametrize("model", [LicenseModel.SITE_LICENSE, LicenseModel.ENTERPRISE])
def test_site_and_enterprise_licences_never_fill(model: LicenseModel) -> None:
    assert terms.capacity(max_activations=1, model=model, overage=Overage.NONE) is None


def test_the_end_of_a_day_is_the_midnight_after_it() -> None:
    assert terms.end_of_day(date(2026, 12, 31)) == day("2027-01-01")


@pytest.mark.parametrize(
    ("license_type", "days", "grace"),
    [
        (LicenseType.SUBSCRIPTION, 365, 30),
        (LicenseType.TRIAL, 30, 0),
        (LicenseType.EVALUATION, 30, 0),
        (LicenseType.PERPETUAL, None, 30),
        (LicenseType.CONCURRENT, None, 30),
        (LicenseType.NAMED_USER, None, 30),
    ],
)
def test_each_type_has_its_own_term_and_grace(
    license_type: LicenseType, days: int | None, grace: int
) -> None:
    assert terms.default_days(license_type) == days
    assert terms.default_grace_days(license_type) == grace


def test_a_trial_lasts_as_long_as_it_says() -> None:
    assert terms.default_days(LicenseType.TRIAL, trial_period_days=7) == 7


@pytest.mark.parametrize(
    ("end", "now", "zone", "left", "remaining"),
    [
        # Ends at a midnight: the day before it is the last.
        ("2026-11-25T00:00", "2026-11-22T10:00", "UTC", 2, 3),
        ("2026-11-25T00:00", "2026-11-24T10:00", "UTC", 0, 1),
        ("2026-11-25T00:00", "2026-11-24T23:59", "UTC", 0, 1),
        ("2026-11-25T00:00", "2026-11-25T00:00", "UTC", -1, 0),
        # Ends in the middle of a day: whatever the hour, that day is the last.
        ("2026-11-24T09:00", "2026-11-22T10:00", "UTC", 2, 2),
        ("2026-11-24T11:00", "2026-11-22T10:00", "UTC", 2, 3),
        ("2026-11-24T09:00", "2026-11-24T10:00", "UTC", 0, 0),
        # Days are the reader's.
        ("2026-11-25T00:00", "2026-11-22T10:00", "Europe/Berlin", 3, 3),
        ("2026-11-25T00:00", "2026-11-22T23:30", "Europe/Berlin", 2, 3),
        ("2026-11-25T00:00", "2026-11-22T10:00", "America/New_York", 2, 3),
        # A day of 25 hours is one day.
        ("2026-10-26T12:00", "2026-10-24T12:00", "Europe/Berlin", 2, 2),
        # Neighbours never share a number.
        ("2026-11-28T00:00", "2026-11-22T12:00", "UTC", 5, 6),
        ("2026-11-29T00:00", "2026-11-22T12:00", "UTC", 6, 7),
    ],
)
def test_days_are_counted_by_the_calendar_for_people_and_by_hours_for_machines(
    end: str, now: str, zone: str, left: int, remaining: int
) -> None:
    assert terms.days_left(day(end), day(now), ZoneInfo(zone)) == left
    assert terms.days_remaining(day(end), day(now)) == remaining
