"""Leases and declared units stay exact while devices, heartbeats and reapers come at once."""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db.models import Sum

from events.models import Event
from events.refusals import Refusal
from licenses import hot
from licenses.hot.absent import AbsentStore
from licenses.hot.redis import RedisStore
from licenses.models import Activation, License
from licenses.restrictions import Whereabouts
from licenses.selectors import entry
from licenses.services import activation, holding, reaping
from licenses.services.claims import Device
from licenses.services.tokens import token_digest
from licenses.validation import Asked
from tests.clock import NOW
from tests.factories import DEVICE, activate, issue, make_product, make_tenant
from tests.races.killed import killed_while
from tests.races.threads import at_once, refused, succeeded

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE = timedelta(minutes=1)
LEASE = 30 * MINUTE
LATE = NOW + LEASE


@pytest.fixture(autouse=True, params=["with copies", "without"])
def _store(request: pytest.FixtureRequest, redis_url: str, settings: Any) -> Iterator[None]:
    settings.RATE_LIMIT_TOKEN = settings.RATE_LIMIT_LICENSE = "1000000/min"
    made = RedisStore(redis_url) if request.param == "with copies" else AbsentStore()
    made.clear()
    before = hot.use(made)
    yield
    made.clear()
    made.close()
    hot.use(before)


def floating(seats: int = 5, **terms: Any) -> Any:
    return issue(license_type="CONCURRENT", max_activations=seats, **terms)


def come(key: str, fingerprint: str, at: datetime = LATE, **says: Any) -> Any:
    """A device activates as the door lets it."""
    got = entry.by_key(key, address="192.0.2.7", at=at, device_needed=False)
    assert got.found is not None
    device = Device(fingerprint=fingerprint, **says)
    return activation.activate_found(found=got.found, device=device, at=at, origin=DEVICE)


def judged(found: Any, at: datetime) -> Any:
    return entry.judged(found, Asked(device=True), caller=lambda _: Whereabouts(), at=at)


def beat(token: str, at: datetime) -> str:
    """A heartbeat as the door lets it in; returns the code."""
    got = entry.by_token(token_digest(token), address="192.0.2.7", at=at)
    assert got.found is not None
    judge = partial(judged, at=at)
    _, verdict = holding.keep_heard(
        *judge(got.found), borrow_days=None, judge=judge, boot=got.boot, at=at, origin=DEVICE
    )
    return verdict.code


def validate(token: str, at: datetime) -> str:
    got = entry.by_token(token_digest(token), address="192.0.2.7", at=at)
    return judged(got.found, at)[1].code


def assert_exact() -> None:
    """Each counter is the sum of live units, and each seat that a device lost has its event."""
    for license in License.objects.all():
        live = Activation.objects.live().filter(license=license)
        assert license.current_activations == (live.aggregate(sum=Sum("units"))["sum"] or 0)
        assert license.capacity is None or license.current_activations <= license.capacity
        events = Event.objects.of_license(license.pk)
        lost = events.filter(type="activation.lease_expired").count()
        taken_again = events.filter(type="activation.updated", changes__units__before=0).count()
        assert lost - taken_again == live.filter(units=0).count()


