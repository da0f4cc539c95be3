from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licenses.models import License
from licenses.selectors import drawing
from tests.clock import NOW


def license(**fields):
    given = {"issued_date": NOW - timedelta(days=50), "expiry_date": NOW + timedelta(days=50)}
    given |= {"grace_ends_at": given["expiry_date"], **fields}
    return License(**given)


def test_today_stands_where_the_term_has_got_to():
    ruler = drawing.term_of(license(), NOW)
    assert (ruler.now, ruler.stop) == ("50.0%", "100.0%")
    assert (ruler.left.x, ruler.left.width) == ("50.0%", "50.0%")
    assert ruler.grace is None


def test_grace_follows_the_end():
    ruler = drawing.term_of(license(grace_ends_at=NOW + timedelta(days=150)), NOW)
    assert (ruler.now, ruler.stop) == ("25.0%", "50.0%")
    assert (ruler.grace.x, ruler.grace.width) == ("50.0%", "50.0%")


def test_what_has_ended_has_nothing_left_and_today_at_its_end():
    ruler = drawing.term_of(license(expiry_date=NOW - timedelta(days=25), grace_ends_at=None), NOW)
    assert ruler.left is None
    assert (ruler.now, ruler.stop) == ("100.0%", "50.0%")


def test_what_never_ends_has_no_stop():
    ruler = drawing.term_of(license(expiry_date=None, grace_ends_at=None), NOW)
    assert ruler.stop is None
    assert ruler.left is not None


@pytest.mark.parametrize(
    "fields",
    [{"parked": True}, {"hold_code": "STAFF"}, {"revoked_at": NOW}, {"pending_cause": "PAYMENT"}],
)
def test_what_does_not_run_has_no_time_left_to_draw(fields):
    ruler = drawing.term_of(license(**fields), NOW)
    assert ruler.left is None
    assert ruler.grace is None


@pytest.mark.parametrize(("days", "soon"), [(29, True), (31, False), (-1, False)])
def test_the_last_month_is_drawn_in_another_colour(days, soon):
    end = NOW + timedelta(days=days)
    assert drawing.term_of(license(expiry_date=end, grace_ends_at=end), NOW).soon is soon


def test_the_year_ahead_starts_today():
    ruler = drawing.year_ahead(license(), NOW)
    assert ruler.now == "0.0%"
    assert ruler.left.x == "0.0%"
    assert drawing.months_ahead(NOW)[0].at.month == 4


@given(st.integers(0, 20_000), st.integers(-20_000, 20_000), st.integers(0, 4_000), st.booleans())
def test_every_mark_lies_on_the_ruler_and_there_are_not_too_many(age, left, grace, parked):
    end = NOW + timedelta(days=left)
    subject = license(
        issued_date=min(NOW, end) - timedelta(days=age),
        expiry_date=end,
        grace_ends_at=end + timedelta(days=grace),
        parked=parked,
    )
    for ruler in (drawing.term_of(subject, NOW), drawing.year_ahead(subject, NOW)):
        bars = [bar for bar in (ruler.left, ruler.grace) if bar]
        ends = [float(bar.x[:-1]) + float(bar.width[:-1]) for bar in bars]
        marks = [float(x[:-1]) for x in (ruler.now, ruler.stop, *(t.x for t in ruler.ticks)) if x]
        assert all(0 <= mark <= 100.2 for mark in marks + ends)
        assert len(ruler.ticks) <= 24
