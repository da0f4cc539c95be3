"""No seat is taken after a device is barred, and none that it had is left."""

import threading
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from events.models import Event
from licenses import hot
from licenses.hot.absent import AbsentStore
from licenses.hot.redis import RedisStore
from licenses.models import Activation, BlacklistedDevice, License
from licenses.selectors import entry
from licenses.services import blacklist
from licenses.services.tokens import token_digest
from licenses.tasks import sign_out_barred
from tests.clock import NOW
from tests.factories import STAFF, activate, issue, make_product, make_tenant
from tests.races.killed import killed_while
from tests.races.test_seats import activate_as_the_door_does, assert_exact
from tests.races.threads import at_once, refused, succeeded

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True, params=["with copies", "without"])
def _store(request: pytest.FixtureRequest, redis_url: str) -> Iterator[None]:
    made = RedisStore(redis_url) if request.param == "with copies" else AbsentStore()
    made.clear()
    before = hot.use(made)
    yield
    made.clear()
    made.close()
    hot.use(before)


bar = partial(
    blacklist.blacklist_device, fingerprint="device-1", reason="Stolen.", at=NOW, origin=STAFF
)


def sold(number: int, **terms: Any) -> list[Any]:
    tenant, product = make_tenant(), make_product()
    return [issue(tenant=tenant, product=product, **terms) for _ in range(number)]


@pytest.mark.parametrize("kind", ["SUBSCRIPTION", "TRIAL", "CONCURRENT"])
def test_a_device_barred_among_its_activations_holds_none(kind: str) -> None:
    # A product is tried once on a device.
    issued = sold(1 if kind == "TRIAL" else 8, license_type=kind)
    arrive = [
        partial(activate_as_the_door_does, issued[n % len(issued)].key, "device-1")
        for n in range(40)
    ]

    results = at_once(*arrive[:20], bar, *arrive[20:])

    assert set(refused(results)) <= {"DEVICE_BLACKLISTED"}
    assert not Activation.objects.live().exists()
    assert set(License.objects.values_list("current_activations", flat=True)) == {0}
    for one in issued:
        assert_exact(one.license.pk)
    freed = Event.objects.filter(type="activation.deactivated")
    assert set(freed.values_list("reason", flat=True)) <= {"BLACKLISTED"}
    at_the_door = at_once(*arrive[:8])
    assert refused(at_the_door) == ["DEVICE_BLACKLISTED"] * 8


def test_a_bar_waits_for_a_seat_that_is_being_taken_and_then_ends_it() -> None:
    (issued,) = sold(1)
    taken, barred = threading.Event(), threading.Event()

    def take_slowly() -> None:
        with transaction.atomic():
            activate(issued.key)
            taken.set()
            # Whoever does not wait is through long before.
            barred.wait(0.3)

    def bar_meanwhile() -> None:
        assert taken.wait(30)
        bar()
        barred.set()

    at_once(take_slowly, bar_meanwhile)

    assert Activation.objects.get().deactivation_reason == "BLACKLISTED"
    assert_exact(issued.license.pk)


def test_a_device_barred_by_many_at_once_is_barred_once() -> None:
    issued = sold(6)
    tokens = [activate(one.key).token for one in issued]

    bars = succeeded(at_once(*[bar] * 12))

    assert {found.pk for found in bars} == {BlacklistedDevice.objects.get().pk}
    assert Event.objects.filter(type="device.blacklisted").count() == 1
    assert Event.objects.filter(type="activation.deactivated").count() == len(tokens)
    for one in issued:
        assert_exact(one.license.pk)


def test_a_bar_beside_devices_that_come_and_go_waits_in_no_ring() -> None:
    issued = sold(4, max_activations=20)
    others = [
        partial(activate_as_the_door_does, one.key, f"device-{n}")
        for n in range(2, 8)
        for one in issued
    ]
    for one in issued:
        activate(one.key)

    results = at_once(*others[:12], bar, partial(bar, reason="Lost."), *others[12:])

    assert refused(results) == []
    assert Activation.objects.live().count() == len(others)
    for one in issued:
        assert_exact(one.license.pk)


def device_told(token: str) -> Any:
    found = entry.by_token(token_digest(token), address="192.0.2.7", at=NOW).found
    assert found is not None
    return found.device


BEFORE_ANY = "barred.sign_out = lambda *args, **kwargs: die()"
AMID_ONE = """release = barred.freeing.release_across
barred.freeing.release_across = lambda *args, **kwargs: (release(*args, **kwargs), die())"""


@pytest.mark.parametrize("killed", [BEFORE_ANY, AMID_ONE], ids=["before any", "amid one"])
def test_a_bar_whose_process_is_killed_holds_and_the_job_signs_out_what_is_left(
    redis_url: str, killed: str
) -> None:
    issued = sold(5)
    tokens = [activate(one.key).token for one in issued]
    # Now there are copies of them, where copies are kept.
    assert not any(device_told(token).barred_at(NOW) for token in tokens)

    killed_while(
        f"""
from licenses.services import barred, blacklist
from tests.clock import NOW
from tests.factories import STAFF
{killed}
blacklist.blacklist_device(fingerprint="device-1", reason="x", at=NOW, origin=STAFF)
""",
        redis_url=redis_url,
    )

    assert Activation.objects.live().count() == len(tokens)
    assert all(device_told(token).barred_at(NOW) for token in tokens)

    at_once(*[partial(sign_out_barred, at=NOW.isoformat())] * 3)

    assert not Activation.objects.live().exists()
    for one in issued:
        assert_exact(one.license.pk)
    assert sign_out_barred(at=NOW.isoformat()) == {"bars": 0}
