"""The existing client's own walk: every call as it makes it, every answer held against its type."""

from typing import Any

import pytest
from django.utils import timezone

from licenses.models import License, LicenseTemplate
from licenses.services.heartbeat import flush
from orders.models import Order
from tests import factories
from tests.contract.front_end import TEMPLATE, a_client, terms, wish
from tests.contract.the_client import METHODS, UNDEFINED, ISPError, LicensingApiClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def product(db):
    return factories.make_product("reports", "exports", product_id="mill")


@pytest.fixture
def tenant(db):
    return factories.make_tenant()


@pytest.fixture
def client_(tenant, product) -> LicensingApiClient:
    return a_client(names_tenant=tenant)


def walk(client: LicensingApiClient, issue_for: dict[str, Any]) -> None:
    """Call all that a front end calls in the life of one licence; every answer is checked."""
    made = client.createLicense(terms(**issue_for))["data"]
    key, license_id = made["license_key"], made["id"]
    assert made["features"][0]["limit_value"] == 1000
    assert "limit_value" not in made["features"][1]
    assert client.getLicense(license_id)["data"]["license_key"].startswith("****")
    assert client.getLicenseByKey(key)["data"]["license_key"] == key
    assert client.validateLicenseKey(key)["data"]["valid"] is True

    seat = client.activateLicense({
        "license_key": key, "device_fingerprint": "pc-7", "machine_name": "PC 7",
        "hardware_id": "board-77", "activation_type": "ONLINE", "metadata": {"room": "12"},
    })["data"]  # fmt: skip
    bare = client.activateLicense({
        "license_key": key, "device_fingerprint": "pc-8", "machine_name": UNDEFINED,
        "hardware_id": UNDEFINED, "activation_type": UNDEFINED, "metadata": UNDEFINED,
    })["data"]  # fmt: skip
    assert seat["device_fingerprint"] == "pc-7"
    token = seat["activation_token"]
    verdict = client.validateActivation(token)["data"]
    assert (verdict["valid"], verdict["license"]["id"]) == (True, license_id)
    assert client.sendHeartbeat(token)["data"]["status"] == "SUCCESS"
    told = {"api_calls_count": 42, "last_used_at": "2026-03-14T09:00:00.000Z"}
    assert client.sendHeartbeat(token, told)["data"]["status"] == "SUCCESS"
    flush(at=timezone.now())
    assert client.getActivation(seat["id"])["data"]["usage_metrics"]["api_calls_count"] == 42
    devices = client.getActivations({"license_id": license_id})
    assert devices["pagination"]["total"] == 2

    freed = client.deactivateLicense(seat["id"])["data"]
    assert (freed["status"], "deactivated_at" in freed) == ("DEACTIVATED", True)
    freed = client.deactivateLicense(bare["id"], "Sold")["data"]
    assert freed["deactivation_reason"] == "Sold"
    assert client.validateActivation(token)["data"]["valid"] is False
    assert client.sendHeartbeat(token)["data"]["status"] == "REFUSED"

    read = client.getLicense(license_id)["data"]
    changed = client.updateLicense(license_id, read | {"max_activations": 5})["data"]
    assert (changed["max_activations"], changed["metadata"]) == (5, read["metadata"])
    upgrade = {"feature_id": "exports", "feature_name": "Exports", "enabled": True}
    renewed = client.renewLicense(license_id, {
        "duration_months": 12, "extend_maintenance": True, "upgrade_features": [upgrade],
    })["data"]  # fmt: skip
    assert renewed["expiry_date"] > read["expiry_date"]
    assert [feature["enabled"] for feature in renewed["features"]] == [True, True]
    client.renewLicense(license_id, {
        "duration_months": 1, "extend_maintenance": UNDEFINED, "upgrade_features": UNDEFINED,
    })  # fmt: skip
    moved = client.transferLicense(license_id, {
        "new_customer_id": UNDEFINED, "new_issued_to": "Bergen office",
        "transfer_reason": "The team moved.", "deactivate_existing": True,
    })["data"]  # fmt: skip
    assert (moved["issued_to"], moved["current_activations"]) == ("Bergen office", 0)
    assert client.suspendLicense(license_id, "Unpaid")["data"]["status"] == "SUSPENDED"
    assert client.validateLicenseKey(key)["data"]["valid"] is False
    revoked = client.revokeLicense(license_id, "Returned")["data"]
    assert (revoked["status"], revoked["current_activations"]) == ("REVOKED", 0)
    assert client.getLicenses({"status": "REVOKED"})["pagination"]["total"] == 1


