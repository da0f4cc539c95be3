"""Units, leases and borrowed seats as devices see them."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from licenses.models import Activation, License
from licenses.services import reaping
from tests.clock import NOW
from tests.factories import activate, issue

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
LEASE = 30 * MINUTE


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.fixture
def ask(call) -> Any:
    """The data of an answer, or its code."""

    def asked(route: str, at: Any = NOW, **body: Any) -> Any:
        told = call(route, body, at=at).json()
        return told.get("data") or told["code"]

    return asked


@pytest.fixture
def floating() -> Any:
    return issue(license_type="CONCURRENT", max_activations=1)


def test_every_answer_says_until_when_the_lease_is(ask, floating) -> None:
    sent = {"license_key": floating.key, "device_fingerprint": "a"}
    made = ask("activations", **sent)
    token = {"activation_token": made["activation_token"]}
    assert moment(made["lease_expires_at"]) == NOW + LEASE
    beat = ask("activations/heartbeat", at=NOW + MINUTE, **token)
    assert moment(beat["lease_expires_at"]) == NOW + MINUTE + LEASE
    told = ask("activations/validate", at=NOW + MINUTE, **token)
    assert told["lease_expires_at"] == beat["lease_expires_at"]
    assert told["activation"]["lease_expires_at"] == beat["lease_expires_at"]
    by_key = ask("validate", at=NOW + MINUTE, **sent)
    assert by_key["lease_expires_at"] == beat["lease_expires_at"]
    assert told["license"]["lease_seconds"] == 1800


def test_a_licence_without_leases_speaks_of_none(ask) -> None:
    made = ask("activations", license_key=issue().key, device_fingerprint="a")
    token = {"activation_token": made["activation_token"]}
    told = [made, ask("activations/heartbeat", **token), ask("activations/validate", **token)]
    for data in told:
        assert not {"lease_expires_at", "borrowed_until", "units_declared"} & data.keys()


def test_the_next_heartbeat_comes_while_the_lease_lasts(ask) -> None:
    issued = issue(license_type="CONCURRENT", lease_seconds=60)
    made = ask("activations", license_key=issued.key, device_fingerprint="a")
    assert made["heartbeat_interval_seconds"] == 30
    beat = ask("activations/heartbeat", activation_token=made["activation_token"])
    assert moment(beat["next_heartbeat_at"]) == NOW + timedelta(seconds=30)


def test_a_lapsed_lease_is_told_by_verdict_and_put_right_by_a_heartbeat(ask, floating) -> None:
    token = {"activation_token": activate(floating.key, "a").token}
    late = ask("activations/validate", at=NOW + LEASE, **token)
    assert (late["valid"], late["code"], late["next_action"]) == (
        False, "LEASE_EXPIRED", "activate",
    )  # fmt: skip
    assert late["activation"]["status"] == "EXPIRED"
    beat = ask("activations/heartbeat", at=NOW + LEASE, **token)
    assert (beat["status"], beat["code"]) == ("SUCCESS", "VALID")
    assert ask("activations/validate", at=NOW + LEASE, **token)["valid"]


def test_a_heartbeat_is_refused_while_another_holds_the_seat(ask, floating) -> None:
    token = {"activation_token": activate(floating.key, "a").token}
    activate(floating.key, "b", at=NOW + LEASE)
    beat = ask("activations/heartbeat", at=NOW + LEASE, **token)
    assert (beat["status"], beat["valid"], beat["code"], beat["next_action"]) == (
        "REFUSED", False, "LEASE_EXPIRED", "activate",
    )  # fmt: skip
    assert ask("usage/consume", at=NOW + LEASE, feature_id="x", **token) == "LEASE_EXPIRED"
    sent = {"license_key": floating.key, "device_fingerprint": "a"}
    assert ask("activations", at=NOW + LEASE, **sent) == "ACTIVATION_LIMIT_EXCEEDED"


def test_a_seat_is_borrowed_by_activation_and_by_heartbeat(ask) -> None:
    issued = issue(license_type="CONCURRENT", max_borrow_days=30)
    sent = {"license_key": issued.key, "device_fingerprint": "a"}
    made = ask("activations", borrow_days=5, **sent)
    assert moment(made["borrowed_until"]) == NOW + timedelta(days=5)
    token = {"activation_token": made["activation_token"]}
    beat = ask("activations/heartbeat", borrow_days=20, **token)
    assert moment(beat["borrowed_until"]) == moment(beat["lease_expires_at"])
    assert moment(beat["borrowed_until"]) == NOW + timedelta(days=20)
    assert ask("activations/heartbeat", borrow_days=31, **token) == "BORROW_NOT_ALLOWED"
    assert ask("activations/validate", **token)["license"]["max_borrow_days"] == 30


def test_a_device_is_told_what_it_holds(ask) -> None:
    issued = issue(license_model="PER_CORE", max_activations=16)
    sent = {"license_key": issued.key, "device_fingerprint": "a"}
    assert [ask("activations", **sent)[name] for name in ("units", "units_declared")] == [1, False]
    more = ask("activations", core_count=12, **sent)
    assert (more["units"], more["units_declared"]) == (12, True)
    assert ask("activations", core_count=17, **sent) == "ACTIVATION_LIMIT_EXCEEDED"
    assert Activation.objects.get().units == License.objects.get().current_activations == 12


@pytest.mark.parametrize("name", ["cpu_count", "core_count", "borrow_days"])
@pytest.mark.parametrize("value", [0, -4, 65_537, 1.5, "8", True, None, [8], 2**63])
def test_counts_that_cannot_be_are_named(call, name, value) -> None:
    body = {"license_key": issue().key, "device_fingerprint": "a", name: value}
    answer = call("activations", body)
    assert answer.status_code == 400
    assert answer.json()["code"] == "VALIDATION_ERROR"
    assert name in answer.json()["error"]["details"] or value == 2**63
    assert not Activation.objects.exists()


@pytest.mark.parametrize("value", [0, 91, "7", True, None])
def test_a_heartbeat_that_borrows_for_what_cannot_be_is_refused(call, floating, value) -> None:
    token = activate(floating.key).token
    body = {"activation_token": token, "borrow_days": value}
    answer = call("activations/heartbeat", body)
    assert list(answer.json()["error"]["details"]) == ["borrow_days"]


def test_a_silent_device_is_overdue_where_the_licence_asks_for_heartbeats(ask) -> None:
    License.objects.filter(pk=(issued := issue()).license.pk).update(require_heartbeat=True)
    token = {"activation_token": activate(issued.key, "a").token}
    assert ask("activations/validate", at=NOW + LEASE - MINUTE, **token)["valid"]
    late = ask("activations/validate", at=NOW + LEASE, **token)
    assert (late["valid"], late["code"]) == (False, "HEARTBEAT_OVERDUE")
    assert ask("activations/heartbeat", at=NOW + LEASE, **token)["status"] == "SUCCESS"
    assert ask("activations/validate", at=NOW + LEASE, **token)["valid"]
    assert reaping.reap(at=NOW + 100 * LEASE) == 0

    again = {"license_key": issued.key, "device_fingerprint": "a"}
    assert ask("activations", at=NOW + 100 * LEASE, **again)["status"] == "ACTIVE"
    assert ask("activations/validate", at=NOW + 100 * LEASE, **token)["valid"]
