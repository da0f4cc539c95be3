"""Names and replaced devices, however many come at once."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from django.core.management import call_command

from events.models import Event
from events.refusals import Refusal
from licenses import hot
from licenses.hot.absent import AbsentStore
from licenses.hot.redis import RedisStore
from licenses.models import Activation, License, NamedUser
from licenses.selectors import entry
from licenses.services import activation, lifecycle, named_users
from licenses.services.claims import Device
from tests.clock import NOW
from tests.factories import DEVICE, STAFF, activate, give_back, issue
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


def come(key: str, fingerprint: str, **says: Any) -> Any:
    got = entry.by_key(key, address="192.0.2.7", at=NOW, device_needed=False)
    assert got.found is not None
    return activation.activate_found(
        found=got.found, device=Device(fingerprint=fingerprint, **says), at=NOW, origin=DEVICE
    )


def assert_exact() -> None:
    """Counter, names and live units tell the same."""
    call_command("check_seats")
    for license in License.objects.all():
        assert license.capacity is None or license.current_activations <= license.capacity


def test_forty_names_share_five_seats() -> None:
    issued = issue(license_type="NAMED_USER", max_activations=5)

    results = at_once(
        *(partial(come, issued.key, f"device-{n}", user_identity=f"user-{n}") for n in range(40))
    )

    assert len(succeeded(results)) == 5
    assert refused(results) == ["ACTIVATION_LIMIT_EXCEEDED"] * 35
    assert NamedUser.objects.count() == 5
    assert_exact()


def test_one_name_on_many_devices_at_once_takes_one_seat() -> None:
    issued = issue(license_type="NAMED_USER", max_activations=5)

    results = at_once(
        *(partial(come, issued.key, f"device-{n}", user_identity="Ada") for n in range(20))
    )

    assert len(succeeded(results)) == 20
    assert License.objects.get().current_activations == 1
    assert Event.objects.filter(type="named_user.assigned").count() == 1
    assert_exact()


def test_many_names_on_one_device_at_once_leave_it_to_one_of_them() -> None:
    issued = issue(license_type="NAMED_USER", max_activations=5)

    results = at_once(
        *(partial(come, issued.key, "shared", user_identity=f"user-{n}") for n in range(8))
    )

    assert set(refused(results)) <= {"ACTIVATION_LIMIT_EXCEEDED", "TRY_AGAIN"}
    assert Activation.objects.live().count() == 1
    assert Activation.objects.count() == len(succeeded(results))
    assert_exact()


def test_names_that_come_and_go_never_wait_for_each_other_in_a_ring() -> None:
    issued = issue(license_type="NAMED_USER", max_activations=3)

    def come_and_go(name: str) -> None:
        for _ in range(3):
            try:
                token = come(issued.key, f"device-of-{name}", user_identity=name).token
            except Refusal:
                continue
            give_back(token)
            row = NamedUser.objects.assigned().get(identity=name)
            named_users.unassign(
                license_id=issued.license.pk,
                named_user_id=row.pk,
                reason="x",
                at=NOW,
                origin=STAFF,
            )

    at_once(*(partial(come_and_go, f"user-{n}") for n in range(8)))

    assert License.objects.get().current_activations == 0
    assert_exact()


def test_no_name_stays_on_a_licence_revoked_among_them() -> None:
    issued = issue(license_type="NAMED_USER", max_activations=30)
    revoke = partial(
        lifecycle.revoke_license, license_id=issued.license.pk, reason="x", at=NOW, origin=STAFF
    )
    arrive = [
        partial(come, issued.key, f"device-{n}", user_identity=f"user-{n}") for n in range(16)
    ]

    results = at_once(*arrive[:8], revoke, *arrive[8:])

    assert set(refused(results)) <= {"LICENSE_REVOKED"}
    assert not NamedUser.objects.assigned().exists()
    assert not Activation.objects.live().exists()
    assert_exact()


def offered(key: str, fingerprint: str) -> str:
    with pytest.raises(Refusal) as full:
        come(key, fingerprint)
    token: str = full.value.details["devices"][0]["replace_token"]
    return token


def test_of_twenty_devices_with_tokens_of_one_seat_one_gets_it() -> None:
    issued = issue(max_activations=1, self_service="REPLACE")
    License.objects.update(releases_per_30_days=1_000)
    activate(issued.key, "old")
    tokens = {f"new-{n}": offered(issued.key, f"new-{n}") for n in range(20)}

    results = at_once(
        *(partial(come, issued.key, name, replace_token=token) for name, token in tokens.items())
    )

    assert len(succeeded(results)) == 1
    assert refused(results) == ["REPLACE_TOKEN_INVALID"] * 19
    assert Activation.objects.live().count() == 1
    assert_exact()


def test_one_device_that_replaces_twenty_times_at_once_ends_one() -> None:
    issued = issue(max_activations=2, self_service="REPLACE")
    for number in range(2):
        activate(issued.key, f"old-{number}")
    token = offered(issued.key, "new")

    results = at_once(*[partial(come, issued.key, "new", replace_token=token)] * 20)

    assert refused(results) == []
    assert len({done.token for done in succeeded(results)}) == 1
    # Once more, by a copy of the licence that knows nothing of the device.
    assert come(issued.key, "new", replace_token=token).token == results[0].token
    assert Activation.objects.filter(deactivation_reason="REPLACED").count() == 1
    assert_exact()
