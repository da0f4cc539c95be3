"""Organisations, customers and products through the API."""

import pytest

from events.models import Event
from tests import factories
from tests.contract.test_errors import assert_told

pytestmark = pytest.mark.django_db


def test_a_tenant_is_made_read_and_changed(vendor):
    reseller = factories.make_tenant(is_reseller=True)
    sent = {
        "code": "BRENNER", "name": "Brenner Ingenieure", "sold_by": str(reseller.pk),
        "payment_terms_days": 30, "language": "de", "time_zone": "Europe/Berlin",
        "currency": "EUR", "billing_address": {"city": "Berlin"}, "tax_id": "DE1",
    }  # fmt: skip
    made = vendor.post("/tenants", sent)
    assert made.status_code == 201, made.content
    shown = made.json()["data"]
    assert {name: shown[name] for name in sent} == sent
    changed = vendor.put(f"/tenants/{shown['id']}", {"name": "Brenner & Söhne", "active": False})
    assert changed.json()["data"]["name"] == "Brenner & Söhne"
    assert changed.json()["data"]["code"] == "BRENNER"
    for query in (f"sold_by={reseller.code}", f"sold_by={reseller.pk}", "code=BRENNER"):
        assert len(vendor.get(f"/tenants?{query}").json()["data"]) == 1, query
    assert len(vendor.get("/tenants?active=true").json()["data"]) == 1


def test_an_address_holds_what_is_stated_of_it(vendor):
    sent = {"code": "BRENNER", "name": "Brenner", "billing_address": {"city": None}}
    body = assert_told(vendor.post("/tenants", sent), 400, "VALIDATION_ERROR")
    assert set(body["error"]["details"]) == {"billing_address.city"}
    tenant = factories.make_tenant(billing_address={"city": None, "country": "DE", "line2": ""})
    shown = vendor.get(f"/tenants/{tenant.pk}").json()["data"]
    assert shown["billing_address"] == {"country": "DE"}


@pytest.mark.parametrize("fields", [
    {"code": "brenner"}, {"code": "B"}, {"code": "TAKEN"}, {"name": ""}, {"name": 5},
    {"time_zone": "Moon"}, {"payment_terms_days": -1}, {"is_reseller": "yes"},
    {"sold_by": "0190b0c4-0000-7000-8000-000000000000"}, {"currency": "EURO"},
])  # fmt: skip
def test_an_impossible_tenant_is_refused_by_its_field(vendor, fields):
    factories.make_tenant(code="TAKEN")
    body = assert_told(
        vendor.post("/tenants", {"code": "BRENNER", "name": "B"} | fields), 400, "VALIDATION_ERROR"
    )
    assert body["error"]["details"].keys() == fields.keys()


def test_a_customer_is_made_read_changed_and_told(vendor):
    tenant = factories.make_tenant()
    sent = {
        "tenant_id": str(tenant.pk), "name": "Ada", "email": "ada@brenner.example",
        "company": "Brenner", "billing_address": {"line1": "Weg 1", "country": "DE"},
        "external_id": "customer_456",
    }  # fmt: skip
    made = vendor.post("/customers", sent)
    assert made.status_code == 201, made.content
    shown = made.json()["data"]
    assert {name: shown[name] for name in sent} == sent
    assert "phone" not in shown
    changed = vendor.put(f"/customers/{shown['id']}", {"email": "a@brenner.example"})
    assert changed.json()["data"]["email"] == "a@brenner.example"
    told = [event.type for event in Event.objects.order_by("sequence")]
    assert told == ["api_key.created", "customer.created", "customer.updated"]
    event = vendor.get("/events?type=customer.updated").json()["data"][0]
    assert event["changes"]["email"]["after"] == "a@brenner.example"
    assert_told(vendor.post("/customers", sent), 400, "VALIDATION_ERROR")
    lost = {name: sent[name] for name in ("name", "email")}
    assert_told(vendor.post("/customers", lost), 400, "TENANT_REQUIRED")


def test_a_product_keeps_the_name_that_others_know_it_by(vendor):
    sent = {"product_id": "reports", "product_name": "Reports", "product_version": "4.2"}
    assert vendor.post("/products", sent).status_code == 201
    changed = vendor.put("/products/reports", sent | {"product_version": "5"}).json()["data"]
    assert changed["product_version"] == "5"
    assert_told(vendor.put("/products/reports", {"product_id": "x"}), 400, "VALIDATION_ERROR")
    assert_told(vendor.post("/products", sent), 400, "VALIDATION_ERROR")
    scheme = vendor.post("/products", sent | {"product_id": "y", "key_scheme": "OPAQUE"})
    assert_told(scheme, 400, "VALIDATION_ERROR")
    for slug in ("Reports", "-x", "a/b", "", "x" * 51):
        refused = vendor.post("/products", sent | {"product_id": slug})
        assert_told(refused, 400, "VALIDATION_ERROR")


def test_a_feature_belongs_to_its_product(vendor):
    factories.make_product(product_id="reports")
    sent = {
        "feature_id": "exports", "feature_name": "Exports", "limit_type": "COUNT",
        "period": "MONTH", "unit": "files",
    }  # fmt: skip
    made = vendor.post("/products/reports/features", sent)
    assert made.status_code == 201, made.content
    assert made.json()["data"] == sent | {"product_id": "reports"}
    assert_told(vendor.post("/products/reports/features", sent), 400, "VALIDATION_ERROR")
    path = "/products/reports/features"
    assert vendor.put(f"{path}/exports", {"unit": "pages"}).json()["data"]["unit"] == "pages"
    assert_told(vendor.put(f"{path}/none", {"unit": "x"}), 404, "FEATURE_NOT_FOUND")
    assert [row["unit"] for row in vendor.get(path).json()["data"]] == ["pages"]
    assert_told(vendor.get("/products/none/features"), 404, "PRODUCT_NOT_FOUND")
