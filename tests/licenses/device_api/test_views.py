"""The device calls through HTTP: the ordinary course, and what each answer holds."""

from datetime import timedelta

import pytest

from licenses.models import Activation, License
from licenses.services import lifecycle
from tests.clock import NOW
from tests.factories import STAFF, activate, issue, make_customer

pytestmark = pytest.mark.django_db
YEAR = timedelta(days=365)


def send(call, issued, fingerprint="my-device", **fields):
    body = {"license_key": issued.key, "device_fingerprint": fingerprint} | fields
    return call("activations", body)


def test_a_device_activates_with_no_more_than_a_key_and_a_fingerprint(call) -> None:
    issued = issue()

    answer = call("activations", {"license_key": issued.key, "device_fingerprint": "my-device"})

    assert answer.status_code == 201
    data = answer.json()["data"]
    row = Activation.objects.get()
    assert data["id"] == str(row.pk)
    assert data["license_id"] == str(issued.license.pk)
    assert data["activation_token"].startswith("act_")
    assert data["device_fingerprint"] == "my-device"
    assert data["status"] == "ACTIVE"
    assert data["activated_at"] == "2026-03-14T09:26:53Z"
    assert data["application_version"] == ""
    assert None not in data.values()


def test_an_answer_shows_the_device_what_it_just_sent(call) -> None:
    issued = issue()
    body = {
        "license_key": issued.key,
        "device_fingerprint": "my-device",
        "hardware_id": "board-4711",
        "mac_address": "AA-BB-CC-DD-EE-FF",
        "machine_name": "drawing-office",
        "domain": "cad.brenner.example",
        "country": "DE",
        "metadata": {"room": 4},
        "nonce": "nonce-01",
        "something_newer": True,
    }

    data = call("activations", body, HTTP_USER_AGENT="cad/4.2").json()["data"]
    assert data["country"] == "DE"

    assert {
        name: data[name] for name in ("hardware_id", "mac_address", "machine_name", "nonce")
    } == {name: body[name] for name in ("hardware_id", "mac_address", "machine_name", "nonce")}
    row = Activation.objects.get()
    assert (row.domain, row.country, row.metadata) == ("cad.brenner.example", "DE", {"room": 4})
    assert row.user_agent == "cad/4.2"


def test_the_same_device_gets_200_and_its_token_again(call) -> None:
    issued = issue()

    first, again = send(call, issued), send(call, issued)

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["data"] == first.json()["data"]
    assert License.objects.get().current_activations == 1


def test_the_token_stands_in_no_other_answer(call) -> None:
    issued = issue()
    token = send(call, issued).json()["data"]["activation_token"]

    for route in ("activations/validate", "activations/heartbeat", "activations/deactivate"):
        assert token not in call(route, {"activation_token": token}).content.decode()


def test_a_token_may_come_as_the_bearer(call) -> None:
    token = activate(issue().key).token

    answer = call("activations/validate", {}, HTTP_AUTHORIZATION=f"Bearer {token}")

    assert answer.json()["data"]["valid"] is True


def test_a_body_with_a_credential_needs_no_other(call) -> None:
    issued = issue()
    token = send(call, issued).json()["data"]["activation_token"]

    for header in ("", "Bearer wrong", "Basic eDp5"):
        answer = call(
            "activations/validate", {"activation_token": token}, HTTP_AUTHORIZATION=header
        )
        assert answer.json()["data"]["valid"] is True


def test_validation_shows_the_licence_as_its_device_may_see_it(call) -> None:
    customer = make_customer()
    issued = issue(
        tenant=customer.tenant,
        customer_id=customer.pk,
        metadata={"public": {"motd": "hello"}, "secret": 1},
    )
    token = activate(issued.key).token

    data = call("activations/validate", {"activation_token": token}).json()["data"]

    assert (data["valid"], data["code"], data["next_action"]) == (True, "VALID", "none")
    license = data["license"]
    assert license["license_key"] == issued.license.masked_key
    assert license["metadata"] == {"motd": "hello"}
    assert license["expiry_date"].endswith("Z")
    assert not {"customer_id", "reseller_id"} & license.keys()
    assert None not in license.values()
    assert data["activation"]["device_fingerprint"] == "****-1"
    assert data["activation"]["activation_token"] == ""
    assert all(check["passed"] for check in data["checks"])


@pytest.mark.parametrize(("seen", "changed"), [(1, False), (2, True), (None, None)])
def test_a_device_hears_whether_its_licence_changed(call, seen, changed) -> None:
    body = {"activation_token": activate(issue().key).token}
    if seen is not None:
        body["revision"] = seen

    for route in ("activations/validate", "activations/heartbeat"):
        assert call(route, body).json()["data"].get("license_changed") is changed


def test_an_unknown_token_is_a_verdict_to_validation_and_401_elsewhere(call) -> None:
    body = {"activation_token": "act_unknown", "nonce": "nonce-07"}

    verdict = call("activations/validate", body)
    refused = [call(f"activations/{route}", body) for route in ("heartbeat", "deactivate")]

    assert verdict.status_code == 200
    assert verdict.json()["data"] == {
        "nonce": "nonce-07",
        "valid": False,
        "code": "INVALID_ACTIVATION_TOKEN",
        "next_action": "activate",
    }
    for answer in refused:
        assert (answer.status_code, answer.json()["code"]) == (401, "INVALID_ACTIVATION_TOKEN")
        assert answer.json()["error"]["details"]["nonce"] == "nonce-07"


def test_a_heartbeat_of_a_dead_licence_is_answered_and_says_so(call) -> None:
    issued = issue()
    token = activate(issued.key).token
    lifecycle.suspend_license(license_id=issued.license.pk, reason="odd", at=NOW, origin=STAFF)

    answer = call("activations/heartbeat", {"activation_token": token})

    assert answer.status_code == 200
    data = answer.json()["data"]
    assert (data["status"], data["valid"], data["code"]) == ("REFUSED", False, "LICENSE_SUSPENDED")


def test_a_heartbeat_says_when_the_next_is_due(call) -> None:
    token = activate(issue(heartbeat_interval_seconds=300).key).token

    data = call("activations/heartbeat", {"activation_token": token}).json()["data"]

    assert (data["status"], data["next_heartbeat_at"]) == ("SUCCESS", "2026-03-14T09:31:53Z")


def test_a_device_that_was_signed_out_is_known_and_refused(call) -> None:
    issued = issue()
    token = activate(issued.key).token
    freed = [call("activations/deactivate", {"activation_token": token, "reason": "sold"})] * 2

    for answer in freed:
        data = answer.json()["data"]
        assert (data["status"], data["deactivation_reason"]) == ("DEACTIVATED", "sold")
        assert data["deactivated_at"] == "2026-03-14T09:26:53Z"
    assert License.objects.get().current_activations == 0
    beat = call("activations/heartbeat", {"activation_token": token}).json()["data"]
    assert (beat["status"], beat["code"]) == ("REFUSED", "ACTIVATION_DEACTIVATED")
