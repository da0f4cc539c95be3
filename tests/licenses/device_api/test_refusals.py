"""Every code by which a device is refused, through HTTP, and that nothing changed."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from events import vault
from licenses.models import Activation, BlacklistedDevice, License, Restriction
from licenses.selectors.snapshots import FINGERPRINT
from licenses.services import lifecycle
from licenses.states import PendingCause
from tests.clock import NOW
from tests.factories import STAFF, activate, issue

pytestmark = pytest.mark.django_db
YEAR = timedelta(days=365)


def act(name: str) -> Callable[[Any], None]:
    def happens(issued: Any) -> None:
        getattr(lifecycle, name)(license_id=issued.license.pk, reason="x", at=NOW, origin=STAFF)

    return happens


def bar(issued: Any) -> None:
    BlacklistedDevice.objects.create(
        fingerprint_digest=vault.digest(FINGERPRINT, "my-device"), reason="stolen", created_at=NOW
    )


def fill(issued: Any) -> None:
    for number in range(3):
        activate(issued.key, f"device-{number}")


def restrict(issued: Any) -> None:
    Restriction.objects.create(
        license=issued.license, restriction_type="GEOGRAPHIC", operator="ALLOW", values=["DE"]
    )


def nothing(issued: Any) -> None: ...


# code, status, what happens to the licence first, what is sent besides, when, next_action
CASES: list[tuple[str, int, Callable[[Any], None], dict[str, Any], datetime, str]] = [
    ("INVALID_LICENSE_KEY_FORMAT", 400, nothing, {"license_key": "hello"}, NOW, "check_key"),
    (
        "LICENSE_NOT_FOUND", 404, nothing,
        {"license_key": "0000-0000-0000-0000-0000", "device_fingerprint": "0"}, NOW, "check_key",
    ),
    (
        "INVALID_FINGERPRINT", 400, nothing,
        {"device_fingerprint": "none"}, NOW, "contact_vendor",
    ),
    ("LICENSE_REVOKED", 403, act("revoke_license"), {}, NOW, "contact_vendor"),
    ("DEVICE_BLACKLISTED", 403, bar, {}, NOW, "contact_vendor"),
    ("LICENSE_SUSPENDED", 403, act("suspend_license"), {}, NOW, "contact_vendor"),
    ("LICENSE_INACTIVE", 403, act("park_license"), {}, NOW, "contact_vendor"),
    ("LICENSE_EXPIRED", 403, nothing, {}, NOW + YEAR, "renew"),
    ("LICENSE_EXPIRED", 403, nothing, {}, NOW + 2 * YEAR, "renew"),
    ("RESTRICTED_COUNTRY", 403, restrict, {}, NOW, "contact_vendor"),
    ("ACTIVATION_LIMIT_EXCEEDED", 409, fill, {}, NOW, "free_device"),
    ("USE_OFFLINE", 400, nothing, {"activation_type": "OFFLINE"}, NOW, "use_offline"),
    ("VALIDATION_ERROR", 400, nothing, {"activation_type": "EMERGENCY"}, NOW, ""),
    ("VALIDATION_ERROR", 400, nothing, {"emergency_code": "E-1"}, NOW, ""),
    ("REPLACE_TOKEN_INVALID", 409, nothing, {"replace_token": "r"}, NOW, "activate"),
    ("VALIDATION_ERROR", 400, nothing, {"cpu_count": 0}, NOW, ""),
    ("VALIDATION_ERROR", 400, nothing, {"core_count": -16}, NOW, ""),
    ("VALIDATION_ERROR", 400, nothing, {"core_count": 65_537}, NOW, ""),
    ("VALIDATION_ERROR", 400, nothing, {"borrow_days": 91}, NOW, ""),
    ("BORROW_NOT_ALLOWED", 403, nothing, {"borrow_days": 7}, NOW, "contact_vendor"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "status", "before", "sent", "at", "next_action"), CASES)
def test_activation_is_refused(call, code, status, before, sent, at, next_action) -> None:
    issued = issue()
    before(issued)
    rows = list(License.objects.values()), list(Activation.objects.values())
    body = {
        "license_key": issued.key,
        "device_fingerprint": "my-device",
        "nonce": "nonce-01",
    } | sent

    answer = call("activations", body, at=at)

    assert answer.status_code == status
    told = answer.json()
    assert told["code"] == told["error"]["code"] == code
    assert told["error"].get("next_action", "") == next_action
    assert told["error"]["details"]["nonce"] == "nonce-01"
    assert (list(License.objects.values()), list(Activation.objects.values())) == rows
    assert issued.key not in answer.content.decode()


@pytest.mark.parametrize(
    ("cause", "next_action"),
    [(PendingCause.PAYMENT, "pay"), (PendingCause.APPROVAL, "wait")],
)
def test_a_pending_licence_says_what_it_waits_for(call, cause, next_action) -> None:
    issued = issue(pending_cause=cause)

    answer = call("activations", {"license_key": issued.key, "device_fingerprint": "my-device"})

    assert (answer.status_code, answer.json()["code"]) == (403, "LICENSE_PENDING")
    assert answer.json()["error"]["next_action"] == next_action


def test_a_full_licence_offers_the_way_out(call) -> None:
    issued = issue()
    fill(issued)

    answer = call("activations", {"license_key": issued.key, "device_fingerprint": "my-device"})

    details = answer.json()["error"]["details"]
    assert (details["current_activations"], details["max_activations"]) == (3, 3)
    assert [device["device"] for device in details["devices"]] == [
        "****-0",
        "****-1",
        "****-2",
    ]
    assert answer.json()["message"].startswith("Conflict: ")


def test_a_second_trial_on_one_device_is_refused(call) -> None:
    first = issue(license_type="TRIAL")
    activate(first.key, "my-device")
    second = issue(license_type="TRIAL", product=first.license.product)

    answer = call("activations", {"license_key": second.key, "device_fingerprint": "my-device"})

    assert (answer.status_code, answer.json()["code"]) == (403, "TRIAL_ALREADY_USED")


def test_too_many_releases_are_refused(call) -> None:
    issued = issue()
    License.objects.update(releases_per_30_days=0)
    token = activate(issued.key).token

    answer = call("activations/deactivate", {"activation_token": token})

    assert (answer.status_code, answer.json()["code"]) == (429, "RELEASE_LIMIT")
    assert answer["Retry-After"] == "86400"
    assert License.objects.get().current_activations == 1


@pytest.mark.parametrize("route", ["validate", "status"])
def test_a_malformed_key_is_an_error_everywhere(call, route) -> None:
    answer = call(route, {"license_key": "hello"})

    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_LICENSE_KEY_FORMAT")
    assert answer.json()["message"].startswith("Bad Request: ")
