"""Templates with their prices through the API."""

import pytest

from events.models import Event
from licenses.models import LicenseTemplate
from orders.models import Pricing
from tests import factories
from tests.contract.test_errors import assert_told

pytestmark = pytest.mark.django_db


def given(**fields):
    product = factories.make_product("reports")
    return {
        "template_name": "Team", "product_id": product.product_id, "description": "",
        "license_type": "SUBSCRIPTION", "license_model": "PER_SEAT", "default_duration": 365,
        "max_activations": 10,
        "features": [{
            "feature_id": "reports", "feature_name": "Reports", "included": True,
            "default_limit": 100, "configurable": True, "required": True,
        }],
        "restrictions": [{
            "restriction_type": "DOMAIN", "operator": "ALLOW", "configurable": True,
            "default_values": ["*.brenner.example"],
        }],
        "bind_on_first_activation": "HARDWARE",
        "pricing": {
            "base_price": 49.99, "currency": "EUR", "billing_cycle": "ANNUALLY",
            "volume_discounts": [
                {"min_quantity": 50, "discount_percentage": 20},
                {"min_quantity": 10, "max_quantity": 49, "discount_percentage": 10},
            ],
        },
        "auto_renewal_enabled": True, "trial_allowed": True, "trial_duration_days": 14,
        "grace_period_days": 30, "active": True,
    } | fields  # fmt: skip


def test_a_template_is_made_as_clients_send_it_and_read_back(vendor):
    sent = given()
    made = vendor.post("/templates", sent)
    assert made.status_code == 201, made.content
    shown = vendor.get(f"/templates/{made.json()['data']['id']}").json()["data"]
    assert shown == made.json()["data"]
    for name in set(sent) - {"pricing"}:
        assert shown[name] == sent[name], name
    assert shown["pricing"]["base_price"] == 49.99
    bands = shown["pricing"]["volume_discounts"]
    assert sorted(band["min_quantity"] for band in bands) == [10, 50]
    assert {event.type for event in Event.objects.all()} >= {"template.created", "template.priced"}


def test_without_a_trial_a_template_may_say_zero_days(vendor):
    made = vendor.post("/templates", given(trial_allowed=False, trial_duration_days=0))
    assert made.status_code == 201, made.content
    assert made.json()["data"]["trial_duration_days"] == 0


def test_put_changes_what_is_named_and_keeps_the_rest(vendor):
    made = vendor.post("/templates", given()).json()["data"]
    path = f"/templates/{made['id']}"
    changed = vendor.put(path, {"active": False, "pricing": {"base_price": 59}}).json()["data"]
    assert changed["active"] is False
    assert changed["pricing"] == made["pricing"] | {"base_price": 59}
    assert changed["features"] == made["features"]
    again = vendor.put(path, changed)
    assert again.status_code == 200, again.content
    assert again.json()["data"] == changed


def test_a_duplicate_differs_in_its_name_alone(vendor):
    made = vendor.post("/templates", given()).json()["data"]
    response = vendor.post(f"/templates/{made['id']}/duplicate", {"new_name": "Team II"})
    assert response.status_code == 201
    copy = response.json()["data"]
    assert copy["id"] != made["id"]
    own = {"id", "template_name", "created_at", "updated_at"}
    assert {name: copy[name] for name in copy.keys() - own} == {
        name: made[name] for name in made.keys() - own
    }
    assert copy["template_name"] == "Team II"


@pytest.mark.parametrize(("fields", "code", "field"), [
    ({"max_activations": 0}, "VALIDATION_ERROR", "max_activations"),
    ({"features": [{"feature_id": "none"}]}, "VALIDATION_ERROR", "features.0.feature_id"),
    ({"pricing": {"base_price": 1}}, "VALIDATION_ERROR", "pricing.currency"),
    ({"product_id": "none"}, "PRODUCT_NOT_FOUND", "product_id"),
    ({"restrictions": [{"restriction_type": "SHOE", "operator": "ALLOW"}]},
     "VALIDATION_ERROR", "restrictions.0.restriction_type"),
    ({"restrictions": [{"restriction_type": "IP_RANGE", "operator": "ALLOW",
                        "default_values": ["10.0.0.0/8", "10.0.0.0/99"]}]},
     "VALIDATION_ERROR", "restrictions.0.default_values.1"),
    ({"restrictions": [{"restriction_type": "DOMAIN", "operator": "ALLOW",
                        "configurable": False}]},
     "VALIDATION_ERROR", "restrictions.0.default_values"),
    ({"trial_duration_days": 0}, "VALIDATION_ERROR", "trial_duration_days"),
    ({"bind_on_first_activation": "SHOE"}, "VALIDATION_ERROR", "bind_on_first_activation"),
])  # fmt: skip
def test_a_template_that_cannot_be_is_not_made(vendor, fields, code, field):
    body = assert_told(vendor.post("/templates", given(**fields)), 400, code)
    assert field is None or field in body["error"]["details"]
    assert not LicenseTemplate.objects.exists()
    assert not Pricing.objects.exists()


@pytest.mark.parametrize("bands", [
    [(10, None, 5), (20, None, 9)],
    [(10, 20, 5), (20, None, 9)],
    [(10, None, 5), (10, None, 9)],
    [(10, 5, 5)],
    [(10, None, 101)],
    [(10, None, -1)],
])  # fmt: skip
def test_of_one_quantity_there_is_one_price(vendor, bands):
    sent = given()
    sent["pricing"] = sent["pricing"] | {
        "volume_discounts": [
            {"min_quantity": low, "max_quantity": high, "discount_percentage": off}
            for low, high, off in bands
        ]
    }
    assert_told(vendor.post("/templates", sent), 400, "VALIDATION_ERROR")
    assert not LicenseTemplate.objects.exists()


def test_tenants_read_what_is_on_offer_to_them_and_write_none(caller_with):
    tenant = factories.make_tenant()
    own = factories.make_template(reserved_for=tenant)
    factories.make_template(reserved_for=factories.make_tenant())
    caller = caller_with("*", tenant=tenant)
    assert [row["id"] for row in caller.get("/templates").json()["data"]] == [str(own.pk)]
    assert_told(caller.put(f"/templates/{own.pk}", {"active": False}), 403, "VENDOR_ONLY")
    assert_told(caller.post("/templates", given()), 403, "VENDOR_ONLY")


@pytest.mark.parametrize(("query", "found"), [
    ("active=true", 1), ("active=false", 1), ("license_type=TRIAL", 0), ("product_id=none", 0),
    ("limit=1", 1), ("search=TEMPLATE", 2),
])  # fmt: skip
def test_templates_are_filtered_as_the_client_asks(vendor, query, found):
    factories.make_template()
    factories.make_template(active=False)
    assert len(vendor.get(f"/templates?{query}").json()["data"]) == found
