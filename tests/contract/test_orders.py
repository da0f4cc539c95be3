"""Orders and invoices through the API, beyond what the client calls."""

from decimal import Decimal

import pytest
from django.utils import timezone

from licenses.models import License
from orders.models import Order
from tests import factories
from tests.contract.test_errors import assert_told

pytestmark = pytest.mark.django_db


def ordered(caller, world, **given):
    body = {
        "template_id": str(world.template.pk), "quantity": 2, "fulfillment_method": "MANUAL",
        "tenant_id": str(world.tenant.pk),
    } | given  # fmt: skip
    return caller.post("/orders", body)


def data(response, status=200):
    assert response.status_code == status, response.content
    return response.json()["data"]


def test_no_price_is_told_for_an_upgrade_that_nobody_could_order(vendor, world):
    license = factories.issue(tenant=world.tenant).license
    other = factories.priced(factories.make_template(factories.make_product("other")))
    body = {"kind": "UPGRADE", "license_id": str(license.pk), "template_id": str(other.pk),
            "tenant_id": world.tenant.code}  # fmt: skip
    orders = Order.objects.count()
    for path in ("/orders/quote", "/orders"):
        told = vendor.post(path, body)
        assert_told(told, 400, "VALIDATION_ERROR")
        assert told.json()["error"]["details"] == {
            "template_id": ["The template is of another product."]
        }
    assert Order.objects.count() == orders


def test_a_quote_is_what_the_order_will_cost_and_writes_nothing(vendor, world):
    world.tenant.tax_rate = Decimal("19")
    world.tenant.save()
    orders = Order.objects.count()
    body = {
        "template_id": str(world.template.pk), "quantity": 2, "tenant_id": world.tenant.code,
        "pricing_override": {"volume_discounts": [
            {"min_quantity": 2, "discount_percentage": 12.5, "discount_amount": 5}]},
        "duration_override": 730,
    }  # fmt: skip
    quoted = data(vendor.post("/orders/quote", body))
    assert Order.objects.count() == orders
    assert quoted == {
        "currency": "EUR", "cycles": 2, "subtotal": 400, "discount": 55, "maintenance": 0,
        "tax": 65.55, "total": 410.55,
        "lines": [
            {"kind": "BASE", "quantity": 2, "cycles": 2, "unit_price": 100, "amount": 400},
            {"kind": "DISCOUNT", "quantity": 1, "cycles": 1, "amount": -55},
            {"kind": "TAX", "quantity": 1, "cycles": 1, "amount": 65.55},
        ],
    }  # fmt: skip
    made = data(vendor.post("/orders", body), 201)
    assert (made["lines"], made["total_amount"]) == (quoted["lines"], quoted["total"])
    assert made["pricing_override"] == body["pricing_override"]


def test_an_override_of_the_price_has_a_scope_of_its_own(caller_with, world):
    clerk = caller_with("orders:read", "orders:write")
    override = {"pricing_override": {"base_price": 1}}
    orders = Order.objects.count()
    refused = assert_told(ordered(clerk, world, **override), 403, "SCOPE_REQUIRED")
    assert refused["error"]["details"] == {"scope": "payments:write"}
    quote = {"template_id": str(world.template.pk), "quantity": 1} | override
    assert_told(clerk.post("/orders/quote", quote), 403, "SCOPE_REQUIRED")
    assert Order.objects.count() == orders
    cashier = caller_with("orders:write", "payments:write")
    assert data(ordered(cashier, world, **override), 201)["total_amount"] == 2


@pytest.mark.parametrize("wrong", [
    {"quantity": 0}, {"quantity": "2"}, {"quantity": 2.5}, {"quantity": 10**12},
    {"fulfillment_method": "SOON"}, {"kind": "GIFT"}, {"kind": "RENEWAL"},
    {"kind": "UPGRADE", "license_id": "x"}, {"license_id": "x"}, {"duration_override": -1},
    {"pricing_override": {"base_price": "much"}}, {"pricing_override": []},
    {"pricing_override": {"volume_discounts": [{"min_quantity": 1}]}},
    {"custom_features": [{"feature_id": "unknown"}]}, {"custom_features": "all"},
    {"custom_restrictions": [{"restriction_type": "MOON", "values": [], "operator": "ALLOW"}]},
    {"special_instructions": "x" * 4001},
], ids=str)  # fmt: skip
def test_a_body_that_cannot_be_is_refused_with_its_fields(vendor, world, wrong):
    orders = Order.objects.count()
    refused = assert_told(ordered(vendor, world, **wrong), 400, "VALIDATION_ERROR")
    assert refused["error"]["details"]
    assert Order.objects.count() == orders


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"template_id": "x"}, "TEMPLATE_NOT_FOUND"),
        ({"customer_id": "0190b0c4-0000-7000-8000-000000000000"}, "CUSTOMER_NOT_FOUND"),
        ({"reseller_id": "x"}, "RESELLER_NOT_FOUND"), ({"tenant_id": "NOBODY"}, "TENANT_NOT_FOUND"),
    ],
)  # fmt: skip
def test_what_a_body_names_and_is_not_there_is_refused(vendor, world, wrong, code):
    orders = Order.objects.count()
    assert_told(ordered(vendor, world, **wrong), 400, code)
    assert Order.objects.count() == orders