def walk_templates(client: LicensingApiClient) -> None:
    """Call all that a front end calls to keep templates."""
    made = client.createTemplate(TEMPLATE)["data"]
    assert made["pricing"]["base_price"] == 99.99
    read = client.getTemplate(made["id"])["data"]
    assert read == made
    changed = client.updateTemplate(made["id"], read | {"active": False})["data"]
    assert changed["active"] is False
    twin = client.duplicateTemplate(made["id"], "Mill Team II")["data"]
    assert (twin["template_name"], twin["id"] != made["id"]) == ("Mill Team II", True)
    assert client.getTemplates({"product_id": "mill"})["pagination"]["total"] == 2


def walk_orders(client: LicensingApiClient, template_id: str, **names: Any) -> None:
    """Call all that a front end calls to sell; money comes by another way."""
    made = client.createOrder(wish(template_id, **names))["data"]
    # (100 + 9.99 × 10 × 10) less a tenth; the maintenance is of perpetual licences only.
    assert (made["status"], made["total_amount"]) == ("PENDING", 989.1)
    assert (made["payment_status"], made["discount_applied"]) == ("PENDING", 109.9)
    assert (made["generated_licenses"], "fulfilled_at" in made) == ([], False)
    assert made["custom_features"] == [
        {"feature_id": "exports", "feature_name": "Exports", "enabled": False}
    ]
    order_id = made["id"]
    assert client.getOrder(order_id)["data"] == made
    assert client.approveOrder(order_id)["data"]["status"] == "APPROVED"
    with pytest.raises(ISPError) as thrown:
        client.fulfillOrder(order_id)
    assert (thrown.value.status, thrown.value.code) == (409, "ORDER_NOT_PAID")
    factories.pay(Order.objects.get(pk=order_id))
    done = client.fulfillOrder(order_id)["data"]
    assert (done["status"], done["payment_status"]) == ("FULFILLED", "PAID")
    assert client.fulfillOrder(order_id)["data"] == done
    [license_id] = done["generated_licenses"]
    assert client.getLicense(license_id)["data"]["max_activations"] == 100
    with pytest.raises(ISPError) as thrown:
        client.cancelOrder(order_id, "Too late")
    assert (thrown.value.status, thrown.value.code) == (409, "ILLEGAL_STATUS_CHANGE")

    other = client.createOrder(wish(template_id, **names, fulfillment_method="BATCH"))["data"]
    client.approveOrder(other["id"], "Discussed by telephone.")
    gone = client.cancelOrder(other["id"], "Changed their mind")["data"]
    assert gone["status"] == "CANCELLED"
    asked = {"status": "FULFILLED", "payment_status": "PAID", "sort": "created_at"}
    assert [row["id"] for row in client.getOrders(asked)["data"]] == [order_id]
    assert client.getOrders()["pagination"]["total"] == 2


@pytest.mark.parametrize("base_url", ["", "/"], ids=["bare", "with a slash at its end"])
def test_the_vendors_front_end_makes_every_call(tenant, product, base_url):
    customer = factories.make_customer(tenant)
    client = a_client(names_tenant=tenant, base_url=base_url)

    walk(client, {"customer_id": str(customer.pk)})
    walk_templates(client)
    template = LicenseTemplate.objects.get(template_name="Mill Team II")
    LicenseTemplate.objects.filter(pk=template.pk).update(active=True)
    walk_orders(client, str(template.pk), customer_id=str(customer.pk))

    assert client.called == METHODS
    assert len(METHODS) == 27


