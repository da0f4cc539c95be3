"""The doors of devices without a network: what they send, what they hear, and what cannot be."""

from typing import Any

import pytest
import time_machine

from events.models import Event
from licenses.models import Activation, OfflineRequest
from licenses.selectors import offline_requests
from licenses.services import keyring, offline
from licenses.signing import Kind, signed_by_device
from tests.clock import NOW
from tests.factories import STAFF, activate, give_back, issue
from tests.licenses.services.offline.carried import KEY, answer, request
from tests.licenses.services.offline.test_bundles import chain, entry

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


def answered(key_says: Any = None) -> tuple[Any, str, str]:
    issued = issue()
    code = request(issued.key, **(key_says or {}))
    return issued, code, answer(issued.license, code).response_code


def test_a_request_is_written_carried_answered_and_collected(call: Any):
    issued = issue(max_activations=1)
    sent = {"license_key": issued.key, "device_fingerprint": "device-1", "machine_name": "Press"}
    asked = call("activations/offline-request", sent).json()["data"]
    assert set(asked) == {"request_code", "instructions", "expires_at"}
    assert not Activation.objects.exists()
    response = answer(issued.license, asked["request_code"]).response_code
    both = {"request_code": asked["request_code"], "response_code": response}
    events = Event.objects.count()
    given = call("activations/offline-activate", both)
    assert given.status_code == 200
    shown = given.json()["data"]
    assert (shown["activation_type"], shown["status"]) == ("OFFLINE", "ACTIVE")
    assert (shown["device_fingerprint"], shown["machine_name"]) == ("device-1", "Press")
    assert shown["valid_until"]
    assert "lease_expires_at" not in shown
    # Twice is once: it takes no seat and writes nothing.
    assert call("activations/offline-activate", both).json() == given.json()
    assert Event.objects.count() == events
    checked = call("activations/validate", {"activation_token": shown["activation_token"]})
    assert checked.json()["data"]["code"] == "VALID"


def test_the_nonce_that_a_device_sent_comes_back_and_stands_in_its_response(call: Any):
    issued = issue()
    sent = {"license_key": issued.key, "device_fingerprint": "device-1", "nonce": "q" * 20}
    asked = call("activations/offline-request", sent).json()["data"]
    assert asked["nonce"] == "q" * 20
    assert offline_requests.read(asked["request_code"], at=NOW).nonce == "q" * 20


@pytest.mark.parametrize(
    ("says", "status", "code"),
    [
        ({"nonce": "short"}, 400, "VALIDATION_ERROR"),
        ({"nonce": "with spaces in between"}, 400, "VALIDATION_ERROR"),
        ({"nonce": "x" * 129}, 400, "VALIDATION_ERROR"),
        ({"public_key": "x"}, 400, "VALIDATION_ERROR"),
        ({"public_key": "A" * 43}, 400, "VALIDATION_ERROR"),
        ({"device_fingerprint": "None"}, 400, "INVALID_FINGERPRINT"),
        ({"license_key": "hello"}, 400, "INVALID_LICENSE_KEY_FORMAT"),
        ({"license_key": "0000-0000-0000-0000-0000"}, 404, "LICENSE_NOT_FOUND"),
        ({"license_key": None}, 400, "VALIDATION_ERROR"),
        ({"cpu_count": 0}, 400, "VALIDATION_ERROR"),
        ({"core_count": 65_537}, 400, "VALIDATION_ERROR"),
        # Written down it would be longer than what may be brought.
        ({"machine_name": "x" * 50_000}, 413, "BODY_TOO_LARGE"),
    ],
    ids=lambda says: str(says)[:40],
)
def test_no_request_is_written_of_what_cannot_be(
    call: Any, says: dict[str, Any], status: int, code: str
):
    sent = {"license_key": issue().key, "device_fingerprint": "device-1"}
    refused = call("activations/offline-request", sent | says)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert not OfflineRequest.objects.exists()


def test_a_nonce_that_is_too_short_is_told_so_and_not_merely_repeated(call: Any):
    sent = {"license_key": issue().key, "device_fingerprint": "device-1", "nonce": "x" * 8}
    refused = call("activations/offline-request", sent)
    assert (refused.status_code, refused.json()["code"]) == (400, "VALIDATION_ERROR")
    said = refused.json()["error"]["details"]["nonce"]
    assert said == ["16 to 128 letters, digits, - and _."]
    assert not OfflineRequest.objects.exists()


