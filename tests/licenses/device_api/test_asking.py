"""Asking by key: what it is good for, and how its licence stands."""

from datetime import timedelta
from decimal import Decimal

import pytest

from events import vault
from licenses.models import BlacklistedDevice
from licenses.selectors.snapshots import FINGERPRINT
from licenses.services import lifecycle
from licenses.services.entitlements import FeatureGrant
from tests.clock import NOW
from tests.factories import STAFF, activate, issue, make_customer, make_product

pytestmark = pytest.mark.django_db
YEAR = timedelta(days=365)


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

    data = call("validate", {"license_key": issued.key, "nonce": "nonce-00"}).json()["data"]

    assert (data["valid"], data["code"], data["nonce"]) == (True, "VALID", "nonce-00")
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
