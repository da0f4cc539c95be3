"""Faults that a server for these clients was measured to have: addresses, shapes, types."""

import pytest

from licensing_portal.api.codes import CODES
from tests.contract.asking import issue, on_device, terms
from tests.contract.routes import ROUTES
from tests.contract.test_errors import assert_told

pytestmark = pytest.mark.django_db


def test_fault_01_the_clients_paths_work_as_they_are(vendor, world):
    assert vendor.client.get("/api/licensing/licenses", headers=vendor.headers).status_code == 200


def test_fault_02_lists_carry_a_pagination_object(vendor, world):
    listed = vendor.get("/licenses").json()
    assert listed["pagination"].keys() == {
        "page", "limit", "total", "total_pages", "has_next", "has_previous",
    }  # fmt: skip


def test_fault_03_the_second_page_is_not_the_first_and_a_thousand_rows_fit(vendor, world):
    issue(vendor, world)
    pages = [vendor.get(f"/licenses?page={page}&limit=1").json()["data"] for page in (1, 2)]
    assert pages[0] != pages[1]
    assert vendor.get("/licenses?limit=1000").json()["pagination"]["limit"] == 1000


def test_fault_04_totals_count_what_was_filtered(vendor, world):
    issue(vendor, world, issued_to="Unlike the other")
    listed = vendor.get("/licenses?search=unlike&limit=1").json()
    assert listed["pagination"]["total"] == 1
    assert vendor.get("/licenses?limit=1").json()["pagination"]["total"] == 2


def test_fault_05_pages_are_stable_among_rows_of_one_instant(vendor, world):
    for _ in range(6):
        issue(vendor, world, issued_to="Same")
    seen = [
        vendor.get(f"/licenses?sort=issued_to&limit=1&page={page}").json()["data"][0]["id"]
        for page in range(1, 8)
    ]
    assert len(set(seen)) == 7


def test_fault_06_no_parameter_that_clients_send_is_ignored(vendor, world):
    early = issue(vendor, world, issued_to="Early", expiry_date="2030-01-01")
    late = issue(vendor, world, issued_to="Late", expiry_date="2031-01-01")
    found = {
        query: [row["id"] for row in vendor.get(f"/licenses?{query}").json()["data"]]
        for query in (
            "sort=expiry_date&order=asc&expiry_date_from=2029-01-01", "search=late",
            "expiry_date_to=2030-06-01&expiry_date_from=2029-06-01",
            "filter=%7B%22expiry_date_from%22%3A%222030-06-01%22%7D", "tenant_id=NOBODY",
        )
    }  # fmt: skip
    both = [early["id"], late["id"]]
    assert list(found.values()) == [both, both[1:], both[:1], both[1:], []]


def test_fault_07_an_unknown_status_is_a_bad_request(vendor):
    assert_told(vendor.get("/licenses?status=BROKEN"), 400, "VALIDATION_ERROR")


def test_fault_08_both_shapes_of_errors_are_told(vendor):
    body = vendor.get("/licenses/x").json()
    assert body["code"] == body["error"]["code"] == "LICENSE_NOT_FOUND"
    assert body["message"].startswith("Not Found")


def test_fault_09_a_full_licence_is_a_conflict_and_an_unknown_key_is_not_found(vendor, world):
    license = issue(vendor, world, max_activations=1)
    sent = {"license_key": license["license_key"]}
    assert on_device("/activations", **sent, device_fingerprint="device-1").status_code == 201
    full = on_device("/activations", **sent, device_fingerprint="device-2")
    body = assert_told(full, 409, "ACTIVATION_LIMIT_EXCEEDED")
    assert body["error"]["details"]["max_activations"] == 1
    assert CODES["LICENSE_NOT_FOUND"].status == 404


def test_fault_09_a_fault_inside_leaks_nothing(vendor, world, monkeypatch):
    def fail(**_):
        raise ValueError("INSERT INTO licenses_license (key) VALUES ('secret')")

    monkeypatch.setattr("licenses.api.licenses.issue_license", fail)
    response = vendor.post("/licenses", terms(world))
    assert_told(response, 500, "INTERNAL_ERROR")
    assert b"INSERT" not in response.content


def test_fault_10_empty_fields_are_absent(vendor, world):
    for path in ("/licenses", "/activations", "/customers", "/templates", "/tenants", "/events"):
        for row in vendor.get(path).json()["data"]:
            assert None not in row.values(), path


def test_fault_12_activating_asks_for_nothing_that_the_client_lacks(vendor, world):
    license = issue(vendor, world)
    sent = {"license_key": license["license_key"], "device_fingerprint": "device-1"}
    assert on_device("/activations", **sent).status_code == 201


def test_fault_13_customers_may_be_named_as_the_tenant_names_them(vendor, world):
    world.customer.external_id = "customer_456"
    world.customer.save()
    body = terms(world, customer_id="customer_456", tenant_id=world.tenant.code)
    assert vendor.post("/licenses", body).json()["data"]["customer_id"] == str(world.customer.pk)


def test_fault_14_status_and_dates_of_a_new_licence_are_the_callers(vendor, world):
    waiting = issue(vendor, world, status="PENDING", activation_date="2026-01-02")
    assert waiting["status"] == "PENDING"
    assert waiting["issued_date"] == "2026-01-01T00:00:00Z"
    assert waiting["activation_date"] == "2026-01-02T00:00:00Z"


def test_fault_15_put_drops_nothing_silently(vendor, world):
    license = issue(vendor, world)
    sent = {
        "product_name": "Renamed", "product_version": "5", "issued_to": "Bo",
        "max_activations": 4, "expiry_date": "2031-01-01T00:00:00Z",
        "maintenance_expiry": "2030-01-01T00:00:00Z", "auto_renewal": True,
        "grace_period_days": 3, "metadata": {"po": 1}, "overage": "1.5X",
        "heartbeat_interval_seconds": 60,
    }  # fmt: skip
    changed = vendor.put(f"/licenses/{license['id']}", sent).json()["data"]
    assert {name: changed[name] for name in sent} == sent


def test_fault_16_months_are_calendar_months_up_to_ten_years(vendor, world):
    license = issue(vendor, world, expiry_date="2028-01-30")
    path = f"/licenses/{license['id']}/renew"
    renewed = vendor.post(path, {"duration_months": 120}).json()["data"]
    assert renewed["expiry_date"] == "2038-01-31T00:00:00Z"
    for months in (0, 121, -1, 1.5, "12"):
        assert_told(vendor.post(path, {"duration_months": months}), 400, "VALIDATION_ERROR")


def test_fault_18_a_template_may_begin_inactive(vendor, world):
    body = ROUTES["POST", "/templates"].body(world) | {"active": False}
    assert vendor.post("/templates", body).json()["data"]["active"] is False
