"""Licences through the API: found, read and issued."""

from datetime import timedelta

import pytest
from django.utils import timezone

from events.models import Event
from licenses.models import License
from tests import factories
from tests.contract import asking
from tests.contract.test_errors import assert_told

pytestmark = pytest.mark.django_db


def now():
    return timezone.now()


def issue(**terms):
    return factories.issue(at=now(), **terms)


def test_a_licence_is_shown_as_clients_know_it(vendor):
    product = factories.make_product("reports")
    tenant = factories.make_tenant()
    customer = factories.make_customer(tenant)
    issued = issue(tenant=tenant, product=product, customer_id=customer.pk)
    response = vendor.get(f"/licenses/{issued.license.pk}")
    shown = response.json()["data"]
    assert response["ETag"] == '"1"'
    assert shown["license_key"] == issued.license.masked_key
    assert shown["license_key"].startswith("****-")
    assert shown["product_id"] == product.product_id
    assert shown["customer_id"] == str(customer.pk)
    assert shown["status"] == "ACTIVE"
    assert (shown["max_activations"], shown["current_activations"]) == (3, 0)
    assert shown["features"] == shown["restrictions"] == []
    assert shown["metadata"] == {}
    assert shown["expiry_date"].endswith("Z")
    assert None not in shown.values()
    assert "suspension_code" not in shown
    assert "activation_date" not in shown


def test_issuing_tells_the_key_once_and_whole(vendor):
    product = factories.make_product("reports")
    tenant = factories.make_tenant()
    response = vendor.post("/licenses", {
        "tenant_id": tenant.code, "product_id": product.product_id, "product_name": "Any",
        "product_version": "4", "license_type": "SUBSCRIPTION", "license_model": "PER_SEAT",
        "issued_to": "Brenner Ingenieure", "max_activations": 5, "issued_date": "2026-01-01",
        "features": [{
            "feature_id": "reports", "feature_name": "Reports", "enabled": True,
            "limit_value": 12.5, "limit_type": "COUNT", "expires_at": "2031-01-01T00:00:00Z",
        }],
        "restrictions": [], "status": "ACTIVE", "auto_renewal": False,
        "metadata": {"po": "4711"}, "expiry_date": "2030-06-30",
        "id": "ignored", "license_key": "ignored", "current_activations": 4,
    })  # fmt: skip
    assert response.status_code == 201, response.content
    shown = response.json()["data"]
    assert len(shown["license_key"]) == 24
    assert "*" not in shown["license_key"]
    assert shown["current_activations"] == 0
    assert shown["expiry_date"] == "2030-07-01T00:00:00Z"
    assert shown["features"] == [{
        "feature_id": "reports", "feature_name": "Reports", "enabled": True,
        "limit_value": 12.5, "limit_type": "COUNT", "period": "NONE",
        "expires_at": "2031-01-01T00:00:00Z",
    }]  # fmt: skip
    again = vendor.get(f"/licenses/{shown['id']}").json()["data"]
    assert again["license_key"] == f"****-****-****-****-{shown['license_key'][-4:]}"


def test_a_template_says_what_the_caller_leaves_out(vendor):
    tenant = factories.make_tenant()
    template = factories.make_template(max_activations=7)
    response = vendor.post(
        "/licenses", {"template_id": template.pk, "issued_to": "Ada", "tenant_id": tenant.pk}
    )
    shown = response.json()["data"]
    assert (shown["max_activations"], shown["template_id"]) == (7, str(template.pk))


def test_a_customer_names_the_tenant(vendor):
    customer = factories.make_customer()
    template = factories.make_template()
    response = vendor.post(
        "/licenses", {"template_id": template.pk, "issued_to": "Ada", "customer_id": customer.pk}
    )
    assert response.json()["data"]["tenant_id"] == str(customer.tenant_id)


def test_the_tenants_own_id_names_a_customer(caller_with):
    customer = factories.make_customer(external_id="customer_456")
    caller = caller_with("licenses:write", "licenses:read", tenant=customer.tenant)
    template = factories.make_template()
    response = caller.post(
        "/licenses",
        {"template_id": template.pk, "issued_to": "Ada", "customer_id": "customer_456"},
    )
    assert response.json()["data"]["customer_id"] == str(customer.pk)
    found = caller.get("/licenses?customer_id=customer_456").json()
    assert found["pagination"]["total"] == 1


