"""How many statements a device call costs, with a store that keeps copies and without one."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from time_machine import travel

from licenses import hot
from licenses.hot.absent import AbsentStore
from licenses.hot.redis import RedisStore
from licenses.models import License
from licenses.services import activation, lifecycle
from tests.clock import NOW
from tests.engines import ENGINE
from tests.factories import DEVICE, STAFF, activate, issue, make_product, release

# A copy read inside a transaction is not kept, so that these tests need to commit.
DAY = timedelta(days=1)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def warm(redis_url):
    made = RedisStore(redis_url)
    made.clear()
    before = hot.use(made)
    yield made
    made.clear()
    made.close()
    hot.use(before)


@pytest.fixture
def cold():
    before = hot.use(AbsentStore())
    yield
    hot.use(before)


def statements(
    route: str, body: dict[str, object], at: datetime = NOW
) -> tuple[int, dict[str, object]]:
    with travel(at, tick=False), CaptureQueriesContext(connection) as seen:
        answer = Client().post(f"/api/licensing/{route}", body, content_type="application/json")
    assert answer.status_code in (200, 201), answer.content
    return len(seen), answer.json()["data"]


def test_a_cold_validation_is_one_statement(cold) -> None:
    issued = issue()
    token = activate(issued.key).token

    assert statements("activations/validate", {"activation_token": token})[0] == 1
    assert statements("validate", {"license_key": issued.key})[0] == 1


def test_a_warm_validation_is_none(warm) -> None:
    issued = issue()
    token = activate(issued.key, "device-1").token
    bodies = {
        "activations/validate": {"activation_token": token},
        "validate": {"license_key": issued.key, "device_fingerprint": "device-1"},
        "activations/heartbeat": {"activation_token": token, "metrics": {"api_calls_count": 5}},
    }
    statements("activations/validate", bodies["activations/validate"])

    for route, body in bodies.items():
        count, data = statements(route, body)
        assert (count, data["valid"]) == (0, True)


def test_a_warm_validation_with_a_nonce_is_signed_and_none(warm) -> None:
    body = {"activation_token": activate(issue().key).token, "nonce": "nonce-01"}
    statements("activations/validate", body)

    assert statements("activations/validate", body)[0] == 0
    # Once a second a process looks which key signs.
    assert statements("activations/validate", body, NOW + timedelta(seconds=1))[0] == 1


def test_a_lease_costs_a_heartbeat_one_statement_and_a_validation_none(warm) -> None:
    issued = issue(license_type="CONCURRENT", lease_seconds=60)
    body = {"activation_token": activate(issued.key).token}
    statements("activations/validate", body)

    for second in (50, 100, 150):
        at = NOW + timedelta(seconds=second)
        count, data = statements("activations/heartbeat", body, at)
        assert (count, data["valid"]) == (1, True)
        # Past the lease that the first copy knew of.
        count, data = statements("activations/validate", body, at + timedelta(seconds=59))
        assert (count, data["valid"]) == (0, True)


def test_a_leased_activation_costs_no_statement_more(warm) -> None:
    issued = issue(license_type="CONCURRENT", license_model="PER_CORE", max_activations=64)
    body = {"license_key": issued.key, "device_fingerprint": "device-1", "core_count": 8}

    cold, _ = statements("activations", body)
    warm_, data = statements("activations", body | {"device_fingerprint": "device-2"})

    if ENGINE == "postgresql":
        assert (cold, warm_) == (2, 1)
    assert data["units"] == 8


def test_maintenance_costs_one_statement_and_none_when_warm(warm) -> None:
    product = make_product()
    release(product, "4.2", NOW - DAY)
    issued = issue(product=product, maintenance_expiry=NOW)
    body = {"license_key": issued.key, "device_fingerprint": "device-1"}
    _, data = statements("activations", body | {"application_version": "4.2"})
    by_token = {"activation_token": data["activation_token"]}
    by_key = body | {"product_version": "4.2"}
    calls = {
        "activations/validate": by_token,
        "activations/heartbeat": by_token | {"application_version": "4.2"},
        "validate": by_key,
    }

    first, _ = statements("activations/validate", by_token)
    told = [statements(route, said) for route, said in calls.items()]
    other, _ = statements("validate", by_key | {"product_version": "4.1"})
    again, answer = statements("validate", by_key | {"product_version": "4.1"})

    # The licence with its device, and the release.
    assert first == 2
    assert [(count, data["valid"]) for count, data in told] == [(0, True)] * 3
    # The store knows nothing of another version; it then knows that there is none, and a copy
    # that says no is confirmed by the rows: licence and release.
    assert (other, again, answer["code"]) == (3, 2, "VERSION_NOT_COVERED")


def test_without_maintenance_a_version_costs_nothing(warm) -> None:
    issued = issue()
    token = activate(issued.key, application_version="9.9").token
    statements("activations/validate", {"activation_token": token})

    for route, body in {
        "activations/validate": {"activation_token": token},
        "validate": {"license_key": issued.key, "product_version": "9.9"},
    }.items():
        assert statements(route, body)[0] == 0


def test_cold_a_version_is_one_statement_more(cold) -> None:
    product = make_product()
    release(product, "4.2", NOW - DAY)
    issued = issue(product=product, maintenance_expiry=NOW)
    body = {"license_key": issued.key}

    assert statements("validate", body)[0] == 1
    assert statements("validate", body | {"product_version": "4.2"})[0] == 2


def test_restrictions_cost_no_statement(warm) -> None:
    rows = [
        {"restriction_type": "DOMAIN", "operator": "ALLOW", "values": ["*.brenner.example"]},
        {"restriction_type": "HARDWARE_ID", "operator": "ALLOW", "values": ["board-77"]},
        {"restriction_type": "IP_RANGE", "operator": "DENY", "values": ["10.0.0.0/8"]},
    ]
    issued = issue(restrictions=rows)
    says = {"domain": "cad.brenner.example", "hardware_id": "board-77"}
    body = {"license_key": issued.key, "device_fingerprint": "device-1"} | says

    cold, data = statements("activations", body)
    token = {"activation_token": data["activation_token"]}
    asked = [statements("activations/validate", token)[0] for _ in range(2)]
    again, _ = statements("activations", body | {"device_fingerprint": "device-2"})
    by_key, told = statements("validate", {"license_key": issued.key} | says)

    if ENGINE == "postgresql":
        assert (cold, again) == (2, 1)
    assert (asked, by_key, told["valid"]) == ([1, 0], 0, True)


def test_an_activation_is_two_statements_cold_and_one_warm(warm) -> None:
    issued = issue()
    body = {"license_key": issued.key, "device_fingerprint": "device-1"}

    cold, _ = statements("activations", body)
    again, _ = statements("activations", body | {"device_fingerprint": "device-2"})

    # SQLite takes a seat by several statements under its write lock.
    if ENGINE == "postgresql":
        assert (cold, again) == (2, 1)
    assert cold == again + 1
    assert License.objects.get().current_activations == 2


def test_a_device_known_only_to_the_row_gets_its_token_again(warm) -> None:
    issued = issue()
    statements("activations", {"license_key": issued.key, "device_fingerprint": "device-1"})
    first = activate(issued.key, "device-2").token

    body = {"license_key": issued.key, "device_fingerprint": "device-2"}
    _, data = statements("activations", body)

    assert data["activation_token"] == first


def test_grace_serves_a_device_that_only_the_row_knows(warm) -> None:
    in_grace = NOW + timedelta(days=2)
    issued = issue(duration_days=1)
    token = activate(issued.key, "device-1").token
    body = {"license_key": issued.key, "device_fingerprint": "device-1"}

    statements("validate", {"license_key": issued.key}, in_grace)
    _, data = statements("activations", body, in_grace)

    assert data["activation_token"] == token


@pytest.mark.parametrize("act", ["suspend_license", "revoke_license", "park_license"])
def test_no_copy_outlives_a_change(warm, act) -> None:
    issued = issue()
    token = activate(issued.key, "device-1").token
    body = {"activation_token": token}
    assert statements("activations/validate", body)[1]["valid"] is True

    getattr(lifecycle, act)(license_id=issued.license.pk, reason="x", at=NOW, origin=STAFF)

    assert statements("activations/validate", body)[1]["valid"] is False
    assert statements("validate", {"license_key": issued.key})[1]["valid"] is False


def test_no_copy_outlives_a_device_that_was_signed_out(warm) -> None:
    issued = issue()
    done = activate(issued.key, "device-1")
    body = {"activation_token": done.token}
    statements("activations/validate", body)

    activation.deactivate(activation_id=done.snapshot.device.id, reason="", at=NOW, origin=DEVICE)

    assert statements("activations/validate", body)[1]["code"] == "ACTIVATION_DEACTIVATED"
    asked = {"license_key": issued.key, "device_fingerprint": "device-1"}
    assert statements("validate", asked)[1]["code"] == "DEVICE_NOT_ACTIVATED"
