"""The device calls through HTTP: the ordinary course, and what each answer holds."""

from datetime import timedelta
from decimal import Decimal

import pytest

from events import vault
from licenses.models import Activation, BlacklistedDevice, License
from licenses.selectors.snapshots import FINGERPRINT
from licenses.services import lifecycle
from licenses.services.entitlements import FeatureGrant
from tests.clock import NOW
from tests.factories import STAFF, activate, issue, make_customer, make_product

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
        "nonce": "n-1",
        "something_newer": True,
    }

    data = call("activations", body, HTTP_USER_AGENT="cad/4.2").json()["data"]

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
    assert data["activation"]["device_fingerprint"] == "****ce-1"
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
    body = {"activation_token": "act_unknown", "nonce": "n-7"}

    verdict = call("activations/validate", body)
    refused = [call(f"activations/{route}", body) for route in ("heartbeat", "deactivate")]

    assert verdict.status_code == 200
    assert verdict.json()["data"] == {
        "nonce": "n-7",
        "valid": False,
        "code": "INVALID_ACTIVATION_TOKEN",
        "next_action": "activate",
    }
    for answer in refused:
        assert (answer.status_code, answer.json()["code"]) == (401, "INVALID_ACTIVATION_TOKEN")
        assert answer.json()["error"]["details"]["nonce"] == "n-7"


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


def test_a_key_nobody_issued_gets_a_verdict(call) -> None:
    answer = call("validate", {"license_key": "0000-0000-0000-0000-0000"})

    assert answer.status_code == 200
    assert answer.json()["data"] == {
        "valid": False,
        "code": "LICENSE_NOT_FOUND",
        "next_action": "check_key",
        "validation_details": {
            "key_format_valid": True,
            "signature_valid": False,
            "not_expired": False,
            "activation_limit_ok": False,
            "restrictions_satisfied": False,
        },
    }


def test_a_good_key_is_valid_and_shows_its_licence(call) -> None:
    issued = issue()

    data = call("validate", {"license_key": issued.key, "nonce": "n"}).json()["data"]

    assert (data["valid"], data["code"], data["nonce"]) == (True, "VALID", "n")
    assert set(data["validation_details"].values()) == {True}
    assert data["license"]["id"] == str(issued.license.pk)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"product_id": "another"}, "PRODUCT_MISMATCH"),
        ({"device_fingerprint": "elsewhere"}, "DEVICE_NOT_ACTIVATED"),
        ({"features": ["export", "never-heard-of"]}, "FEATURE_NOT_LICENSED"),
        ({"features": ["export"], "device_fingerprint": "device-1"}, "VALID"),
    ],
)
def test_whatever_is_asked_about_a_key_is_checked(call, asked, code) -> None:
    product = make_product("export")
    issued = issue(product=product, features=[FeatureGrant(feature_id="export")])
    activate(issued.key)

    data = call("validate", {"license_key": issued.key} | asked).json()["data"]

    assert data["code"] == code
    assert data["valid"] is (code == "VALID")
    failed = [check["name"] for check in data["checks"] if not check["passed"]]
    assert bool(failed) is (code != "VALID")


def test_an_expired_key_fails_one_of_the_five_questions(call) -> None:
    issued = issue(grace_period_days=0)

    data = call("validate", {"license_key": issued.key}, at=NOW + YEAR).json()["data"]

    assert (data["valid"], data["code"], data["next_action"]) == (False, "LICENSE_EXPIRED", "renew")
    assert data["validation_details"]["not_expired"] is False
    assert data["validation_details"]["signature_valid"] is True


def test_grace_is_valid_and_says_when_it_ends(call) -> None:
    issued = issue()

    data = call("validate", {"license_key": issued.key}, at=NOW + YEAR).json()["data"]

    assert (data["valid"], data["code"], data["next_action"]) == (True, "IN_GRACE", "renew")
    assert data["grace_ends_at"] == "2027-04-13T09:26:53Z"


def test_a_barred_device_hears_so_though_it_holds_no_seat(call) -> None:
    issued = issue()
    BlacklistedDevice.objects.create(
        fingerprint_digest=vault.digest(FINGERPRINT, "stolen"), reason="stolen", created_at=NOW
    )

    asked = {"license_key": issued.key, "device_fingerprint": "stolen"}

    assert call("validate", asked).json()["data"]["code"] == "DEVICE_BLACKLISTED"


def test_status_tells_how_any_known_licence_stands(call) -> None:
    product = make_product("export")
    customer = make_customer(name="Brenner Ingenieure GmbH")
    issued = issue(
        tenant=customer.tenant,
        customer_id=customer.pk,
        product=product,
        features=[FeatureGrant(feature_id="export", limit_value=Decimal(5), limit_type="COUNT")],
    )
    token = activate(issued.key).token

    by_key = call("status", {"license_key": issued.key}).json()["data"]
    by_token = call("status", {"activation_token": token}).json()["data"]
    lifecycle.revoke_license(license_id=issued.license.pk, reason="x", at=NOW, origin=STAFF)
    revoked = call("status", {"license_key": issued.key}).json()["data"]

    assert (
        by_key
        == by_token
        == {
            "status": "ACTIVE",
            "license_type": "SUBSCRIPTION",
            "customer_name": "Brenner Ingenieure GmbH",
            "expires_at": "2027-03-14T09:26:53Z",
            "days_remaining": 365,
            "in_grace": False,
            "features": ["export"],
            "limits": {"export": 5, "max_activations": 3},
        }
    )
    assert revoked["status"] == "REVOKED"


def test_status_of_an_unknown_licence_is_an_error(call) -> None:
    by_key = call("status", {"license_key": "0000-0000-0000-0000-0000"})
    by_token = call("status", {"activation_token": "act_unknown"})

    assert (by_key.status_code, by_key.json()["code"]) == (404, "LICENSE_NOT_FOUND")
    assert (by_token.status_code, by_token.json()["code"]) == (401, "INVALID_ACTIVATION_TOKEN")