def test_forty_devices_share_what_lapsed_leases_leave_of_five_seats() -> None:
    issued = floating()
    for number in range(5):
        # Two of them came later, and hold on.
        activate(issued.key, f"old-{number}", at=NOW + (number // 3) * 10 * MINUTE)

    results = at_once(*(partial(come, issued.key, f"new-{n}") for n in range(40)))

    assert len(succeeded(results)) == 3
    assert refused(results) == ["ACTIVATION_LIMIT_EXCEEDED"] * 37
    assert License.objects.get().current_activations == 5
    assert Event.objects.filter(type="activation.lease_expired").count() == 3
    assert_exact()


def test_newcomers_returning_devices_and_reapers_never_oversell() -> None:
    issued = floating()
    tokens = [activate(issued.key, f"old-{n}").token for n in range(5)]

    results = at_once(
        *(partial(come, issued.key, f"new-{n}") for n in range(10)),
        *(partial(beat, token, LATE) for token in tokens for _ in range(2)),
        *[partial(reaping.reap, at=LATE)] * 4,
    )

    told = [result for result in results if isinstance(result, str)]
    assert set(told) <= {"VALID", "LEASE_EXPIRED"}
    assert set(refused(results)) <= {"ACTIVATION_LIMIT_EXCEEDED"}
    assert License.objects.get().current_activations <= 5
    assert_exact()


def test_who_heard_success_keeps_its_seat_though_a_reaper_comes_at_once() -> None:
    product, tenant = make_product(), make_tenant()
    just_before = LATE - timedelta(microseconds=1)
    for _ in range(5):
        issued = floating(1, product=product, tenant=tenant)
        token = activate(issued.key).token

        code, _ = at_once(partial(beat, token, just_before), partial(reaping.reap, at=LATE))

        row = Activation.objects.get(token_digest=token_digest(token))
        # Taken back first, the device took it again.
        assert (code, row.units) == ("VALID", 1)
        assert row.lease_expires_at == just_before + LEASE
        assert validate(token, LATE) == "VALID"
    assert_exact()


def test_no_reader_calls_a_lease_expired_that_a_heartbeat_renewed() -> None:
    token = activate(floating().key).token
    rounds, over = [0], threading.Event()

    def renew() -> None:
        try:
            for number in range(1, 16):
                assert beat(token, NOW + number * 20 * MINUTE) == "VALID"
                rounds.append(number)
        finally:
            over.set()

    def read() -> int:
        asked = 0
        while not over.is_set() or not asked:
            renewed = NOW + rounds[-1] * 20 * MINUTE
            assert validate(token, renewed + LEASE - MINUTE) == "VALID"
            asked += 1
        return asked

    results = at_once(renew, *[read] * 4)

    assert min(results[1:]) > 0
    assert validate(token, NOW + 15 * 20 * MINUTE + LEASE) == "LEASE_EXPIRED"


def test_a_device_that_returns_many_times_at_once_takes_one_seat() -> None:
    issued = floating(3)
    token = activate(issued.key, "a").token
    reaping.reap(at=LATE)

    results = at_once(*[partial(beat, token, LATE)] * 6, *[partial(come, issued.key, "a")] * 6)

    assert set(results[:6]) == {"VALID"}
    assert {done.token for done in results[6:]} == {token}
    assert License.objects.get().current_activations == 1
    assert_exact()


def test_reapers_at_once_take_each_seat_back_once() -> None:
    product, tenant = make_product(), make_tenant()
    for number in range(12):
        activate(floating(1, product=product, tenant=tenant).key, f"device-{number}")

    swept = at_once(*[partial(reaping.reap, at=LATE, chunk=4)] * 4)
    swept.append(reaping.reap(at=LATE))

    assert sum(swept) == 12
    assert Event.objects.filter(type="activation.lease_expired").count() == 12
    assert_exact()


def test_one_device_that_raises_its_units_in_parallel_holds_one_of_them() -> None:
    issued = issue(license_model="PER_CORE", max_activations=64)
    token = activate(issued.key, "a", core_count=1).token

    results = at_once(*(partial(come, issued.key, "a", NOW, core_count=n) for n in range(2, 14)))

    assert {done.token for done in results} == {token}
    assert Activation.objects.get().units in range(2, 14)
    assert_exact()


def test_of_two_that_raise_their_units_to_the_last_one_gets_them() -> None:
    issued = issue(license_model="PER_CORE", max_activations=16)
    for name in ("a", "b"):
        activate(issued.key, name, core_count=4)

    results = at_once(*(partial(come, issued.key, name, NOW, core_count=12) for name in ("a", "b")))

    assert len(succeeded(results)) == 1
    assert refused(results) == ["ACTIVATION_LIMIT_EXCEEDED"]
    assert sorted(Activation.objects.values_list("units", flat=True)) == [4, 12]
    assert_exact()


KILLED = {
    "reaping.reap": ("reaping.reap(at=LATE)", ["leases._lapsed", "leases.forget"]),
    "activating": ("activate(KEY, 'new', at=LATE)", ["leases._lapsed", "seats.take_seat"]),
    "coming back": (
        "activate(KEY, 'old', at=LATE)",
        ["holding.seat_counter.move", "holding._tell"],
    ),
}


@pytest.mark.parametrize(
    ("act", "point"),
    [(act, point) for act, (_, points) in KILLED.items() for point in points],
)
def test_a_worker_killed_on_the_way_leaves_everything_as_it_was(redis_url, act, point) -> None:
    issued = floating(1)
    activate(issued.key, "old")
    if act == "coming back":
        reaping.reap(at=LATE)
    before = License.objects.values().get(), Activation.objects.values().get()
    events = Event.objects.count()

    killed_while(
        f"""
        from licenses.services import holding, leases, reaping, seats
        from tests.factories import activate
        from tests.races.test_leases import LATE
        KEY = {issued.key!r}
        module, _, name = {point!r}.rpartition(".")
        module = eval(module)
        does = getattr(module, name)
        setattr(module, name, lambda *args, **kwargs: (does(*args, **kwargs), die()))
        {KILLED[act][0]}
        """,
        redis_url=redis_url,
    )

    assert (License.objects.values().get(), Activation.objects.values().get()) == before
    assert Event.objects.count() == events
    assert reaping.reap(at=LATE) == (act != "coming back")
    assert_exact()
    with pytest.raises(Refusal):
        [activate(issued.key, name, at=LATE) for name in ("x", "y")]