def test_a_tenants_front_end_makes_every_call_but_the_vendors(tenant, product):
    customer = factories.make_customer(tenant, external_id="customer_456")

    client = a_client(tenant, names_tenant=tenant)
    walk(client, {"customer_id": "customer_456"})

    assert License.objects.get().customer == customer
    made = a_client(names_tenant=tenant).createTemplate(TEMPLATE)["data"]
    walk_orders(client, made["id"], customer_id="customer_456")


def test_a_front_end_without_a_tenant_names_it_by_the_customer(product):
    walk(a_client(), {"customer_id": str(factories.make_customer().pk)})


@pytest.mark.parametrize(
    "headers",
    [{"Authorization": ""}, {}, {"Authorization": "Bearer not-ours"}],
    ids=["cleared", "none", "of another"],
)
def test_a_device_calls_without_a_session(product, headers):
    issued = factories.issue(product=product, at=timezone.now())
    client = LicensingApiClient("/", {"X-API-Version": "1.0"} | headers)

    body = {"license_key": issued.key, "device_fingerprint": "pc-7"}
    token = client.activateLicense(body)["data"]["activation_token"]
    assert client.activateLicense(body)["data"]["activation_token"] == token
    assert client.validateActivation(token)["data"]["valid"] is True
    assert client.sendHeartbeat(token, {"total_runtime_hours": 1.5})["data"]["status"] == "SUCCESS"
    assert client.validateLicenseKey(issued.key)["data"]["valid"] is True


@pytest.mark.parametrize(
    ("call", "status", "code", "phrase"),
    [
        (lambda client, key: client.getLicense("license_123"), 404, "LICENSE_NOT_FOUND",
         "Not Found"),
        (lambda client, key: client.getLicenseByKey("0000-0000-0000-0000-0000"), 404,
         "LICENSE_NOT_FOUND", "Not Found"),
        (lambda client, key: client.getTemplate("template_1"), 404, "TEMPLATE_NOT_FOUND",
         "Not Found"),
        (lambda client, key: client.getOrder("order_1"), 404, "ORDER_NOT_FOUND", "Not Found"),
        (lambda client, key: client.getActivation("activation_1"), 404, "ACTIVATION_NOT_FOUND",
         "Not Found"),
        (lambda client, key: client.activateLicense(
            {"license_key": key, "device_fingerprint": "one too many"}), 409,
         "ACTIVATION_LIMIT_EXCEEDED", "Conflict"),
        (lambda client, key: client.validateLicenseKey("invalid-format"), 400,
         "INVALID_LICENSE_KEY_FORMAT", "Bad Request"),
        (lambda client, key: client.createLicense(terms(max_activations=-3)), 400,
         "VALIDATION_ERROR", "Bad Request"),
        (lambda client, key: client.getLicenses({"status": "GONE"}), 400, "VALIDATION_ERROR",
         "Bad Request"),
    ],
)  # fmt: skip
def test_what_fails_is_thrown_with_code_and_phrase(
    client_, tenant, product, call, status, code, phrase
):
    issued = factories.issue(tenant=tenant, product=product, max_activations=1, at=timezone.now())
    factories.activate(issued.key, at=timezone.now())

    with pytest.raises(ISPError) as thrown:
        call(client_, issued.key)

    assert (thrown.value.status, thrown.value.code) == (status, code)
    assert phrase in str(thrown.value)
    if code == "ACTIVATION_LIMIT_EXCEEDED":
        details = thrown.value.body["error"]["details"]
        assert (details["current_activations"], details["max_activations"]) == (1, 1)
