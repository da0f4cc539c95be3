"""Silent devices are noted once for each silence, and lose nothing by it."""

import threading
from datetime import timedelta

import pytest
from django.db import connections

from events.models import Event
from licenses.models import Activation, License
from licenses.services import silence
from tests.clock import NOW
from tests.factories import activate, issue

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def device(fingerprint="device-1", **terms):
    issued = issue(**terms)
    License.objects.filter(pk=issued.license.pk).update(require_heartbeat=True)
    activate(issued.key, fingerprint)
    return issued.license.activations.get()


def noted():
    return Event.objects.filter(type="activation.silent")


def test_a_silent_device_is_noted_once_and_keeps_its_seat():
    row = device()
    assert silence.note_silent(at=row.heartbeat_due_at) == 0
    assert silence.note_silent(at=row.heartbeat_due_at + 2 * HOUR) == 1
    assert silence.note_silent(at=row.heartbeat_due_at + 2 * DAY) == 0
    event = noted().get()
    assert (event.activation_id, event.occurred_at) == (row.pk, row.heartbeat_due_at)
    row.refresh_from_db()
    assert (row.live, row.units) == (True, 1)


def test_another_silence_is_noted_again():
    row = device()
    silence.note_silent(at=row.heartbeat_due_at + 2 * HOUR)
    again = row.heartbeat_due_at + 3 * DAY
    Activation.objects.update(heartbeat_due_at=again)
    assert silence.note_silent(at=again + 2 * HOUR) == 1


def test_a_missed_week_is_made_good():
    row = device()
    silence.note_silent(at=NOW)
    assert silence.note_silent(at=row.heartbeat_due_at + 8 * DAY) == 1


def test_a_day_that_is_merely_tried_moves_no_mark():
    row = device()
    silence.note_silent(at=NOW)
    assert silence.note_silent(at=row.heartbeat_due_at + 2 * HOUR, is_now=False) == 1
    assert silence.note_silent(at=row.heartbeat_due_at + 9 * DAY, is_now=False) == 0


@pytest.mark.parametrize(
    "change",
    [{"hold_code": "STAFF"}, {"revoked_at": NOW}, {"parked": True}, {"expiry_date": NOW}],
    ids=["held", "revoked", "parked", "expired"],
)
def test_who_may_not_work_anyhow_is_not_noted(change):
    row = device(grace_period_days=0)
    License.objects.update(**change)
    assert silence.note_silent(at=row.heartbeat_due_at + 2 * HOUR) == 0


def test_devices_are_looked_through_by_pages():
    rows = [device(f"device-{number}") for number in range(5)]
    at = rows[0].heartbeat_due_at + 2 * HOUR
    assert silence.note_silent(at=at, chunk=2) == 5


@pytest.mark.django_db(transaction=True)
def test_looks_in_parallel_note_each_once():
    rows = [device(f"device-{number}") for number in range(4)]
    at = rows[0].heartbeat_due_at + 2 * HOUR

    def look():
        silence.note_silent(at=at, chunk=1)
        connections.close_all()

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert noted().count() == 4
