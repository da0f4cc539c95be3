"""Jobs find what is due and hand it to a service: late, twice and in parallel."""

from datetime import timedelta

import pytest

from events.models import Event
from licenses.models import Activation, AppliedBatch, License, OfflineRequest, StatusSweep
from licenses.tasks import (
    catch_up_every_status,
    catch_up_statuses,
    prune_applied_batches,
    prune_offline_requests,
)
from tests.clock import NOW
from tests.factories import issue
from tests.licenses.services.offline.carried import answer, request

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
YEAR = timedelta(days=365)


def steps():
    return list(
        Event.objects.filter(actor_kind="system")
        .order_by("sequence")
        .values_list("type", "occurred_at", "recorded_at")
    )


def test_a_sweep_that_comes_late_writes_every_step_with_its_own_time():
    issue(grace_period_days=3)
    late = NOW + YEAR + 10 * DAY
    assert catch_up_statuses(at=late.isoformat()) == {"licenses": 1}
    assert steps() == [
        ("license.expired", NOW + YEAR, late),
        ("license.suspended", NOW + YEAR + 3 * DAY, late),
    ]


def test_a_second_sweep_writes_no_second_event():
    issue()
    at = (NOW + YEAR).isoformat()
    assert [catch_up_statuses(at=at)["licenses"] for _ in range(2)] == [1, 0]
    assert len(steps()) == 1


def test_a_time_that_somebody_gave_is_no_mark_for_the_sweeps_of_the_day():
    catch_up_statuses(at=(NOW + YEAR).isoformat())
    assert not StatusSweep.objects.exists()
    catch_up_statuses()
    assert StatusSweep.objects.exists()


def test_the_sweep_by_night_looks_at_every_licence():
    issue(at=NOW - 2 * YEAR)
    catch_up_statuses()
    License.objects.update(status="ACTIVE")
    assert catch_up_statuses() == {"licenses": 0}
    assert catch_up_every_status() == {"licenses": 1}


def test_a_held_licence_in_the_way_stops_nothing():
    held = issue().license
    License.objects.filter(pk=held.pk).update(hold_code="STAFF", status="SUSPENDED")
    ends = issue().license
    catch_up_statuses(at=(NOW + YEAR).isoformat())
    ends.refresh_from_db()
    assert ends.status == "EXPIRED"


def test_marks_of_written_batches_are_kept_for_a_week():
    for days in (6, 8):
        AppliedBatch.objects.create(applied_at=NOW - days * DAY)
    assert prune_applied_batches(at=NOW.isoformat()) == {"batches": 1}
    assert AppliedBatch.objects.get().applied_at == NOW - 6 * DAY


def test_requests_of_offline_devices_are_kept_for_thirty_days():
    issued = issue()
    answer(issued.license, request(issued.key))
    answer(issued.license, request(issued.key, nonce="m" * 22), at=NOW + DAY)
    assert prune_offline_requests(at=(NOW + 30 * DAY).isoformat()) == {"requests": 1}
    assert OfflineRequest.objects.get().nonce == "m" * 22
    assert Activation.objects.live().count() == 1