@pytest.mark.parametrize(("terms", "code"), [
    ({"max_activations": -3}, "VALIDATION_ERROR"),
    ({"max_activations": 0}, "VALIDATION_ERROR"),
    ({"max_activations": True}, "VALIDATION_ERROR"),
    ({"max_activations": "5"}, "VALIDATION_ERROR"),
    ({"issued_to": ""}, "VALIDATION_ERROR"),
    ({"license_type": "LEASE"}, "VALIDATION_ERROR"),
    ({"status": "GONE"}, "VALIDATION_ERROR"),
    ({"expiry_date": "2020-01-01"}, "VALIDATION_ERROR"),
    ({"expiry_date": "tomorrow"}, "VALIDATION_ERROR"),
    ({"expiry_date": "9999-12-31"}, "VALIDATION_ERROR"),
    ({"metadata": []}, "VALIDATION_ERROR"),
    ({"metadata": {"a": {"b": {"c": {"d": {"e": {"f": 1}}}}}}}, "VALIDATION_ERROR"),
    ({"features": [{"feature_id": "none"}]}, "VALIDATION_ERROR"),
    ({"features": {"feature_id": "none"}}, "VALIDATION_ERROR"),
    ({"key_scheme": "OPAQUE"}, "VALIDATION_ERROR"),
    (
        {"restrictions": [
            {"restriction_type": "GEOGRAPHIC", "operator": "ALLOW", "values": ["DE", "Germany"]}
        ]},
        "VALIDATION_ERROR",
    ),
    ({"bound_domain": "not a domain"}, "VALIDATION_ERROR"),
    ({"hardware_fingerprint": "****a1b2"}, "VALIDATION_ERROR"),
    ({"product_id": "none", "template_id": None}, "VALIDATION_ERROR"),
    ({"template_id": "0190b0c4-0000-7000-8000-000000000000"}, "TEMPLATE_NOT_FOUND"),
    ({"template_id": "none"}, "TEMPLATE_NOT_FOUND"),
    ({"customer_id": "0190b0c4-0000-7000-8000-000000000000"}, "CUSTOMER_NOT_FOUND"),
    ({"product_id": "none"}, "PRODUCT_NOT_FOUND"),
    ({"tenant_id": "NOBODY"}, "TENANT_NOT_FOUND"),
    ({"tenant_id": 5}, "TENANT_NOT_FOUND"),
    ({"reseller_id": "none"}, "RESELLER_NOT_FOUND"),
])  # fmt: skip
def test_terms_that_cannot_be_are_refused_and_nothing_is_issued(vendor, terms, code):
    given = {
        "template_id": factories.make_template().pk,
        "tenant_id": factories.make_tenant().pk,
        "issued_to": "Ada",
    } | terms
    assert_told(vendor.post("/licenses", given), 400, code)
    assert not License.objects.exists()


def test_a_write_needs_a_tenant(vendor):
    given = {"template_id": factories.make_template().pk, "issued_to": "Ada"}
    assert_told(vendor.post("/licenses", given), 400, "TENANT_REQUIRED")


@pytest.mark.parametrize(("query", "found"), [
    ("", {"early", "late"}),
    ("status=ACTIVE", {"late"}),
    ("status=EXPIRED", {"early"}),
    ("filter=%7B%22status%22%3A%22ACTIVE%22%7D", {"late"}),
    ("expiry_date_from=2027-01-31", {"late"}),
    ("expiry_date_to=2027-01-31", {"early", "late"}),
    ("expiry_date_to=2027-01-30", {"early"}),
    ("search=EARL", {"early"}),
    ("license_type=TRIAL", set()),
    ("product_id=none", set()),
    ("customer_id=none", set()),
    ("template_id=none", set()),
    ("tenant_id=NOBODY", set()),
    ("unknown=1&include=%5B%22a%22%5D", {"early", "late"}),
])  # fmt: skip
def test_the_list_is_filtered_as_asked(vendor, time_machine, query, found):
    time_machine.move_to("2026-06-01T00:00:00Z")
    issue(issued_to="early", expiry_date=now() + timedelta(days=1))
    from datetime import UTC, datetime  # noqa: PLC0415

    issue(issued_to="late", expiry_date=datetime(2027, 1, 31, 12, tzinfo=UTC))
    time_machine.move_to("2026-06-05T00:00:00Z")
    listed = vendor.get(f"/licenses?{query}").json()
    assert {row["issued_to"] for row in listed["data"]} == found
    assert listed["pagination"]["total"] == len(found)


@pytest.mark.parametrize("query", [
    "status=GONE", "license_type=x", "expiry_date_from=soon", "page=0", "page=x", "limit=-1",
    "order=up", "sort=secret", "filter=%5B%5D", "filter=%7B", "cursor=x", "auto_renewal=maybe",
])  # fmt: skip
def test_a_bad_value_of_a_known_parameter_is_named(vendor, query):
    body = assert_told(vendor.get(f"/licenses?{query}"), 400, "VALIDATION_ERROR")
    assert body["error"]["details"].keys() == {query.partition("=")[0]}


def test_the_status_is_the_clocks_and_not_the_columns(vendor, time_machine):
    time_machine.move_to("2026-06-01T00:00:00Z")
    license = issue().license
    time_machine.move_to("2027-06-15T00:00:00Z")
    shown = vendor.get(f"/licenses/{license.pk}").json()["data"]
    assert (shown["status"], shown["in_grace"]) == ("EXPIRED", True)
    time_machine.move_to("2027-08-15T00:00:00Z")
    shown = vendor.get(f"/licenses/{license.pk}").json()["data"]
    assert (shown["status"], shown["suspension_code"]) == ("SUSPENDED", "GRACE_PERIOD_ENDED")


