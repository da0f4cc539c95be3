"""Faults that a server for these clients was measured to have: normal use, and security."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import models
from django.utils import timezone
from time_machine import travel

from accounts.models import ApiKey
from events.models import Event
from licenses.models import Activation, License
from tests import factories
from tests.contract.asking import issue, on_device, terms
from tests.contract.routes import ROUTES
from tests.contract.test_errors import assert_told
from tests.contract.world import World

pytestmark = pytest.mark.django_db


def test_fault_20_a_good_heartbeat_says_success(vendor, world):
    license = issue(vendor, world)
    sent = {"license_key": license["license_key"], "device_fingerprint": "device-1"}
    token = on_device("/activations", **sent).json()["data"]["activation_token"]
    beat = on_device("/activations/heartbeat", activation_token=token)
    assert beat.json()["data"]["status"] == "SUCCESS"


@pytest.mark.parametrize("path", [
    path for (method, path), route in ROUTES.items() if "/licenses" in path and method == "GET"
])  # fmt: skip
def test_fault_23_what_returns_a_licence_returns_it(vendor, world, path):
    assert vendor.get(world.path(path)).status_code == 200


def test_fault_24_features_are_replaced_by_a_put(vendor, world):
    license = issue(vendor, world)
    sent = {"features": [{"feature_id": "reports", "limit_value": 5}]}
    changed = vendor.put(f"/licenses/{license['id']}", sent).json()["data"]
    assert [(row["feature_id"], row["limit_value"]) for row in changed["features"]] == [
        ("reports", 5)
    ]
    emptied = vendor.put(f"/licenses/{license['id']}", {"features": []}).json()["data"]
    assert emptied["features"] == []


def test_fault_25_a_feature_may_hold_a_date(vendor, world):
    grant = {"feature_id": "reports", "expires_at": "2030-06-01T12:00:00+02:00"}
    license = issue(vendor, world, features=[grant])
    assert license["features"][0]["expires_at"] == "2030-06-01T10:00:00Z"


def test_fault_26_metadata_is_stored(vendor, world):
    license = issue(vendor, world, metadata={"a": 1})
    vendor.put(f"/licenses/{license['id']}", {"metadata": {"b": [2]}})
    assert vendor.get(f"/licenses/{license['id']}").json()["data"]["metadata"] == {"b": [2]}


def test_fault_27_reasons_are_stored(vendor, world):
    path = f"/licenses/{issue(vendor, world)['id']}"
    vendor.post(f"{path}/suspend", {"reason": "Unpaid since May"})
    assert vendor.get(path).json()["data"]["suspension_reason"] == "Unpaid since May"
    vendor.post(f"{path}/revoke", {"reason": "Resold"})
    assert vendor.get(f"{path}/events").json()["data"][0]["reason"] == "Resold"


def test_fault_28_a_trial_can_be_activated(vendor, world):
    body = terms(world, license_type="TRIAL", trial_period_days=14)
    del body["status"]
    trial = vendor.post("/licenses", body).json()["data"]
    assert trial["status"] == "PENDING"
    sent = {"license_key": trial["license_key"], "device_fingerprint": "device-1"}
    assert on_device("/activations", **sent).status_code == 201
    assert vendor.get(f"/licenses/{trial['id']}").json()["data"]["status"] == "ACTIVE"


def expired(world, **terms):
    at = timezone.now() - timedelta(days=500)
    return factories.issue(tenant=world.tenant, product=world.product, at=at, **terms)


def test_fault_31_a_licence_expires_though_no_job_runs(vendor, world):
    license = expired(world, grace_period_days=0).license
    assert vendor.get(f"/licenses/{license.pk}").json()["data"]["status"] == "EXPIRED"
    assert vendor.get("/licenses?status=EXPIRED").json()["pagination"]["total"] == 1


def test_fault_32_an_expired_licence_is_not_valid(world):
    verdict = on_device("/validate", license_key=expired(world).key).json()["data"]
    assert (verdict["valid"], verdict["code"]) == (False, "LICENSE_EXPIRED")


def test_fault_34_renewing_leads_into_the_future_and_lifts_no_suspension(vendor, world):
    license = expired(world, grace_period_days=0).license
    renewed = vendor.post(f"/licenses/{license.pk}/renew", {"duration_months": 1}).json()["data"]
    assert renewed["status"] == "ACTIVE"
    assert datetime.fromisoformat(renewed["expiry_date"]) > timezone.now().astimezone(UTC)
    held = issue(vendor, world)
    vendor.post(f"/licenses/{held['id']}/suspend", {"reason": "x"})
    path = f"/licenses/{held['id']}/renew"
    assert vendor.post(path, {"duration_months": 1}).json()["data"]["status"] == "SUSPENDED"
    forever = issue(vendor, world, license_type="PERPETUAL")
    path = f"/licenses/{forever['id']}/renew"
    assert_told(vendor.post(path, {"duration_months": 1}), 409, "NOTHING_TO_RENEW")


def test_fault_35_an_upgraded_feature_is_there_once(vendor, world):
    license = issue(vendor, world, features=[{"feature_id": "reports", "limit_value": 1}])
    sent = {
        "duration_months": 1,
        "upgrade_features": [{"feature_id": "reports", "limit_value": 9}],
    }
    renewed = vendor.post(f"/licenses/{license['id']}/renew", sent).json()["data"]
    assert [row["limit_value"] for row in renewed["features"]] == [9]


@pytest.mark.parametrize("seats", [0, -3])
def test_fault_36_no_licence_has_less_than_a_seat(vendor, world, seats):
    body = terms(world, max_activations=seats)
    assert_told(vendor.post("/licenses", body), 400, "VALIDATION_ERROR")


def test_fault_39_freeing_a_device_twice_frees_one_seat(vendor, world):
    license = issue(vendor, world)
    for device in ("device-1", "device-2"):
        sent = {"license_key": license["license_key"], "device_fingerprint": device}
        activation = on_device("/activations", **sent).json()["data"]
    for _ in range(3):
        vendor.post(f"/activations/{activation['id']}/deactivate", {})
    assert vendor.get(f"/licenses/{license['id']}").json()["data"]["current_activations"] == 1


def test_fault_41_and_43_a_key_may_no_more_than_its_scopes(caller_with, world):
    caller = caller_with("licenses:read")
    for act in ("revoke", "transfer", "suspend"):
        refused = caller.post(f"/licenses/{world.license.pk}/{act}", {"reason": "x"})
        assert_told(refused, 403, "SCOPE_REQUIRED")


def test_fault_42_the_tenant_named_in_the_header_is_heard(vendor, world):
    other = World.make(timezone.now())
    listed = vendor.get("/licenses", X_Tenant_ID=other.tenant.code).json()["data"]
    assert [row["id"] for row in listed] == [str(other.license.pk)]


def test_fault_43_devices_need_no_session_and_no_api_key(vendor, world):
    assert on_device("/validate", license_key=world.key).json()["data"]["valid"] is True


def test_fault_43b_the_api_key_is_the_bearer(vendor):
    assert vendor.headers["Authorization"].startswith("Bearer lp_")
    assert vendor.get("/licenses").status_code == 200


def test_fault_44_keys_and_tokens_are_kept_as_digests_and_never_listed(vendor, world, caplog):
    license = issue(vendor, world)
    sent = {"license_key": license["license_key"], "device_fingerprint": "device-1"}
    token = on_device("/activations", **sent).json()["data"]["activation_token"]
    kept = str([list(model.objects.values()) for model in (License, Activation, Event, ApiKey)])
    listed = vendor.get("/licenses").content + vendor.get("/activations").content
    vendor.get(f"/licenses/by-key/{license['license_key']}")
    for secret in (license["license_key"], token):
        assert secret not in kept
        assert secret not in listed.decode()
        assert secret not in caplog.text


def test_fault_45_a_typing_error_in_a_key_is_caught_before_any_query(vendor, world):
    wrong = world.key[:-1] + ("2" if world.key[-1] != "2" else "3")
    response = vendor.get(f"/licenses/by-key/{wrong}")
    assert_told(response, 400, "INVALID_LICENSE_KEY_FORMAT")


def test_fault_50_revoked_is_final(vendor, world):
    path = f"/licenses/{world.license.pk}"
    vendor.post(f"{path}/revoke", {"reason": "x"})
    assert_told(vendor.put(path, {"status": "ACTIVE"}), 409, "ILLEGAL_STATUS_CHANGE")
    assert_told(vendor.post(f"{path}/suspend", {"reason": "x"}), 409, "ILLEGAL_STATUS_CHANGE")
    assert_told(vendor.post(f"{path}/reinstate", {"reason": "x"}), 409, "ILLEGAL_STATUS_CHANGE")


def test_fault_52_the_trail_tells_who_and_from_where(vendor, world):
    vendor.put(f"/templates/{world.template.pk}", {"template_name": "Renamed"})
    event = vendor.get("/events").json()["data"][0]
    assert (event["type"], event["ip_address"]) == ("template.updated", "127.0.0.1")
    assert event["actor"]["kind"] == "api_key"


def test_fault_53_no_row_is_deleted_with_its_licence(vendor, world):
    assert_told(vendor("DELETE", f"/licenses/{world.license.pk}"), 405, "METHOD_NOT_ALLOWED")
    with pytest.raises(models.ProtectedError):
        world.license.delete()


def test_fault_33_names_hold_the_seats_of_a_named_user_licence(vendor, world):
    license = issue(vendor, world, license_type="NAMED_USER", max_activations=1)
    sent = {"license_key": license["license_key"]}
    nobody = on_device("/activations", **sent, device_fingerprint="device-1")
    assert_told(nobody, 400, "USER_IDENTITY_REQUIRED")
    for device in ("device-1", "device-2"):
        body = sent | {"device_fingerprint": device, "user_identity": "Ada"}
        assert on_device("/activations", **body).status_code == 201
    other = on_device("/activations", **sent, device_fingerprint="device-3", user_identity="Bo")
    assert_told(other, 409, "ACTIVATION_LIMIT_EXCEEDED")
    shown = vendor.get(f"/licenses/{license['id']}").json()["data"]
    assert shown["current_activations"] == 1


def test_fault_33_restrictions_are_judged_when_a_device_comes_and_ever_after(vendor, world):
    only_germany = {"restriction_type": "GEOGRAPHIC", "operator": "ALLOW", "values": ["DE"]}
    license = issue(vendor, world, restrictions=[only_germany])
    sent = {"license_key": license["license_key"], "device_fingerprint": "device-1"}
    for elsewhere in ({}, {"country": "FR"}):
        refused = on_device("/activations", **sent, **elsewhere)
        assert_told(refused, 403, "RESTRICTED_COUNTRY")
    token = on_device("/activations", **sent, country="DE").json()["data"]["activation_token"]
    only_france = only_germany | {"values": ["FR"]}
    vendor.put(f"/licenses/{license['id']}", {"restrictions": [only_france]})
    beat = on_device("/activations/heartbeat", activation_token=token).json()["data"]
    assert (beat["status"], beat["code"]) == ("REFUSED", "RESTRICTED_COUNTRY")


# Faults of an older server, by their numbers there; what binds a licence among them.


@pytest.mark.parametrize(("sent", "status"), [
    ({}, 403), ({"domain": "other.example"}, 403), ({"domain": "brenner.example.evil.test"}, 403),
    ({"domain": "BRENNER.example:8443"}, 201),
])  # fmt: skip
def test_stamped_fault_11_a_bound_domain_is_looked_at_and_cannot_be_left_out(
    vendor, world, sent, status
):
    license = issue(vendor, world, bound_domain="brenner.example")
    assert license["bound_domain"] == "brenner.example"
    body = {"license_key": license["license_key"], "device_fingerprint": "device-1"}
    assert on_device("/activations", **body, **sent).status_code == status
    verdict = on_device("/validate", license_key=license["license_key"], **sent).json()["data"]
    assert verdict["valid"] is (status == 201)


@pytest.mark.parametrize(("sent", "status"), [
    ({}, 403), ({"hardware_id": "Board-77"}, 201), ({"hardware_id": "board-77"}, 403),
])  # fmt: skip
def test_stamped_fault_11_bound_hardware_is_looked_at_and_cannot_be_left_out(
    vendor, world, sent, status
):
    license = issue(vendor, world, hardware_fingerprint="Board-77")
    assert license["hardware_fingerprint"] == "****77"
    body = {"license_key": license["license_key"], "device_fingerprint": "device-1"}
    assert on_device("/activations", **body, **sent).status_code == status


def test_stamped_fault_11_nobody_learns_from_a_refusal_what_a_licence_is_bound_to(vendor, world):
    license = issue(vendor, world, bound_domain="brenner.example")
    body = {"license_key": license["license_key"], "device_fingerprint": "device-1"}
    refused = on_device("/activations", **body, domain="other.example")
    assert b"brenner.example" not in refused.content
    verdict = on_device("/validate", license_key=license["license_key"], domain="other.example")
    assert b"brenner.example" not in verdict.content
    told = on_device("/validate", license_key=license["license_key"], domain="brenner.example")
    assert told.json()["data"]["license"]["bound_domain"] == "brenner.example"


def test_stamped_fault_12_an_address_is_not_what_the_caller_says(vendor, world):
    inside = {"restriction_type": "IP_RANGE", "operator": "ALLOW", "values": ["10.0.0.0/8"]}
    license = issue(vendor, world, restrictions=[inside])
    body = {"license_key": license["license_key"], "device_fingerprint": "device-1"}
    assert_told(on_device("/activations", **body, ip_address="10.0.0.7"), 403, "RESTRICTED_IP")


def test_fault_33_a_concurrent_licence_frees_the_seat_of_a_device_that_died(vendor, world):
    terms = {"license_type": "CONCURRENT", "lease_seconds": 60, "max_activations": 1}
    license = issue(vendor, world, **terms)
    sent = {"license_key": license["license_key"]}
    start = timezone.now()
    with travel(start, tick=False):
        assert on_device("/activations", device_fingerprint="a", **sent).status_code == 201
        assert on_device("/activations", device_fingerprint="b", **sent).status_code == 409
    with travel(start + timedelta(seconds=60), tick=False):
        assert on_device("/activations", device_fingerprint="b", **sent).status_code == 201


def test_fault_33_cores_are_counted_as_they_are_declared(vendor, world):
    license = issue(vendor, world, license_model="PER_CORE", max_activations=16)
    sent = {"license_key": license["license_key"]}
    on_device("/activations", device_fingerprint="a", core_count=12, **sent)
    answer = on_device("/activations", device_fingerprint="b", core_count=8, **sent)
    assert answer.json()["code"] == "ACTIVATION_LIMIT_EXCEEDED"
    (row,) = vendor.get(f"/activations?license_id={license['id']}").json()["data"]
    assert (row["units"], row["units_declared"]) == (12, True)
