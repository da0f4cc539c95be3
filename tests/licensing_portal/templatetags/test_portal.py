from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.template import Context
from django.utils import timezone

from licenses.models import License
from licenses.portal import words
from licensing_portal.icons import ICONS, MARKS
from licensing_portal.templatetags import portal
from tests.clock import NOW

MIDNIGHT = datetime(2026, 12, 13, tzinfo=UTC)


def test_a_date_stands_inside_the_element_that_machines_read():
    assert portal.day(NOW) == (
        '<time datetime="2026-03-14T09:26+00:00" class="nowrap">14 Mar 2026</time>'
    )
    assert "14 Mar 2026, 09:26" in portal.moment(NOW)


def test_what_ends_at_midnight_lasts_until_the_day_before():
    assert "12 Dec 2026" in portal.last_day(MIDNIGHT)
    assert "13 Dec 2026" in portal.last_day(MIDNIGHT + timedelta(seconds=1))
    with timezone.override(ZoneInfo("Europe/Berlin")):
        assert "13 Dec 2026" in portal.last_day(MIDNIGHT)


@pytest.mark.parametrize("zone", ["Etc/GMT+12", "Etc/GMT-14"])
@pytest.mark.parametrize(
    ("year", "value"),
    [("0001", datetime.min.replace(tzinfo=UTC)), ("9999", datetime.max.replace(tzinfo=UTC))],
)
def test_the_ends_of_the_calendar_are_shown_in_every_zone(zone, year, value):
    with timezone.override(ZoneInfo(zone)):
        for shown in (portal.day(value), portal.last_day(value), portal.moment(value)):
            assert year in shown
        assert portal.away(value, NOW)


@pytest.mark.parametrize(
    ("past", "words"),
    [
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=59), "59 minutes ago"),
        (timedelta(minutes=60), "1 hour ago"),
        (timedelta(hours=23, minutes=59), "23 hours ago"),
        (timedelta(hours=24), "1 day ago"),
        (timedelta(days=94), "94 days ago"),
        (timedelta(seconds=-5), "just now"),
    ],
)
def test_how_long_ago_something_was(past, words):
    assert portal.ago(Context({"at": NOW}), NOW - past) == words


@pytest.mark.parametrize(
    ("distance", "words"),
    [
        (timedelta(days=18), "in 18 days"),
        (timedelta(days=1), "in 1 day"),
        (timedelta(hours=23), "in 1 day"),
        (timedelta(hours=14), "today"),
        (timedelta(0), "today"),
        (timedelta(hours=-9), "today"),
        (timedelta(hours=-10), "1 day ago"),
        (timedelta(days=-52), "52 days ago"),
    ],
)
def test_how_far_away_something_is(distance, words):
    assert portal.away(NOW + distance, NOW) == words


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (12400, "12,400"),
        (0, "0"),
        (Decimal("2000.000000"), "2,000"),
        (Decimal("0.500000"), "0.5"),
        (Decimal("100"), "100"),
        (None, ""),
    ],
)
def test_a_number_is_grouped_and_says_no_more_than_it_knows(number, text):
    assert portal.grouped(number) == text


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Marta Lindqvist", "ML"), ("wojcik@brenner.example", "WB"), ("", ""), ("Ø", "Ø")],
)
def test_initials_of_whatever_a_person_is_called(name, letters):
    assert portal.initials(name) == letters


def test_a_meter_warns_from_four_fifths_on_and_is_red_only_when_full():
    meter = portal.meter(3, 10, "3 of 10")
    assert meter["almost"] == 8
    assert 9 < meter["full"] < 10


def test_every_drawing_is_drawn_in_the_colour_of_its_text():
    for drawing in [*ICONS.values(), *MARKS.values()]:
        assert "#" not in drawing
        assert "style" not in drawing
    assert 'aria-hidden="true"' in portal.icon("clock")


@pytest.mark.parametrize(
    ("model", "one", "many"),
    [
        ("PER_SEAT", "1 seat", "1,200 seats"),
        ("PER_DEVICE", "1 device", "1,200 devices"),
        ("PER_CORE", "1 core", "1,200 cores"),
        ("PER_CPU", "1 CPU", "1,200 CPUs"),
        ("SITE_LICENSE", "1 device", "1,200 devices"),
    ],
)
def test_seats_are_counted_in_what_the_licence_counts(model, one, many):
    license = License(license_model=model)
    assert (words.units(license, 1), words.units(license, 1200)) == (one, many)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 seconds"),
        (1, "1 second"),
        (90, "90 seconds"),
        (600, "10 minutes"),
        (3_600, "1 hour"),
        (28_800, "8 hours"),
        (86_400, "1 day"),
        (90_000, "25 hours"),
    ],
)
def test_a_length_is_said_in_the_unit_that_it_fills_evenly(seconds, words):
    assert portal.lasting(seconds) == words