@pytest.mark.parametrize(
    ("request_code", "response_code", "code"),
    [
        ("own", "hello", "DOCUMENT_INVALID"),
        ("hello", "own", "DOCUMENT_INVALID"),
        ("a.b.c", "own", "DOCUMENT_INVALID"),
        ("own", "own request", "DOCUMENT_INVALID"),
        ("own", "forged", "DOCUMENT_INVALID"),
        ("another", "own", "REPLAYED"),
    ],
)
def test_attack_12_a_response_fits_its_own_request_alone(
    call: Any, request_code: str, response_code: str, code: str
):
    issued, own, response = answered()
    codes = {
        "own": own,
        "another": request(issued.key, "device-2", nonce="m" * 22),
    }
    responses = {
        "own": response,
        "own request": own,
        "forged": response[:-20] + "A" * 18 + response[-2:],
    }
    events = Event.objects.count()
    refused = call(
        "activations/offline-activate",
        {
            "request_code": codes.get(request_code, request_code),
            "response_code": responses.get(response_code, response_code),
        },
    )
    assert refused.json()["code"] == code
    assert refused.status_code == (409 if code == "REPLAYED" else 400)
    assert Activation.objects.count() == 1
    assert Event.objects.count() == events


def test_a_device_let_go_or_a_key_replaced_collects_nothing(call: Any):
    issued, code, response = answered()
    both = {"request_code": code, "response_code": response}
    keyring.reissue_key(license_id=issued.license.pk, reason="x", at=NOW, origin=STAFF)
    refused = call("activations/offline-activate", both)
    assert (refused.status_code, refused.json()["code"]) == (404, "LICENSE_NOT_FOUND")
    _, code, response = answered()
    wish = offline_requests.read(code, at=NOW)
    give_back(offline.collect(wish=wish, response_code=response, at=NOW).token)
    refused = call(
        "activations/offline-activate", {"request_code": code, "response_code": response}
    )
    assert (refused.status_code, refused.json()["code"]) == (403, "ACTIVATION_DEACTIVATED")
    assert refused.json()["error"]["details"]["next_action"] == "use_offline"


def test_files_are_checked_out_by_key_and_by_token(call: Any):
    issued = issue()
    token = activate(issued.key).token
    for sent in (
        {"license_key": issued.key},
        {"license_key": issued.key, "device_fingerprint": "device-1", "ttl_days": 90},
        {"activation_token": token},
    ):
        made = call("licenses/checkout", sent)
        assert made.status_code == 200, made.content
        assert set(made.json()["data"]) == {"license_file", "expires_at", "kid"}


@pytest.mark.parametrize(
    ("says", "status", "code"),
    [
        ({"ttl_days": 0}, 400, "VALIDATION_ERROR"),
        ({"ttl_days": 1.5}, 400, "VALIDATION_ERROR"),
        ({"ttl_days": 91}, 400, "VALIDATION_ERROR"),
        ({"device_fingerprint": "unknown one"}, 403, "DEVICE_NOT_ACTIVATED"),
        ({"device_fingerprint": "0000"}, 400, "INVALID_FINGERPRINT"),
        ({"license_key": "0000-0000-0000-0000-0000"}, 404, "LICENSE_NOT_FOUND"),
    ],
    ids=str,
)
def test_no_file_is_made_of_what_cannot_be(call: Any, says: dict[str, Any], status: int, code: str):
    refused = call("licenses/checkout", {"license_key": issue().key} | says)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert not Event.objects.filter(type="license.file_issued").exists()


def test_receipts_and_bundles_come_by_their_doors_with_no_other_credential(call: Any):
    issued = issue()
    answered = answer(issued.license, request(issued.key))
    bundle = chain(answered.activation_id, [entry(1)])
    taken = call("usage/offline", {"bundle": bundle, "nonce": "q-8f2a61c0"})
    assert taken.json()["data"] == {"accepted": 1, "entries": 1, "nonce": "q-8f2a61c0"}
    fork = chain(answered.activation_id, [entry(1, 0), entry(2)])
    forked = call("usage/offline", {"bundle": fork})
    assert (forked.status_code, forked.json()["code"]) == (409, "USAGE_FORKED")
    claims = {"dev": str(answered.activation_id), "seq": 1}
    receipt = signed_by_device(Kind.DEACTIVATION_RECEIPT, claims, key=KEY)
    for _ in range(2):
        freed = call("activations/offline-deactivate", {"receipt": receipt})
        assert freed.status_code == 200
        assert freed.json()["data"]["status"] == "DEACTIVATED"
    for route, name in (("usage/offline", "bundle"), ("activations/offline-deactivate", "receipt")):
        refused = call(route, {name: "hello"})
        assert (refused.status_code, refused.json()["code"]) == (400, "DOCUMENT_INVALID")
        assert refused.json()["error"]["details"]["reason"] == "MALFORMED"
