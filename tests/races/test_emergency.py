"""Emergency codes, however many ask for one or bring one at once."""

from functools import partial
from typing import Any

import pytest

from licenses.keys import spoken
from licenses.models import Activation, EmergencyCode, License
from licenses.selectors import numbers, snapshots
from licenses.services import emergency, lifecycle, redeeming
from licenses.services.activation import activate_device
from licenses.services.claims import Device
from tests.clock import NOW
from tests.factories import DEVICE, STAFF, issue
from tests.races.threads import at_once, refused, succeeded

pytestmark = pytest.mark.django_db(transaction=True)


def make(license: License) -> Any:
    return emergency.issue_code(license_id=license.pk, reason="x", at=NOW, origin=STAFF)


def redeem(key: str, code: str, fingerprint: str) -> Any:
    found = snapshots.by_key(key)
    assert found is not None
    device = Device(fingerprint=fingerprint)
    return redeeming.redeem(found=found, device=device, code=code, at=NOW, origin=DEVICE)


def test_of_ten_who_ask_at_once_three_get_a_code() -> None:
    license = issue().license
    results = at_once(*(partial(make, license) for _ in range(10)))
    assert len(succeeded(results)) == 3
    assert refused(results) == ["EMERGENCY_LIMIT_EXCEEDED"] * 7
    assert sorted(EmergencyCode.objects.values_list("number", flat=True)) == [1, 2, 3]


def test_of_ten_devices_with_one_code_one_is_let_in() -> None:
    issued = issue()
    made = make(issued.license)
    forms = [made.typed, made.signed] * 5
    results = at_once(
        *(partial(redeem, issued.key, form, f"device-{n}") for n, form in enumerate(forms))
    )
    assert len(succeeded(results)) == 1
    assert refused(results) == ["EMERGENCY_CODE_USED"] * 9
    assert Activation.objects.count() == 1


def test_a_device_that_races_itself_gets_one_token() -> None:
    issued = issue(max_activations=1)
    code = make(issued.license).typed
    come = partial(redeem, issued.key, code, "device-1")
    results = at_once(*[come] * 6)
    assert len({done.token for done in results}) == 1
    assert [done.is_new for done in results].count(True) == 1
    activate = partial(
        activate_device,
        key=issued.key,
        device=Device(fingerprint="device-1"),
        at=NOW,
        origin=DEVICE,
    )
    results = at_once(come, activate, come, activate)
    live = Activation.objects.live().get()
    assert (live.activation_type, live.units) == ("ONLINE", 1)
    assert not numbers.with_wrong_seats().exists()


def test_many_wrong_ones_at_once_are_five_tries() -> None:
    issued = issue()
    make(issued.license)
    guesses = [partial(redeem, issued.key, spoken.make(), f"device-{n}") for n in range(12)]
    codes = set(refused(at_once(*guesses)))
    assert codes <= {"EMERGENCY_CODE_INVALID", "EMERGENCY_CODE_LOCKED"}
    assert EmergencyCode.objects.get().wrong_tries == 5


def test_a_licence_revoked_meanwhile_has_no_live_device() -> None:
    issued = issue()
    code = make(issued.license).typed
    revoke = partial(
        lifecycle.revoke_license, license_id=issued.license.pk, reason="x", at=NOW, origin=STAFF
    )
    at_once(partial(redeem, issued.key, code, "device-1"), revoke)
    assert not Activation.objects.live().exists()
