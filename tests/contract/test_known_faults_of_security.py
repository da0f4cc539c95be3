"""Faults that a server for these clients was measured to have: reports, guesses, repeats."""

import pytest

from licenses import hot
from licenses.models import Activation
from tests.contract.asking import on_device, terms

pytestmark = pytest.mark.django_db


def test_fault_49_what_devices_report_is_kept_and_can_be_read(vendor, world):
    says = {
        "activity_type": "UNUSUAL_LOCATION",
        "description": "Far away.",
        "evidence": {"km": 900},
    }
    told = on_device("/security/report-activity", license_key=world.key, **says)
    incident_id = told.json()["data"]["incident_id"]
    kept = vendor.get(f"/security/incidents/{incident_id}").json()["data"]
    assert kept.items() >= (says | {"license_id": str(world.license.pk), "status": "OPEN"}).items()


def test_fault_51_creating_repeats_safely_and_calls_are_counted(vendor, world):
    made = [vendor.post("/licenses", terms(world), Idempotency_Key="order-4711") for _ in range(2)]
    assert made[0].content == made[1].content
    assert int(made[1]["RateLimit-Remaining"]) < int(made[0]["RateLimit-Remaining"])


def test_fault_51_the_same_device_activates_once_however_often_it_asks(world):
    sent = {"license_key": world.key, "device_fingerprint": "device-7"}
    told = [on_device("/activations", **sent) for _ in range(2)]
    assert [answer.status_code for answer in told] == [201, 200]
    tokens = {answer.json()["data"]["activation_token"] for answer in told}
    assert len(tokens) == 1
    assert Activation.objects.filter(license=world.license).count() == 2  # the world's own


@pytest.mark.parametrize(("path", "wrong"), [
    ("/validate", {"license_key": "0000-0000-0000-0000-0000"}),
    ("/activations/validate", {"activation_token": "act_guessed"}),
])  # fmt: skip
def test_fault_51_guessing_keys_and_tokens_is_slowed_and_knowing_them_is_not(world, path, wrong):
    sent = {"license_key": world.key, "device_fingerprint": "device-7"}
    token = on_device("/activations", **sent).json()["data"]["activation_token"]
    hot.store().clear()
    guesses = [on_device(path, **wrong).status_code for _ in range(22)]
    assert guesses == [200] * 20 + [429] * 2
    assert on_device("/validate", license_key=world.key).status_code == 200
    assert on_device("/activations/validate", activation_token=token).status_code == 200