def test_a_vendors_order_names_its_tenant_one_way_or_another(vendor, world):
    body = {"template_id": str(factories.priced().pk), "quantity": 1}
    assert_told(vendor.post("/orders", body), 400, "TENANT_REQUIRED")
    named = vendor.post("/orders", body | {"customer_id": str(world.customer.pk)})
    assert data(named, 201)["tenant_id"] == str(world.tenant.pk)
    license = factories.bought(tenant=world.tenant).generated.get().license
    renewal = vendor.post("/orders", {"kind": "RENEWAL", "license_id": str(license.pk)})
    assert data(renewal, 201)["license_id"] == str(license.pk)


def test_lists_are_filtered_by_what_orders_are(vendor, world):
    paid = factories.pay(factories.place(world.template, tenant=world.tenant))
    done = factories.bought(world.template, tenant=world.tenant, customer_id=world.customer.pk)
    license_id = done.generated.get().license_id

    def found(query):
        return [row["id"] for row in data(vendor.get(f"/orders?{query}"))]

    assert found("status=PENDING") == [str(paid.pk)]
    assert set(found("payment_status=PAID")) == {str(paid.pk), str(done.pk)}
    assert found("payment_status=PENDING") == [str(world.order.pk)]
    assert found(f"customer_id={world.customer.pk}") == [str(done.pk)]
    assert found(f"license_id={license_id}") == [str(done.pk)]
    assert found(f"search={done.order_number}") == [str(done.pk)]
    assert found("sort=order_number&order=asc&limit=1&page=2") == [str(paid.pk)]
    assert found("customer_id=nobody") == found("template_id=x") == found("license_id=x") == []
    assert_told(vendor.get("/orders?status=GONE"), 400, "VALIDATION_ERROR")
    assert_told(vendor.get("/orders?sort=price"), 400, "VALIDATION_ERROR")


@pytest.mark.parametrize("many", [1, 6])
def test_a_page_of_orders_costs_the_same_however_many(
    vendor, world, many, django_assert_max_num_queries
):
    for _ in range(many):
        factories.bought(world.template, tenant=world.tenant)
    with django_assert_max_num_queries(12):
        vendor.get("/orders")


def test_money_comes_and_goes_through_the_api(vendor, world):
    path = f"/orders/{world.order.pk}"
    transfer = {"amount": 60, "method": "BANK_TRANSFER", "reference": "T-1", "currency": "EUR"}
    for _ in range(2):
        part = data(vendor.post(f"{path}/payments", transfer))
    assert (part["payment_status"], part["paid_amount"], len(part["payments"])) == (
        "PARTIAL", 60, 1,
    )  # fmt: skip
    other = transfer | {"currency": "USD", "reference": "T-2"}
    assert_told(vendor.post(f"{path}/payments", other), 400, "CURRENCY_MISMATCH")
    assert_told(vendor.post(f"{path}/fulfill"), 409, "ORDER_NOT_PAID")
    data(vendor.post(f"{path}/payments", transfer | {"amount": 40, "reference": "T-2"}))
    done = data(vendor.post(f"{path}/fulfill"))
    too_much = {"amount": 100.01, "reason": "x"}
    assert_told(vendor.post(f"{path}/refund", too_much), 409, "REFUND_EXCEEDS_PAID")
    assert License.objects.get(pk=done["generated_licenses"][0]).status == "ACTIVE"
    back = data(vendor.post(f"{path}/refund", {"reason": "Returned."}))
    assert (back["payment_status"], back["refunded_amount"]) == ("REFUNDED", 100)
    assert License.objects.get(pk=done["generated_licenses"][0]).status == "REVOKED"
    listed = data(vendor.get(f"/invoices?order_id={world.order.pk}&sort=opened_at&order=asc"))
    assert [(row["kind"], row["status"], row["amount"]) for row in listed] == [
        ("INVOICE", "PAID", 100), ("CREDIT_NOTE", "PAID", 100),
    ]  # fmt: skip
    assert listed[0]["id"] == back["invoice_id"] == listed[1]["corrects"]
    assert data(vendor.get(f"/invoices/{back['invoice_id']}")) == listed[0]
    assert data(vendor.get("/invoices?status=DRAFT")) == []


def test_a_reseller_sees_what_it_sold_on_but_no_invoice_and_changes_nothing(caller_with, world):
    reseller = factories.make_tenant(is_reseller=True)
    buyer = factories.make_tenant(sold_by=reseller)
    order = factories.approve(factories.place(tenant=buyer, at=timezone.now()))
    caller = caller_with("*", tenant=reseller)
    seen = data(caller.get(f"/orders/{order.pk}"))
    assert (seen["reseller_id"], "invoice_id" in seen) == (str(reseller.pk), False)
    assert data(caller.get("/invoices")) == []
    path = f"/orders/{order.pk}/cancel"
    assert_told(caller.post(path, {"reason": "x"}), 403, "RESELLER_READS_ONLY")
    order.refresh_from_db()
    assert order.status == "APPROVED"


def test_device_values_and_names_of_features_come_back_as_licences_show_them(vendor, world):
    made = ordered(
        vendor, world,
        custom_features=[{"feature_id": "reports", "limit_value": 7, "expires_at": "2031-01-01"}],
        custom_restrictions=[
            {"restriction_type": "HARDWARE_ID", "operator": "ALLOW", "values": ["board-4711"]}],
    )  # fmt: skip
    shown = data(made, 201)
    assert shown["custom_features"] == [{
        "feature_id": "reports", "feature_name": "reports", "enabled": True, "limit_value": 7,
        "expires_at": "2031-01-02T00:00:00Z",
    }]  # fmt: skip
    assert shown["custom_restrictions"][0]["values"] == ["****11"]
