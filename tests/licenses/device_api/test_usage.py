"""Metering through HTTP: what apps are told, and that a repeated call counts once."""

from datetime import timedelta
from decimal import Decimal

import pytest

from accounts.models import StoredAnswer
from licenses.models import Feature, QuotaCounter, Restriction
from licenses.services import lifecycle
from licenses.services.entitlements import FeatureGrant
from tests import factories
from tests.clock import NOW
from tests.factories import STAFF, activate, issue

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def issued():
    product = factories.make_product("exports", "core")
    Feature.objects.filter(feature_id="exports").update(period="DAY")
    grants = [
        FeatureGrant(feature_id="exports", limit_value=Decimal(10)),
        FeatureGrant(feature_id="core"),
    ]
    return issue(product=product, features=grants)


def test_consuming_tells_what_is_used_and_left(call, issued) -> None:
    body = {"license_key": issued.key, "feature_id": "exports", "amount": 2.5, "nonce": "nonce-01"}

    answer = call("usage/consume", body)

    assert answer.status_code == 200
    assert answer.json()["data"] == {
        "feature_id": "exports",
        "used": 2.5,
        "limit": 10,
        "remaining": 7.5,
        "resets_at": "2026-03-15T00:00:00Z",
        "nonce": "nonce-01",
    }


def test_an_amount_left_out_is_one_and_a_missing_limit_is_absent(call, issued) -> None:
    token = activate(issued.key).token

    answer = call("usage/consume", {"activation_token": token, "feature_id": "core"})

    assert answer.json()["data"] == {"feature_id": "core", "used": 1}


def test_the_token_may_come_as_the_bearer(call, issued) -> None:
    token = activate(issued.key).token

    answer = call("usage/consume", {"feature_id": "exports"}, HTTP_AUTHORIZATION=f"Bearer {token}")

    assert answer.json()["data"]["used"] == 1


def test_past_the_limit_the_details_say_where_it_stands(call, issued) -> None:
    body = {"license_key": issued.key, "feature_id": "exports"}
    call("usage/consume", body | {"amount": 9})

    answer = call("usage/consume", body | {"amount": 2})

    assert (answer.status_code, answer.json()["code"]) == (429, "QUOTA_EXCEEDED")
    assert answer.json()["error"]["details"] == {
        "feature_id": "exports",
        "used": 9,
        "limit": 10,
        "remaining": 1,
        "resets_at": "2026-03-15T00:00:00Z",
    }
    assert answer.json()["error"]["next_action"] == "upgrade"
    assert QuotaCounter.objects.get().used == 9
    assert call("usage/consume", body, at=NOW + DAY).json()["data"]["used"] == 1


def test_giving_back_more_than_was_consumed_is_a_conflict(call, issued) -> None:
    body = {"license_key": issued.key, "feature_id": "exports", "amount": 2}
    call("usage/consume", body)

    assert call("usage/release", body | {"amount": 0.5}).json()["data"]["used"] == 1.5
    answer = call("usage/release", body)

    assert (answer.status_code, answer.json()["code"]) == (409, "USAGE_UNDERFLOW")
    assert QuotaCounter.objects.get().used == Decimal("1.5")


@pytest.mark.parametrize("route", ["usage/consume", "usage/release"])
@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        ({"license_key": "hello"}, 400, "INVALID_LICENSE_KEY_FORMAT"),
        ({"license_key": "0000-0000-0000-0000-0000"}, 404, "LICENSE_NOT_FOUND"),
        ({"feature_id": "rockets"}, 403, "FEATURE_NOT_LICENSED"),
        ({"feature_id": "x" * 5000}, 403, "FEATURE_NOT_LICENSED"),
        ({"feature_id": 5}, 400, "VALIDATION_ERROR"),
        ({"amount": 0}, 400, "VALIDATION_ERROR"),
        ({"amount": -1}, 400, "VALIDATION_ERROR"),
        ({"amount": True}, 400, "VALIDATION_ERROR"),
        ({"amount": None}, 400, "VALIDATION_ERROR"),
        ({"amount": "much"}, 400, "VALIDATION_ERROR"),
        ({"amount": "NaN"}, 400, "VALIDATION_ERROR"),
        ({"amount": "Infinity"}, 400, "VALIDATION_ERROR"),
        ({"amount": 1e300}, 400, "VALIDATION_ERROR"),
        ({"amount": 2**63}, 400, "VALIDATION_ERROR"),
        ({"amount": 0.0000001}, 400, "VALIDATION_ERROR"),
    ],
)
def test_a_call_that_cannot_be_is_refused(call, issued, route, sent, status, code) -> None:
    answer = call(route, {"license_key": issued.key, "feature_id": "exports"} | sent)

    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
    assert not QuotaCounter.objects.exists()


