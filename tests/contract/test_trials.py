"""Trials through the API: given once, again by the vendor's leave, and extended twice."""

import pytest
from django.utils import timezone

from licenses.models import License, TrialUse
from tests import factories
from tests.contract.asking import issue, on_device, terms
from tests.contract.test_errors import assert_told

pytestmark = pytest.mark.django_db
LONGER = {"days": 14, "reason": "Asked for by telephone"}


def test_a_trial_is_extended_twice_and_not_again(vendor):
    license = factories.issue(
        at=timezone.now(), license_type="TRIAL", expiry_basis="ISSUE", duration_days=30
    ).license
    path = f"/licenses/{license.pk}/extend-trial"
    first, second, third = (vendor.post(path, LONGER) for _ in range(3))
    assert (first.status_code, second.status_code) == (200, 200)
    assert second["ETag"] == f'"{second.json()["data"]["revision"]}"'
    refused = assert_told(third, 409, "TRIAL_EXTENSION_LIMIT")
    assert refused["error"]["details"] == {"limit": 2}
    assert (License.objects.get().expiry_date - license.expiry_date).days == 28
    [event, _] = vendor.get(f"/licenses/{license.pk}/events?type=license.trial_extended").json()[
        "data"
    ]
    assert event["reason"] == LONGER["reason"]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"days", "reason"}),
        (LONGER | {"days": 0}, {"days"}),
        (LONGER | {"days": 366}, {"days"}),
        (LONGER | {"days": 1.5}, {"days"}),
        (LONGER | {"reason": " "}, {"reason"}),
    ],
)
def test_what_cannot_be_is_told_by_its_field(vendor, body, fields):
    license = factories.issue(at=timezone.now(), license_type="TRIAL").license
    refused = vendor.post(f"/licenses/{license.pk}/extend-trial", body)
    told = assert_told(refused, 400, "VALIDATION_ERROR")
    assert told["error"]["details"].keys() == fields
    assert License.objects.get().trial_extensions == 0


@pytest.mark.parametrize(
    ("terms", "act", "code"),
    [
        ({}, None, "NOT_A_TRIAL"),
        ({"license_type": "TRIAL"}, "revoke", "ILLEGAL_STATUS_CHANGE"),
    ],
)
def test_what_is_no_trial_or_is_revoked_is_a_conflict(vendor, terms, act, code):
    license = factories.issue(at=timezone.now(), **terms).license
    if act:
        vendor.post(f"/licenses/{license.pk}/{act}", {"reason": "x"})
    assert_told(vendor.post(f"/licenses/{license.pk}/extend-trial", LONGER), 409, code)


def test_a_second_trial_needs_the_vendors_leave(vendor, world):
    body = terms(world, license_type="TRIAL")
    del body["status"]
    first = vendor.post("/licenses", body).json()["data"]
    assert_told(vendor.post("/licenses", body), 403, "TRIAL_ALREADY_USED")
    allowed = vendor.post("/licenses", body | {"trial_override_reason": "A new team"})
    assert allowed.status_code == 201
    second = allowed.json()["data"]
    # The leave is for its devices too: one that tried the product before may do so again.
    for license in (first, second):
        sent = {"license_key": license["license_key"], "device_fingerprint": "device-1"}
        assert on_device("/activations", **sent).status_code == 201
    event = vendor.get(f"/licenses/{second['id']}/events?type=license.issued").json()["data"][0]
    assert event["reason"] == "A new team"
    assert_told(vendor.post("/licenses", body), 403, "TRIAL_ALREADY_USED")


def test_a_reason_given_for_a_first_trial_makes_it_no_less_the_first(vendor, world):
    body = terms(world, license_type="TRIAL") | {"trial_override_reason": "Just in case"}
    del body["status"]
    assert vendor.post("/licenses", body).status_code == 201
    del body["trial_override_reason"]
    assert_told(vendor.post("/licenses", body), 403, "TRIAL_ALREADY_USED")


def test_a_device_that_first_tried_by_leave_has_had_its_trial(vendor, world):
    given = {"license_type": "TRIAL", "customer_id": None}
    body = {name: value for name, value in (terms(world) | given).items() if value is not None}
    body |= {"tenant_id": str(world.tenant.pk)}
    del body["status"]
    first = vendor.post("/licenses", body | {"trial_override_reason": "A fair"}).json()["data"]
    second = vendor.post("/licenses", body).json()["data"]
    sent = {"device_fingerprint": "device-1"}
    assert on_device("/activations", license_key=first["license_key"], **sent).status_code == 201
    refused = on_device("/activations", license_key=second["license_key"], **sent)
    assert_told(refused, 403, "TRIAL_ALREADY_USED")


def test_a_tenants_own_key_gives_itself_no_leave(caller_with, world):
    body = terms(world, license_type="TRIAL") | {"trial_override_reason": "Please"}
    caller = caller_with("licenses:write", tenant=world.tenant)
    before = TrialUse.objects.count()
    assert_told(caller.post("/licenses", body), 403, "VENDOR_ONLY")
    assert TrialUse.objects.count() == before


def test_the_answer_of_a_paid_licence_is_untouched_by_the_field(vendor, world):
    assert "trial_override_reason" not in issue(vendor, world, trial_override_reason="")
