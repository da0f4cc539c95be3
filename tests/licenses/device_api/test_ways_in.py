"""A name and a replaced device, as the sold software asks for them."""

import pytest

from licenses.models import Activation, License
from tests.clock import NOW
from tests.factories import activate, issue

pytestmark = pytest.mark.django_db


def ask(call, issued, device="my-device", **sent):
    return call(
        "activations",
        {"license_key": issued.key, "device_fingerprint": device, "nonce": "nonce-01"} | sent,
    )


def test_a_device_says_who_uses_it_and_hears_the_name_again(call):
    issued = issue(license_type="NAMED_USER")
    came = ask(call, issued, user_identity=" Ada ")
    again = ask(call, issued, user_identity="ADA")
    assert (came.status_code, again.status_code) == (201, 200)
    assert came.json()["data"]["user_identity"] == "ada"
    token = came.json()["data"]["activation_token"]
    assert again.json()["data"]["activation_token"] == token
    told = call("activations/validate", {"activation_token": token}).json()["data"]
    assert told["valid"]
    assert told["activation"]["user_identity"] == "ada"
    assert told["license"]["current_activations"] == 1


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({}, "USER_IDENTITY_REQUIRED"),
        ({"user_identity": ""}, "USER_IDENTITY_REQUIRED"),
        ({"user_identity": "  "}, "USER_IDENTITY_REQUIRED"),
        ({"user_identity": "x" * 255}, "VALIDATION_ERROR"),
        ({"user_identity": 7}, "VALIDATION_ERROR"),
        ({"user_identity": None}, "VALIDATION_ERROR"),
    ],
)
def test_what_names_nobody_is_a_bad_request(call, sent, code):
    issued = issue(license_type="NAMED_USER")
    refused = ask(call, issued, **sent)
    assert (refused.status_code, refused.json()["code"]) == (400, code)
    assert refused.json()["error"]["details"].get("nonce", "nonce-01") == "nonce-01"
    assert not Activation.objects.exists()
    assert License.objects.get().current_activations == 0


def test_where_devices_hold_the_seats_no_name_is_kept(call):
    came = ask(call, issue(), user_identity="ada")
    assert came.status_code == 201
    assert "user_identity" not in came.json()["data"]


def test_a_full_licence_lets_a_device_take_anothers_place(call):
    issued = issue(self_service="REPLACE", max_activations=1)
    old = activate(issued.key, "old-device")
    full = ask(call, issued)
    assert full.status_code == 409
    [offer] = full.json()["error"]["details"]["devices"]
    assert offer.keys() == {
        "activation_id", "device", "machine_name", "activated_at", "last_seen", "replace_token",
    }  # fmt: skip
    came = ask(call, issued, replace_token=offer["replace_token"])
    again = ask(call, issued, replace_token=offer["replace_token"])
    assert (came.status_code, again.status_code) == (201, 200)
    assert again.json()["data"]["id"] == came.json()["data"]["id"]
    gone = call("activations/validate", {"activation_token": old.token}).json()["data"]
    assert (gone["valid"], gone["code"]) == (False, "ACTIVATION_DEACTIVATED")
    assert gone["activation"]["deactivation_reason"] == "REPLACED"


def test_a_spent_token_is_a_conflict_that_says_what_to_do(call):
    issued = issue(self_service="REPLACE", max_activations=1)
    activate(issued.key, "old-device")
    [offer] = ask(call, issued).json()["error"]["details"]["devices"]
    ask(call, issued, replace_token=offer["replace_token"])
    refused = ask(call, issued, "third", replace_token=offer["replace_token"])
    assert (refused.status_code, refused.json()["code"]) == (409, "REPLACE_TOKEN_INVALID")
    assert refused.json()["error"]["next_action"] == "activate"
    assert Activation.objects.live().get().activated_at == NOW
