"""Every refusal says what can be done, and when time alone puts it right."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.test import RequestFactory

from accounts.admin.refusals import WORDS
from events import vault
from events.refusals import Refusal
from licenses import ways_out
from licenses.models import BlacklistedDevice, Feature, License
from licenses.selectors.snapshots import FINGERPRINT
from licenses.services import delivery
from licenses.services.entitlements import FeatureGrant
from licenses.states import PendingCause
from licensing_portal.api import errors
from licensing_portal.api.codes import CODES
from tests import factories
from tests.clock import NOW
from tests.contract.asking import on_device
from tests.contract.test_errors import ACTIONS
from tests.factories import STAFF, issue

pytestmark = pytest.mark.django_db
DAY = 24 * 3600


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


def test_every_verdict_is_told_as_the_refusal_of_the_same_code():
    told = ways_out.NEXT_ACTIONS.keys() - {"VALID", "IN_GRACE"}
    assert not told - CODES.keys()
    assert {code: CODES[code].next_action for code in told} == {
        code: ways_out.NEXT_ACTIONS[code] for code in told
    }
    assert set(ways_out.NEXT_ACTIONS.values()) <= ACTIONS


@pytest.mark.parametrize("code", sorted(CODES))
def test_no_page_shows_a_bare_code(code):
    assert code not in str(WORDS[code])
    assert str(WORDS[code]).endswith(".")


def activating(key, fingerprint="device-2"):
    return on_device("/activations", license_key=key, device_fingerprint=fingerprint)


def restricted(value):
    row = {"restriction_type": "TIME_BASED", "operator": "ALLOW", "values": [value]}
    return issue(restrictions=[row]).key


def barred(ask=activating):
    issued = issue()
    BlacklistedDevice.objects.create(
        tenant=issued.license.tenant,
        fingerprint_digest=vault.digest(FINGERPRINT, "device-2"),
        reason="Stolen.",
        expires_at=NOW + timedelta(days=3),
        created_at=NOW,
    )
    return ask(issued.key)


def floating():
    """Every seat held: by device 1, whose lease has 500 seconds left."""
    issued = issue(license_type="CONCURRENT", max_activations=1, lease_seconds=600)
    factories.activate(issued.key, "device-1", at=NOW - timedelta(seconds=100))
    return issued.key


def lapsed():
    issued = issue(license_type="CONCURRENT", max_activations=1, lease_seconds=600)
    token = factories.activate(issued.key, "device-1", at=NOW - timedelta(seconds=900)).token
    factories.activate(issued.key, "device-2", at=NOW - timedelta(seconds=200))
    return on_device("/activations/heartbeat", activation_token=token)


def metered(*amounts, period="DAY"):
    product = factories.make_product("exports")
    Feature.objects.filter(product=product).update(period=period)
    grant = FeatureGrant(feature_id="exports", limit_value=Decimal(5))
    key = issue(product=product, features=[grant]).key
    return [
        on_device("/usage/consume", license_key=key, feature_id="exports", amount=amount)
        for amount in amounts
    ][-1]


def freed_too_often():
    issued = issue(max_activations=3)
    License.objects.filter(pk=issued.license.pk).update(releases_per_30_days=1)
    for days in (60, 12):
        token = factories.activate(issued.key, at=NOW - timedelta(days=days)).token
        factories.give_back(token, at=NOW - timedelta(days=days - 1))
    token = factories.activate(issued.key).token
    return on_device("/activations/deactivate", activation_token=token)


def mailed_too_often(vendor):
    customer = factories.make_customer()
    license = issue(tenant=customer.tenant, customer_id=customer.pk).license
    for hours in range(10, 0, -1):
        at = NOW - timedelta(hours=hours)
        email = f"buyer{hours}@brenner.example"
        delivery.deliver_key(license_id=license.pk, email=email, at=at, origin=STAFF)
    return vendor.post(f"/licenses/{license.pk}/deliver", {"email": customer.email})


def called_too_often(settings):
    settings.RATE_LIMIT_LICENSE = "0/min"
    key = issue(max_activations=1).key
    return [on_device("/validate", license_key=key) for _ in range(7)][-1]


# What time puts right: a refusal of the code, and in how many seconds to come again.
HEALED = {
    "RESTRICTED_TIME": (lambda *_: activating(restricted("Mon 08:00-09:00 UTC")), 167_587),
    "LICENSE_PENDING": (
        lambda *_: activating(issue(pending_cause=PendingCause.APPROVAL).key),
        3600,
    ),
    "DEVICE_BLACKLISTED": (lambda *_: barred(), 3 * DAY),
    "ACTIVATION_LIMIT_EXCEEDED": (lambda *_: activating(floating()), 500),
    "QUOTA_EXCEEDED": (lambda *_: metered(4, 2), DAY - 34_013),
    "RELEASE_LIMIT": (lambda *_: freed_too_often(), 19 * DAY),
    "DELIVERY_LIMIT": (lambda vendor, _: mailed_too_often(vendor), 14 * 3600),
    "RATE_LIMITED": (lambda _, settings: called_too_often(settings), 7),
}
# Told by the table alone: nobody knows better.
BY_THE_TABLE = {
    "INTERNAL_ERROR", "TRY_AGAIN", "IDEMPOTENCY_IN_PROGRESS", "SIGNING_ROOT_ABSENT",
}  # fmt: skip


@pytest.mark.parametrize("code", HEALED)
def test_what_time_puts_right_says_when(code, vendor, settings):
    refuse, seconds = HEALED[code]
    answer = refuse(vendor, settings)
    error = answer.json()["error"]
    assert (error["code"], error["retry_after"]) == (code, seconds)
    assert answer["Retry-After"] == str(seconds)


def test_whoever_is_told_to_wait_or_sent_away_for_now_is_told_for_how_long():
    waits = {
        code for code, meaning in CODES.items()
        if meaning.next_action == "wait" or meaning.status in (429, 503)
    }  # fmt: skip
    assert waits <= HEALED.keys() | BY_THE_TABLE
    for code in BY_THE_TABLE:
        answer = errors.answer(RequestFactory().get("/"), Refusal(code))
        assert int(answer["Retry-After"]) >= 1


@pytest.mark.parametrize(("refuse", "code", "action"), [
    (lambda: activating(restricted("2026-01-01/2026-01-31")), "RESTRICTED_TIME", "contact_vendor"),
    (lambda: activating(issue(pending_cause=PendingCause.PAYMENT).key), "LICENSE_PENDING", "pay"),
    (lambda: metered(6), "QUOTA_EXCEEDED", "upgrade"),
    (lambda: metered(4, 2, period="NONE"), "QUOTA_EXCEEDED", "upgrade"),
])  # fmt: skip
def test_what_time_does_not_put_right_promises_nothing(refuse, code, action):
    error = refuse().json()["error"]
    assert (error["code"], error["next_action"]) == (code, action)
    assert "retry_after" not in error


def test_verdicts_say_when_to_ask_again():
    told = on_device("/validate", license_key=restricted("Mon 08:00-09:00 UTC")).json()["data"]
    assert (told["code"], told["next_action"]) == ("RESTRICTED_TIME", "wait")
    assert told["retry_after"] == 167_587
    pending = issue(pending_cause=PendingCause.APPROVAL).key
    assert on_device("/validate", license_key=pending).json()["data"]["retry_after"] == 3600
    named = {"device_fingerprint": "device-2"}
    stolen = barred(lambda key: on_device("/validate", license_key=key, **named)).json()["data"]
    assert (stolen["code"], stolen["retry_after"]) == ("DEVICE_BLACKLISTED", 3 * DAY)
    beat = lapsed().json()["data"]
    assert (beat["code"], beat["retry_after"]) == ("LEASE_EXPIRED", 400)
    fine = on_device("/validate", license_key=issue().key).json()["data"]
    assert (fine["valid"], "retry_after" in fine) == (True, False)


def test_a_token_hears_when_its_licences_hours_begin():
    value = "Sat 08:00-10:00 UTC"
    key = restricted(value)
    token = factories.activate(key).token
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        told = on_device("/activations/validate", activation_token=token).json()["data"]
    assert (told["code"], told["retry_after"]) == ("RESTRICTED_TIME", 7 * DAY - 8813)
