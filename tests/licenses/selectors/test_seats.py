from datetime import timedelta

import pytest

from licenses.models import Heartbeat
from licenses.selectors import seats
from licenses.services import activation
from tests import factories
from tests.clock import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def license():
    issued = factories.issue(max_activations=5)
    for number in range(3):
        factories.activate(issued.key, f"device-{number}")
    issued.license.refresh_from_db()
    return issued.license


def heard(activation, days):
    when = NOW - timedelta(days=days)
    Heartbeat.objects.update_or_create(activation=activation, defaults={"last_heartbeat": when})


def names(holders):
    return [str(holder.activation) for holder in holders]


def test_the_longest_unseen_stands_first(license):
    first, second, third = license.activations.order_by("pk")
    heard(first, 2)
    heard(second, 40)
    heard(third, 5)
    holders = seats.seat_holders(license, at=NOW, limit=10)
    assert names(holders) == ["PC device-1", "PC device-2", "PC device-0"]
    assert [holder.unseen for holder in holders] == [True, False, False]


def test_a_device_never_heard_of_was_last_seen_when_it_activated(license):
    Heartbeat.objects.all().delete()
    holder = seats.seat_holders(license, at=NOW, limit=1)[0]
    assert (holder.last_seen, holder.heard) == (NOW, False)


def test_a_freed_device_holds_no_seat(license):
    gone = license.activations.first()
    activation.deactivate(activation_id=gone.pk, reason="", at=NOW, origin=factories.STAFF)
    assert str(gone) not in names(seats.seat_holders(license, at=NOW, limit=10))


def test_silent_devices_are_counted_from_a_month_on(license):
    first, second, third = license.activations.order_by("pk")
    for device, days in ((first, 31), (second, 30), (third, 1)):
        heard(device, days)
    assert seats.unseen_units(license, at=NOW) == 1


def test_a_crowd_is_listed_newest_first_and_not_searched(license, monkeypatch):
    monkeypatch.setattr(seats, "SORTABLE", 2)
    heard(license.activations.order_by("pk")[0], 90)
    assert names(seats.seat_holders(license, at=NOW, limit=1)) == ["PC device-2"]
    assert seats.unseen_units(license, at=NOW) == 0
