"""The reaper is hygiene: late, twice, in parallel and after an absence it takes nobody's seat."""

import pytest
from time_machine import travel

from events.models import Event
from licenses import hot
from licenses.hot.redis import RedisStore
from licenses.models import Activation, Heartbeat, LeaseWatch, License
from licenses.services import changing, heartbeat, reaping
from licenses.tasks import reap_leases
from tests.clock import NOW
from tests.factories import STAFF, activate, issue, make_product, make_tenant
from tests.licenses.services.test_leases import LEASE, MINUTE, beat, concurrent, row_of, taken

pytestmark = pytest.mark.django_db


def test_it_takes_lapsed_leases_back_once_with_an_event_each() -> None:
    product, tenant = make_product(), make_tenant()
    for number in range(5):
        issued = concurrent(product=product, tenant=tenant)
        activate(issued.key, f"{number}-a")
        activate(issued.key, f"{number}-b", at=NOW + 10 * MINUTE)
    activate(issue(product=product, tenant=tenant).key, "node-locked")

    assert reaping.reap(at=NOW + LEASE, chunk=2) == 5
    assert reaping.reap(at=NOW + LEASE, chunk=2) == 0

    assert Event.objects.filter(type="activation.lease_expired").count() == 5
    counters = License.objects.order_by("id").values_list("current_activations", flat=True)
    assert list(counters) == [1] * 6


def test_late_it_tells_when_the_lease_ended_and_not_when_it_came() -> None:
    activate(concurrent().key)
    reaping.reap(at=NOW + 100 * LEASE)
    event = Event.objects.get(type="activation.lease_expired")
    assert (event.occurred_at, event.recorded_at) == (NOW + LEASE, NOW + 100 * LEASE)
    assert event.actor_kind == "system"


def test_what_it_frees_ends_an_excess_and_tells_every_reader() -> None:
    issued = concurrent()
    for name in ("a", "b"):
        activate(issued.key, name)
    changing.change_license(
        license_id=issued.license.pk, changes={"max_activations": 1}, at=NOW, origin=STAFF
    )
    reaping.reap(at=NOW + LEASE)
    assert License.objects.get().revision == 3
    assert list(Activation.objects.values_list("revision", flat=True)) == [2, 2]


def test_silence_never_costs_a_device_its_own_seat() -> None:
    activate(issue().key)
    reaping.reap(at=NOW + 1000 * LEASE)
    assert taken() == 1


def test_leases_get_back_the_time_in_which_nobody_could_renew() -> None:
    token = activate(concurrent().key).token
    reaping.watch(at=NOW + 10 * MINUTE)

    # Two hours of silence: twenty minutes of the lease were left when it began.
    assert reaping.watch(at=NOW + 130 * MINUTE) == 1
    assert reaping.reap(at=NOW + 130 * MINUTE) == 0

    assert row_of(token).lease_expires_at == NOW + 150 * MINUTE
    assert reaping.watch(at=NOW + 130 * MINUTE) == 0
    assert LeaseWatch.objects.get().watched_at == NOW + 130 * MINUTE


def test_what_was_renewed_or_lapsed_already_gets_nothing_back() -> None:
    issued = concurrent(max_activations=3)
    lapsed = activate(issued.key, "lapsed").token
    renewed = activate(issued.key, "renewed", at=NOW + 20 * MINUTE).token
    taken_back = activate(issued.key, "taken back").token
    reaping.watch(at=NOW + 40 * MINUTE)
    Activation.objects.filter(pk=row_of(taken_back).pk).update(units=0)
    License.objects.update(current_activations=2)
    beat(renewed, at=NOW + 45 * MINUTE)

    assert reaping.watch(at=NOW + 60 * MINUTE) == 0
    assert row_of(lapsed).lease_expires_at == NOW + LEASE
    assert row_of(renewed).lease_expires_at == NOW + 75 * MINUTE


def test_a_minute_or_two_without_a_look_is_no_absence() -> None:
    token = activate(concurrent().key).token
    reaping.watch(at=NOW)
    assert reaping.watch(at=NOW + 2 * MINUTE) == 0
    assert row_of(token).lease_expires_at == NOW + LEASE


def test_devices_that_owe_heartbeats_get_the_time_back_too() -> None:
    License.objects.filter(pk=(issued := issue()).license.pk).update(require_heartbeat=True)
    token = activate(issued.key).token
    reaping.watch(at=NOW + 20 * MINUTE)
    reaping.watch(at=NOW + 80 * MINUTE)
    assert row_of(token).heartbeat_due_at == NOW + 90 * MINUTE


def test_asked_about_another_time_the_job_learns_nothing_of_an_absence() -> None:
    activate(concurrent().key)
    with travel(NOW, tick=False):
        assert reap_leases() == {"leases": 0, "lengthened": 0}
        later = (NOW + 10 * LEASE).isoformat()
        assert reap_leases(at=later) == {"leases": 1, "lengthened": 0}
    assert LeaseWatch.objects.get().watched_at == NOW


def test_kept_heartbeats_are_written_before_anything_is_taken_back(redis_url) -> None:
    done = activate(concurrent().key)
    store = RedisStore(redis_url)
    before = hot.use(store)
    try:
        heartbeat.record(done.snapshot, {}, at=NOW + MINUTE)
        assert not Heartbeat.objects.exists()
        reap_leases(at=(NOW + LEASE).isoformat())
    finally:
        hot.use(before)
        store.clear()
        store.close()
    assert Heartbeat.objects.get().last_heartbeat == NOW + MINUTE
