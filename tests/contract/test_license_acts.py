"""Licences through the API: changed, acted upon, exported; and their devices."""

import csv
from io import StringIO

import pytest
from django.utils import timezone

from events.models import Event
from licenses.services import lifecycle
from tests import factories
from tests.contract.test_errors import assert_told
from tests.factories import STAFF

pytestmark = pytest.mark.django_db


def now():
    return timezone.now()


def issue(**terms):
    return factories.issue(at=now(), **terms)


def test_put_changes_terms_and_status_together_or_neither(vendor):
    license = issue().license
    path = f"/licenses/{license.pk}"
    changed = vendor.put(path, {"max_activations": 9, "status": "SUSPENDED", "reason": "Unpaid"})
    shown = changed.json()["data"]
    assert (shown["max_activations"], shown["status"]) == (9, "SUSPENDED")
    assert (shown["suspension_code"], shown["suspension_reason"]) == ("STAFF", "Unpaid")
    assert_told(
        vendor.put(path, {"max_activations": 2, "status": "EXPIRED"}), 409, "ILLEGAL_STATUS_CHANGE"
    )
    assert vendor.get(path).json()["data"]["max_activations"] == 9
    assert vendor.put(path, {"status": "ACTIVE"}).json()["data"]["status"] == "ACTIVE"
    assert vendor.put(path, {"status": "INACTIVE"}).json()["data"]["status"] == "INACTIVE"
    assert vendor.put(path, {"status": "ACTIVE"}).json()["data"]["status"] == "ACTIVE"
    assert vendor.put(path, {"status": "REVOKED"}).json()["data"]["status"] == "REVOKED"
    assert_told(vendor.put(path, {"status": "ACTIVE"}), 409, "ILLEGAL_STATUS_CHANGE")


def test_put_takes_back_what_get_gave(vendor):
    product = factories.make_product("reports")
    license = issue(product=product).license
    path = f"/licenses/{license.pk}"
    before = vendor.get(path).json()["data"]
    response = vendor.put(path, before)
    assert response.status_code == 200, response.content
    assert response.json()["data"] == before


@pytest.mark.parametrize("field", ["customer_id", "product_id", "license_type", "license_model"])
def test_put_refuses_what_a_transfer_or_an_upgrade_is_for(vendor, field):
    license = issue().license
    other = {
        "customer_id": factories.make_customer(license.tenant).pk,
        "product_id": factories.make_product().product_id,
        "license_type": "PERPETUAL",
        "license_model": "PER_SEAT",
    }
    body = assert_told(
        vendor.put(f"/licenses/{license.pk}", {field: other[field], "max_activations": 9}),
        400, "VALIDATION_ERROR",
    )  # fmt: skip
    assert body["error"]["details"].keys() == {field}
    license.refresh_from_db()
    assert license.max_activations == 3


def test_put_refuses_a_stale_revision(vendor):
    license = issue().license
    path = f"/licenses/{license.pk}"
    etag = vendor.get(path)["ETag"]
    moved = vendor.put(path, {"max_activations": 4}, If_Match=etag)
    assert moved.status_code == 200
    assert moved["ETag"] == '"2"'
    assert_told(vendor.put(path, {"max_activations": 5}, If_Match=etag), 412, "STALE_REVISION")
    assert_told(vendor.put(path, {"max_activations": 5}, If_Match="x"), 412, "STALE_REVISION")
    assert vendor.put(path, {"max_activations": 5}, If_Match="*").status_code == 200


def test_the_acts_lead_from_status_to_status(vendor):
    path = f"/licenses/{issue().license.pk}"
    steps = [
        ("suspend", {"reason": "Unpaid"}, "SUSPENDED"),
        ("reinstate", {"reason": "Paid"}, "ACTIVE"),
        ("park", {}, "INACTIVE"),
        ("unpark", {"reason": ""}, "ACTIVE"),
        ("renew", {"duration_months": 12}, "ACTIVE"),
        ("revoke", {"reason": "Resold"}, "REVOKED"),
    ]
    for act, body, status in steps:
        response = vendor.post(f"{path}/{act}", body)
        assert response.status_code == 200, (act, response.content)
        assert response.json()["data"]["status"] == status
    assert_told(vendor.post(f"{path}/suspend", {"reason": "x"}), 409, "ILLEGAL_STATUS_CHANGE")
    told = [row["type"] for row in vendor.get(f"{path}/events").json()["data"]]
    assert told == [
        "license.revoked", "license.renewed", "license.unparked", "license.parked",
        "license.reinstated", "license.suspended", "license.issued",
    ]  # fmt: skip