def test_a_key_finds_its_licence(vendor, caller_with):
    issued = issue()
    path = f"/licenses/by-key/{issued.key.lower()}"
    assert vendor.get(path).json()["data"]["license_key"] == issued.key
    assert Event.objects.filter(type="license.key_revealed").count() == 1
    reader = caller_with("licenses:read")
    assert reader.get(path).json()["data"]["license_key"] == issued.license.masked_key
    assert Event.objects.filter(type="license.key_revealed").count() == 1


def test_a_key_that_is_none_or_nobodys_is_told_apart(vendor):
    masked = issue().license.masked_key
    assert_told(vendor.get(f"/licenses/by-key/{masked}"), 400, "INVALID_LICENSE_KEY_FORMAT")
    assert_told(vendor.get("/licenses/by-key/x"), 400, "INVALID_LICENSE_KEY_FORMAT")
    unknown = factories.issue().key
    License.objects.filter(key_hint=unknown[-4:]).update(key_digest=b"another")
    assert_told(vendor.get(f"/licenses/by-key/{unknown}"), 404, "LICENSE_NOT_FOUND")


def test_restrictions_are_shown_as_they_are_judged_and_an_answer_may_be_sent_back(vendor, world):
    rows = [
        {"restriction_type": "GEOGRAPHIC", "operator": "ALLOW", "values": ["uk"]},
        {"restriction_type": "MAC_ADDRESS", "operator": "DENY", "values": ["00-1A-2B-3C-4D-5E"]},
        {"restriction_type": "TIME_BASED", "operator": "ALLOW",
         "values": ["mon-fri 08:00-18:00 Europe/Berlin"]},
    ]  # fmt: skip
    made = vendor.post("/licenses", {
        "template_id": factories.make_template().pk, "tenant_id": factories.make_tenant().pk,
        "issued_to": "Ada", "restrictions": rows, "bound_domain": "A.example",
    }).json()["data"]  # fmt: skip
    path = f"/licenses/{made['id']}"
    shown = vendor.get(path).json()["data"]
    assert [row["values"] for row in shown["restrictions"]] == [
        ["GB"], ["****d:5e"], ["Mon-Fri 08:00-18:00 Europe/Berlin"], ["a.example"],
    ]  # fmt: skip
    assert shown["bound_domain"] == "a.example"
    assert "hardware_fingerprint" not in shown

    again = vendor.put(path, shown).json()["data"]
    assert (again["revision"], again["restrictions"]) == (1, shown["restrictions"])
    unbound = vendor.put(path, {"bound_domain": None}).json()["data"]
    assert unbound["revision"] == 2
    assert "bound_domain" not in unbound
    assert len(unbound["restrictions"]) == 3
    emptied = vendor.put(path, {"restrictions": []}).json()["data"]
    assert emptied["restrictions"] == []


def test_a_customer_is_found_by_an_external_id_that_is_a_uuid(caller_with):
    name = "b6e59c30-d618-444a-aa20-542d2d8bbb0d"
    customer = factories.make_customer(external_id=name)
    caller = caller_with("*", tenant=customer.tenant)
    template = factories.make_template()

    made = caller.post(
        "/licenses",
        {"template_id": str(template.pk), "issued_to": "Brenner", "customer_id": name},
    )

    assert made.json()["data"]["customer_id"] == str(customer.pk)
    listed = caller.get(f"/licenses?customer_id={name}").json()["data"]
    assert [row["id"] for row in listed] == [made.json()["data"]["id"]]


def test_a_lease_is_stated_at_issue_changed_by_put_and_shown(vendor, world):
    made = asking.issue(vendor, world, license_type="CONCURRENT", max_borrow_days=14)
    assert (made["lease_seconds"], made["max_borrow_days"]) == (1800, 14)
    path = f"/licenses/{made['id']}"
    again = vendor.put(path, made)
    assert again.json()["data"]["revision"] == made["revision"]
    changed = vendor.put(path, {"lease_seconds": 60, "max_borrow_days": None}).json()["data"]
    assert changed["lease_seconds"] == 60
    assert "max_borrow_days" not in changed
    for wrong in ({"max_borrow_days": 91}, {"max_borrow_days": 0}, {"lease_seconds": 0}):
        refused = vendor.put(path, wrong)
        assert list(refused.json()["error"]["details"]) == list(wrong)


def test_a_template_lends_seats(vendor, world):
    template = factories.make_template(license_type="CONCURRENT", lease_seconds=300)
    changed = vendor.put(f"/templates/{template.pk}", {"max_borrow_days": 30}).json()["data"]
    assert (changed["lease_seconds"], changed["max_borrow_days"]) == (300, 30)