def test_an_unknown_token_is_unauthorised(call) -> None:
    answer = call("usage/consume", {"activation_token": "act_x", "feature_id": "exports"})
    assert (answer.status_code, answer.json()["code"]) == (401, "INVALID_ACTIVATION_TOKEN")


def test_a_suspended_licence_is_refused_with_the_way_on(call, issued) -> None:
    lifecycle.suspend_license(license_id=issued.license.pk, reason="x", at=NOW, origin=STAFF)

    answer = call("usage/consume", {"license_key": issued.key, "feature_id": "exports"})

    assert (answer.status_code, answer.json()["code"]) == (403, "LICENSE_SUSPENDED")
    assert answer.json()["error"]["next_action"] == "contact_vendor"


def test_a_repeat_with_its_key_counts_once_and_hears_the_same(call, issued) -> None:
    body = {"license_key": issued.key, "feature_id": "exports", "amount": 3, "nonce": "nonce-00"}

    answers = [call("usage/consume", body, HTTP_IDEMPOTENCY_KEY="k-1") for _ in range(3)]

    assert {answer.content for answer in answers} == {answers[0].content}
    assert [answer.get("Idempotency-Replayed") for answer in answers] == [None, "true", "true"]
    assert QuotaCounter.objects.get().used == 3
    assert issued.key not in StoredAnswer.objects.get().body_ciphertext
    assert '"used"' not in StoredAnswer.objects.get().body_ciphertext


def test_a_key_used_for_something_else_is_refused(call, issued) -> None:
    body = {"license_key": issued.key, "feature_id": "exports"}
    call("usage/consume", body, HTTP_IDEMPOTENCY_KEY="k-1")

    answer = call("usage/consume", body | {"amount": 2}, HTTP_IDEMPOTENCY_KEY="k-1")

    assert (answer.status_code, answer.json()["code"]) == (409, "IDEMPOTENCY_KEY_REUSED")
    assert call("usage/release", body, HTTP_IDEMPOTENCY_KEY="k-1").status_code == 200
    assert QuotaCounter.objects.get().used == 0


def test_the_same_key_at_another_licence_is_another_call(call, issued) -> None:
    other = issue(product=issued.license.product, features=[FeatureGrant(feature_id="exports")])
    for key in (issued.key, other.key):
        body = {"license_key": key, "feature_id": "exports"}
        answer = call("usage/consume", body, HTTP_IDEMPOTENCY_KEY="k-1")
        assert answer.json()["data"]["used"] == 1
    assert QuotaCounter.objects.count() == 2


def test_a_refusal_for_want_of_quota_is_not_remembered(call, issued) -> None:
    body = {"license_key": issued.key, "feature_id": "exports", "amount": 10}
    call("usage/consume", body)
    full = call("usage/consume", body, HTTP_IDEMPOTENCY_KEY="k-1")
    assert full.status_code == 429

    again = call("usage/consume", body, at=NOW + DAY, HTTP_IDEMPOTENCY_KEY="k-1")

    assert again.status_code == 200


def test_a_refusal_that_stands_is_remembered_and_leaves_nothing(call, issued) -> None:
    body = {"license_key": issued.key, "feature_id": "rockets"}
    answers = [call("usage/consume", body, HTTP_IDEMPOTENCY_KEY="k-1") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert answers[1]["Idempotency-Replayed"] == "true"
    assert answers[0].json() == answers[1].json()


def test_after_a_day_a_key_is_new(call, issued) -> None:
    body = {"license_key": issued.key, "feature_id": "core"}
    for at in (NOW, NOW + DAY):
        call("usage/consume", body, at=at, HTTP_IDEMPOTENCY_KEY="k-1")
    assert QuotaCounter.objects.get().used == 2


@pytest.mark.parametrize("key", ["", "x" * 256, "café", "a\x01b"])
def test_a_key_that_is_none_is_refused(call, issued, key) -> None:
    body = {"license_key": issued.key, "feature_id": "exports"}
    answer = call("usage/consume", body, HTTP_IDEMPOTENCY_KEY=key)
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
    assert not QuotaCounter.objects.exists()


def test_a_restricted_licence_counts_only_where_it_may_run(call, issued) -> None:
    Restriction.objects.create(
        license=issued.license, restriction_type="IP_RANGE", operator="ALLOW", values=["10.0.0.0/8"]
    )
    body = {"license_key": issued.key, "feature_id": "exports"}

    answer = call("usage/consume", body, REMOTE_ADDR="192.0.2.7")

    assert (answer.status_code, answer.json()["code"]) == (403, "RESTRICTED_IP")
    assert not QuotaCounter.objects.exists()
    assert call("usage/consume", body, REMOTE_ADDR="10.1.2.3").status_code == 200