@pytest.mark.parametrize("act", ["suspend", "reinstate", "revoke", "reveal-key", "reissue-key"])
def test_an_act_wants_to_know_why(vendor, act):
    license = issue().license
    body = assert_told(vendor.post(f"/licenses/{license.pk}/{act}", {}), 400, "VALIDATION_ERROR")
    assert body["error"]["details"].keys() == {"reason"}


def test_an_event_tells_who_from_where_and_what(vendor):
    license = issue().license
    vendor.post(f"/licenses/{license.pk}/suspend", {"reason": "Unpaid"})
    event = vendor.get(f"/events?license_id={license.pk}&type=license.suspended").json()["data"][0]
    assert event["actor"]["kind"] == "api_key"
    assert event["actor"]["label"] == "contract"
    assert event["ip_address"] == "127.0.0.1"
    assert event["reason"] == "Unpaid"
    assert event["changes"]["status"] == {"before": "ACTIVE", "after": "SUSPENDED"}
    assert event["sealed"] is False


@pytest.mark.parametrize(("query", "found"), [
    ("", 2),
    ("type=license.issued", 1),
    ("from=2026-06-02", 1),
    ("to=2026-06-01", 1),
    ("to=2026-06-02", 2),
    ("from=2026-06-01T00:00:00Z&to=2026-06-01T00:00:00Z", 1),
    ("from=2026-06-03", 0),
    ("license_id=none", 0),
    ("actor=nobody", 0),
])  # fmt: skip
def test_events_are_filtered_by_kind_and_day(vendor, time_machine, query, found):
    time_machine.move_to("2026-06-01T00:00:00Z", tick=False)
    license = issue().license
    time_machine.move_to("2026-06-02T12:00:00Z", tick=False)
    vendor.post(f"/licenses/{license.pk}/suspend", {"reason": "Unpaid"})
    listed = vendor.get(f"/licenses/{license.pk}/events?{query}").json()
    assert listed["pagination"]["total"] == found


def test_a_transfer_with_devices_left_behind_frees_the_seats(vendor):
    issued = issue()
    factories.activate(issued.key, at=now())
    response = vendor.post(f"/licenses/{issued.license.pk}/transfer", {
        "new_issued_to": "Habicht Werke", "transfer_reason": "Sold", "deactivate_existing": True,
    })  # fmt: skip
    shown = response.json()["data"]
    assert (shown["issued_to"], shown["current_activations"]) == ("Habicht Werke", 0)


def test_a_tenants_key_transfers_inside_its_tenant_only(caller_with):
    license = issue().license
    caller = caller_with("licenses:write", tenant=license.tenant)
    given = {
        "new_customer_id": factories.make_customer().pk, "new_issued_to": "Habicht Werke",
        "transfer_reason": "Sold", "deactivate_existing": False,
    }  # fmt: skip
    path = f"/licenses/{license.pk}/transfer"
    assert_told(caller.post(path, given), 400, "CUSTOMER_NOT_FOUND")


def test_revealing_and_reissuing_show_the_key_and_tell(vendor):
    issued = issue()
    path = f"/licenses/{issued.license.pk}"
    shown = vendor.post(f"{path}/reveal-key", {"reason": "Lost"}).json()["data"]
    assert shown == {"license_key": issued.key}
    again = vendor.post(f"{path}/reissue-key", {"reason": "Leaked"}).json()["data"]
    assert again["license_key"] != issued.key
    assert vendor.get(f"/licenses/by-key/{issued.key}").status_code == 404
    told = {event.type for event in Event.objects.all()}
    assert {"license.key_revealed", "license.key_reissued"} <= told


