"""Seats stay exact however many devices come at once."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from django.db.models import Sum

from events.models import Event
from licenses import hot
from licenses.hot.absent import AbsentStore
from licenses.hot.redis import RedisStore
from licenses.models import Activation, License
from licenses.selectors import entry
from licenses.services import activation, lifecycle
from licenses.services.claims import Device
from licenses.services.tokens import token_digest
from tests.clock import NOW
from tests.factories import DEVICE, STAFF, activate, give_back, issue
from tests.races.killed import killed_while
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


def activate_as_the_door_does(key: str, fingerprint: str) -> Any:
    got = entry.by_key(key, address="192.0.2.7", at=NOW, device_needed=False)
    assert got.found is not None
    return activation.activate_found(
        found=got.found, device=Device(fingerprint=fingerprint), at=NOW, origin=DEVICE
    )


def assert_exact(license_id: object) -> None:
    """Counter, live rows and events tell the same."""
    license = License.objects.get(pk=license_id)
    live = Activation.objects.live().filter(license_id=license_id)
    assert license.current_activations == (live.aggregate(sum=Sum("units"))["sum"] or 0)
    events = Event.objects.of_license(license.pk)
    created = events.filter(type="activation.created").count()
    assert created == Activation.objects.filter(license_id=license_id).count()
    assert created - events.filter(type="activation.deactivated").count() == live.count()


def test_forty_devices_share_five_seats() -> None:
    issued = issue(max_activations=5)

    results = at_once(
        *(partial(activate_as_the_door_does, issued.key, f"device-{n}") for n in range(40))
    )

    assert len(succeeded(results)) == 5
    assert refused(results) == ["ACTIVATION_LIMIT_EXCEEDED"] * 35
    assert License.objects.get().current_activations == 5
    assert_exact(issued.license.pk)


def test_one_device_that_asks_twenty_times_at_once_has_one_seat_and_one_token() -> None:
    issued = issue(max_activations=5)

    results = at_once(*[partial(activate_as_the_door_does, issued.key, "device-1")] * 20)

    assert len(succeeded(results)) == 20
    assert sorted(done.is_new for done in results) == [False] * 19 + [True]
    (token,) = {done.token for done in results}
    found = entry.by_token(token_digest(token), address="192.0.2.7", at=NOW).found
    assert found is not None
    assert found.device.live
    assert_exact(issued.license.pk)


def test_a_seat_freed_by_many_at_once_is_freed_once() -> None:
    issued = issue(max_activations=5)
    tokens = [activate(issued.key, f"device-{n}").token for n in range(4)]

    at_once(*(partial(give_back, token) for token in tokens[:3] for _ in range(6)))

    assert License.objects.get().current_activations == 1
    assert_exact(issued.license.pk)


def test_nothing_lives_on_a_licence_revoked_among_activations() -> None:
    issued = issue(max_activations=30)
    revoke = partial(
        lifecycle.revoke_license, license_id=issued.license.pk, reason="x", at=NOW, origin=STAFF
    )
    arrive = [partial(activate_as_the_door_does, issued.key, f"device-{n}") for n in range(24)]

    results = at_once(*arrive[:12], revoke, *arrive[12:])

    assert set(refused(results)) <= {"LICENSE_REVOKED"}
    assert not Activation.objects.live().exists()
    assert_exact(issued.license.pk)


def test_devices_that_come_and_go_never_wait_for_each_other_in_a_ring() -> None:
    issued = issue(max_activations=50)
    License.objects.update(releases_per_30_days=1_000)

    def come_and_go(fingerprint: str) -> None:
        for _ in range(4):
            token = activate_as_the_door_does(issued.key, fingerprint).token
            give_back(token)

    at_once(*(partial(come_and_go, f"device-{n % 4}") for n in range(16)))

    assert License.objects.get().current_activations == 0
    assert_exact(issued.license.pk)


def test_a_trial_starts_once_however_many_devices_come_first() -> None:
    issued = issue(license_type="TRIAL", max_activations=3)

    results = at_once(
        *(partial(activate_as_the_door_does, issued.key, f"device-{n}") for n in range(12))
    )

    assert len(succeeded(results)) == 3
    assert Event.objects.filter(type="license.activated").count() == 1
    assert_exact(issued.license.pk)


@pytest.mark.parametrize("point", ["lifecycle.start_license", "claims.claim", "seats.take_seat"])
def test_an_activation_killed_between_two_statements_leaves_nothing_behind(
    redis_url: str, point: str
) -> None:
    issued = issue(license_type="TRIAL")
    before = License.objects.values().get(), Event.objects.count()

    killed_while(
        f"""
        from licenses.services import activation
        from tests.factories import activate
        module, name = {point!r}.split(".")
        module = getattr(activation, module)
        does = getattr(module, name)
        setattr(module, name, lambda *args, **kwargs: (does(*args, **kwargs), die()))
        activate({issued.key!r})
        """,
        redis_url=redis_url,
    )

    assert (License.objects.values().get(), Event.objects.count()) == before
    assert not Activation.objects.exists()
    assert activate(issued.key).is_new
    assert_exact(issued.license.pk)
