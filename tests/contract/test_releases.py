"""Releases through the API."""

import pytest

from tests import factories
from tests.clock import NOW
from tests.contract.asking import issue, on_device
from tests.contract.test_errors import assert_told

pytestmark = pytest.mark.django_db

PATH = "/products/mill/releases"
SENT = {
    "version": "4.2.9+build.7", "released_at": "2026-01-05T00:00:00Z", "channel": "stable",
    "notes": "Closes a hole.", "url": "https://tern-vale.example/4.2.9",
}  # fmt: skip


@pytest.fixture(autouse=True)
def product(db):
    return factories.make_product(product_id="mill")


def test_a_release_is_published_read_and_corrected(vendor):
    made = vendor.post(PATH, SENT)
    assert made.status_code == 201, made.content
    shown = made.json()["data"]
    times = {name: shown.pop(name) for name in ("created_at", "updated_at")}
    assert shown == SENT | {"product_id": "mill"}
    assert times["created_at"] == times["updated_at"]
    (listed,) = vendor.get(PATH).json()["data"]
    assert listed == shown | times

    changed = vendor.put(f"{PATH}/4.2.9+build.7", {"released_at": "2025-12-01", "notes": ""})

    assert changed.status_code == 200, changed.content
    data = changed.json()["data"]
    assert (data["released_at"], "notes" in data) == ("2025-12-01T00:00:00Z", False)


def test_what_may_be_left_out_is_left_out(vendor):
    data = vendor.post(PATH, {"version": "5", "released_at": "2026-03-01"}).json()["data"]
    assert data["channel"] == "stable"
    assert not {"notes", "url"} & data.keys()


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"version": "4/2"}, "version"),
        ({"version": "4 2"}, "version"),
        ({"version": ""}, "version"),
        ({"version": None}, "version"),
        ({"version": 4.2}, "version"),
        ({"released_at": "soon"}, "released_at"),
        ({"released_at": None}, "released_at"),
        ({"channel": "No Slug"}, "channel"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"url": "not an address"}, "url"),
    ],
)
def test_what_cannot_be_is_named(vendor, sent, field):
    refused = assert_told(vendor.post(PATH, SENT | sent), 400, "VALIDATION_ERROR")
    assert list(refused["error"]["details"]) == [field]
    assert vendor.get(PATH).json()["data"] == []


@pytest.mark.parametrize("field", ["version", "released_at"])
def test_what_is_required_is_named(vendor, field):
    sent = {name: value for name, value in SENT.items() if name != field}
    refused = assert_told(vendor.post(PATH, sent), 400, "VALIDATION_ERROR")
    assert list(refused["error"]["details"]) == [field]


def test_a_version_is_there_once_and_keeps_its_name(vendor):
    vendor.post(PATH, SENT)
    assert_told(vendor.post(PATH, SENT | {"channel": "beta"}), 400, "VALIDATION_ERROR")
    renamed = vendor.put(f"{PATH}/{SENT['version']}", {"version": "9"})
    assert_told(renamed, 400, "VALIDATION_ERROR")
    assert_told(vendor.put(f"{PATH}/9", {"notes": "x"}), 404, "RELEASE_NOT_FOUND")
    assert_told(vendor.put("/products/none/releases/9", {}), 404, "PRODUCT_NOT_FOUND")
    assert_told(vendor.get("/products/none/releases"), 404, "PRODUCT_NOT_FOUND")


def test_a_repeat_publishes_once(vendor):
    first, again = (vendor.post(PATH, SENT, Idempotency_Key="one") for _ in range(2))
    assert first.json() == again.json()
    assert again["Idempotency-Replayed"] == "true"


def test_a_list_is_sorted_by_date_filtered_by_channel_and_paged(vendor):
    for version, released, channel in (
        ("4.0", "2025-01-01", "stable"),
        ("5.0", "2026-01-01", "stable"),
        ("4.1-rc", "2025-06-01", "beta"),
        ("4.1", "2025-07-01", "stable"),
    ):
        vendor.post(PATH, {"version": version, "released_at": released, "channel": channel})

    def listed(query):
        return [row["version"] for row in vendor.get(f"{PATH}?{query}").json()["data"]]

    assert listed("sort=released_at&order=desc") == ["5.0", "4.1", "4.1-rc", "4.0"]
    assert listed("sort=released_at&channel=stable") == ["4.0", "4.1", "5.0"]
    assert listed("sort=released_at&limit=2&page=2") == ["4.1", "5.0"]
    assert listed("sort=version&search=4.1") == ["4.1", "4.1-rc"]
    assert listed("version=4.1") == ["4.1"]
    assert listed("sort=released_at&released_from=2025-06-01&released_to=2025-07-01") == [
        "4.1-rc",
        "4.1",
    ]
    assert_told(vendor.get(f"{PATH}?sort=notes"), 400, "VALIDATION_ERROR")


def test_a_tenant_reads_releases_of_active_products_only(vendor, caller_with, product):
    vendor.post(PATH, SENT)
    tenant = caller_with("catalog:read", "catalog:write", tenant=factories.make_tenant())
    assert len(tenant.get(PATH).json()["data"]) == 1
    assert_told(tenant.post(PATH, SENT | {"version": "9"}), 403, "VENDOR_ONLY")

    vendor.put("/products/mill", {"active": False})

    assert_told(tenant.get(PATH), 404, "PRODUCT_NOT_FOUND")
    assert len(vendor.get(PATH).json()["data"]) == 1


def test_a_vendor_dates_a_patch_back_for_whose_maintenance_ended(vendor, world, time_machine):
    time_machine.move_to(NOW, tick=False)
    licence = issue(
        vendor, world, license_type="PERPETUAL", maintenance_expiry="2026-01-31",
        product_id="mill", product_version="4.2",
    )  # fmt: skip
    asked = {"license_key": licence["license_key"], "product_version": "4.2.9"}
    vendor.post(PATH, {"version": "4.2.9", "released_at": "2026-03-14"})
    refused = on_device("/validate", **asked).json()["data"]
    assert (refused["code"], refused["next_action"]) == ("VERSION_NOT_COVERED", "renew")
    left = vendor.get("/licenses?product_id=mill&maintenance_expiry_to=2026-03-14").json()
    assert [row["id"] for row in left["data"]] == [licence["id"]]

    # The last day of maintenance is covered to its end.
    vendor.put(f"{PATH}/4.2.9", {"released_at": "2026-01-31T23:59:59Z"})
    assert on_device("/validate", **asked).json()["data"]["code"] == "VALID"
    vendor.put(f"{PATH}/4.2.9", {"released_at": "2026-02-01T00:00:00Z"})
    assert on_device("/validate", **asked).json()["data"]["code"] == "VERSION_NOT_COVERED"

    renewed = {"duration_months": 12, "extend_maintenance": True}
    vendor.post(f"/licenses/{licence['id']}/renew", renewed)
    assert on_device("/validate", **asked).json()["data"]["code"] == "VALID"
