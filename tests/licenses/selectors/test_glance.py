from datetime import timedelta

import pytest

from licenses.selectors import glance
from licenses.selectors.numbers import numbers as numbers_of_all
from licenses.services import lifecycle
from licenses.states import PendingCause, Status
from tests.clock import NOW
from tests.factories import STAFF, activate, issue

pytestmark = pytest.mark.django_db
LONG_AGO = NOW - timedelta(days=400)


def numbers(counts):
    return {status: count.number for status, count in counts.items() if count}


def test_licences_are_counted_by_what_the_clock_says_of_them():
    issue()
    issue(at=LONG_AGO, duration_days=30, grace_period_days=0)
    issue(at=LONG_AGO, duration_days=390, grace_period_days=30)
    issue(at=LONG_AGO, duration_days=300, grace_period_days=30)
    issue(pending_cause=PendingCause.APPROVAL)
    assert numbers(glance.by_status(NOW)) == {
        "ACTIVE": 1,
        "EXPIRED": 2,
        "SUSPENDED": 1,
        "PENDING": 1,
    }
    assert glance.in_grace(NOW).number == 1
    assert glance.awaiting_approval(NOW).number == 1


def test_those_in_force_that_end_within_thirty_days_are_counted():
    issue(duration_days=29)
    issue(duration_days=31)
    held = issue(duration_days=29).license
    lifecycle.suspend_license(license_id=held.pk, reason="x", at=NOW, origin=STAFF)
    assert glance.ending(NOW).number == 1


def test_a_count_stops_past_the_most(monkeypatch):
    monkeypatch.setattr(glance, "MOST", 2)
    for _ in range(4):
        issue()
    count = glance.by_status(NOW)[Status.ACTIVE]
    assert (count.number, count.capped, str(count)) == (3, True, "2+")


def test_all_seats_are_counted_beside_those_sold_by_number():
    some, endless = issue(max_activations=5), issue(overage="UNLIMITED")
    activate(some.key, "a")
    activate(some.key, "b")
    activate(endless.key, "c")
    seats = glance.seats()
    assert (seats.taken, seats.of_sold, seats.sold, seats.partial) == (3, 2, 5, False)
    assert numbers_of_all(at=NOW).seats_taken == seats.taken


def test_a_full_licence_in_force_is_counted():
    full, parked = issue(max_activations=1), issue(max_activations=1)
    activate(full.key)
    activate(parked.key)
    lifecycle.park_license(license_id=parked.license.pk, reason="x", at=NOW, origin=STAFF)
    assert glance.full(NOW).number == 1


def test_thirty_days_of_activations_stand_day_by_day_with_the_reasons_of_refusals():
    issued = issue(at=LONG_AGO, duration_days=1000, max_activations=3)
    for days, device in ((40, "a"), (8, "b"), (0, "c")):
        activate(issued.key, device, at=NOW - timedelta(days=days))
    with pytest.raises(Exception, match="ACTIVATION_LIMIT_EXCEEDED"):
        activate(issued.key, "d", at=NOW)
    activity = glance.activity(NOW)
    assert len(activity.days) == 30
    assert (activity.today, activity.week, activity.refused_week) == (1, 1, 1)
    assert sum(day.activated for day in activity.days) == 2
    assert activity.reasons == [("ACTIVATION_LIMIT_EXCEEDED", 1)]