def test_entitlements_are_what_is_granted_and_what_is_left(vendor):
    product = factories.make_product("reports")
    license = issue(product=product).license
    vendor.put(
        f"/licenses/{license.pk}", {"features": [{"feature_id": "reports", "limit_value": 10}]}
    )
    shown = vendor.get(f"/licenses/{license.pk}/entitlements").json()["data"]
    assert shown == [{
        "feature_id": "reports", "feature_name": "Reports", "enabled": True, "limit_value": 10,
        "period": "NONE", "used": 0, "remaining": 10,
    }]  # fmt: skip


def exported(response):
    return b"".join(response.streaming_content).decode()


def test_the_export_holds_what_the_list_would_with_masks(vendor):
    tenant = factories.make_tenant()
    issued = issue(tenant=tenant, issued_to="=HYPERLINK(1)")
    issue(issued_to="Other")
    text = exported(vendor.get(f"/licenses/export?format=csv&tenant_id={tenant.code}"))
    [row] = csv.DictReader(StringIO(text))
    assert row["id"] == str(issued.license.pk)
    assert row["license_key"] == issued.license.masked_key
    assert row["issued_to"] == "'=HYPERLINK(1)"
    rows = vendor.get("/licenses/export?format=json")
    assert rows["Content-Type"] == "application/json"
    assert exported(rows).count("license_key") == 2


def test_the_export_reveals_keys_to_whoever_may_with_an_event_each(vendor, caller_with):
    issued = issue()
    path = "/licenses/export?format=csv&reveal=true"
    assert_told(caller_with("licenses:read").get(path), 403, "SCOPE_REQUIRED")
    assert issued.key in exported(vendor.get(path))
    assert Event.objects.filter(type="license.key_revealed").count() == 1


def test_devices_are_listed_masked_and_freed(vendor):
    issued = issue()
    factories.activate(issued.key, "device-1", at=now())
    factories.activate(issued.key, "device-2", at=now())
    listed = vendor.get("/activations?device_fingerprint=device-1&status=ACTIVE").json()["data"]
    [device] = listed
    assert device["activation_token"] == ""
    assert device["device_fingerprint"] == "****-1"
    freed = vendor.post(f"/activations/{device['id']}/deactivate", {"reason": "Stolen"})
    shown = freed.json()["data"]
    assert (shown["status"], shown["deactivation_reason"]) == ("DEACTIVATED", "Stolen")
    assert vendor.post(f"/activations/{device['id']}/deactivate", {}).json()["data"] == shown
    license = vendor.get(f"/licenses/{issued.license.pk}").json()["data"]
    assert license["current_activations"] == 1


def test_devices_of_a_suspended_licence_are_shown_suspended(vendor):
    issued = issue()
    factories.activate(issued.key, at=now())
    lifecycle.suspend_license(license_id=issued.license.pk, reason="x", at=now(), origin=STAFF)
    assert vendor.get("/activations?status=ACTIVE").json()["data"] == []
    [device] = vendor.get("/activations?status=SUSPENDED").json()["data"]
    assert device["status"] == "SUSPENDED"


def test_lists_take_a_fixed_number_of_queries(vendor, django_assert_max_num_queries):
    product = factories.make_product("reports")
    for _ in range(12):
        issue(product=product)
    with django_assert_max_num_queries(8):
        assert len(vendor.get("/licenses?limit=50").json()["data"]) == 12


def test_a_reseller_reads_what_it_sold_and_changes_none_of_it(caller_with):
    reseller = factories.make_tenant(is_reseller=True)
    buyer = factories.make_tenant(sold_by=reseller)
    issued = issue(tenant=buyer)
    caller = caller_with("*", tenant=reseller)
    path = f"/licenses/{issued.license.pk}"
    assert caller.get(path).status_code == 200
    for act in ("suspend", "reveal-key"):
        refused = caller.post(f"{path}/{act}", {"reason": "x"})
        assert_told(refused, 403, "RESELLER_READS_ONLY")
    by_key = caller.get(f"/licenses/by-key/{issued.key}").json()["data"]
    assert by_key["license_key"] == issued.license.masked_key
