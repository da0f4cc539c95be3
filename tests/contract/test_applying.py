"""Templates applied, simulated and kept to, through the API."""

from decimal import Decimal

import pytest
from django.utils import timezone

from events.models import Event
from licenses.models import License
from licenses.services.templates import create_template
from tests import factories
from tests.contract.test_errors import assert_told
from tests.factories import STAFF

pytestmark = pytest.mark.django_db
CORE = {"feature_id": "core", "required": True, "configurable": False}
GERMAN = {"restriction_type": "GEOGRAPHIC", "operator": "ALLOW", "default_values": ["DE"]}


def make(product, features=(CORE,), restrictions=(), **fields):
    given = {
        "template_name": "Team", "license_type": "SUBSCRIPTION", "license_model": "PER_DEVICE",
        "max_activations": 10, "heartbeat_interval_seconds": 60,
    } | fields  # fmt: skip
    return create_template(
        product=product, fields=given, features=features, restrictions=restrictions,
        at=timezone.now(), origin=STAFF,
    )  # fmt: skip


@pytest.fixture
def product():
    return factories.make_product("core", "exports")


@pytest.fixture
def solo(product):
    exports = {"feature_id": "exports", "default_limit": Decimal(100)}
    return make(product, [CORE, exports], template_name="Solo", max_activations=2)


def sell(template, **terms):
    given = {"template_id": template.pk, "max_activations": None} | terms
    return factories.issue(at=timezone.now(), **given)


def path_of(license, act="/apply-template"):
    return f"/licenses/{license.pk}{act}"


def test_a_preview_tells_term_by_term_what_applying_then_does(vendor, product, solo):
    issued = sell(solo)
    factories.activate(issued.key, "notebook-4711", at=timezone.now(), country="US")
    team = make(product, [CORE, {"feature_id": "exports"}], [GERMAN])
    body = {"template_id": str(team.pk), "preview": True}

    shown = vendor.post(path_of(issued.license), body)

    assert shown.status_code == 200, shown.content
    told = shown.json()["data"]
    assert told["changes"] == [
        {
            "field": "template_id",
            "effect": "CHANGE",
            "before": str(solo.pk),
            "after": str(team.pk),
        },
        {"field": "max_activations", "effect": "GAIN", "before": 2, "after": 10},
        {
            "field": "features.exports",
            "effect": "GAIN",
            "before": {"enabled": True, "limit_value": 100, "period": "NONE"},
            "after": {"enabled": True, "period": "NONE"},
        },
        {
            "field": "restrictions",
            "effect": "LOSS",
            "before": [],
            "after": [
                {"restriction_type": "GEOGRAPHIC", "operator": "ALLOW", "values": ["DE"]},
            ],
        },
    ]
    (device,) = told["affected_activations"]
    assert (device["device"], device["machine_name"]) == ("****711", "PC …11")
    assert device["code"] == "RESTRICTED_COUNTRY"
    assert (told["applied"], told["revision"], shown["ETag"]) == (False, 1, '"1"')
    assert License.objects.get().revision == 1

    done = vendor.post(path_of(issued.license), body | {"preview": False, "reason": "Grown."})

    applied = done.json()["data"]
    assert applied["changes"] == told["changes"]
    assert applied["affected_activations"] == told["affected_activations"]
    assert (applied["applied"], applied["revision"], done["ETag"]) == (True, 2, '"2"')
    license = vendor.get(path_of(issued.license, "")).json()["data"]
    assert (license["template_id"], license["max_activations"]) == (str(team.pk), 10)
    assert Event.objects.get(type="license.updated").reason == "Grown."
    again = vendor.post(path_of(issued.license), {"template_id": str(team.pk)}).json()["data"]
    assert (again["applied"], again["changes"]) == (False, [])


def test_if_match_guards_preview_and_act(vendor, product, solo):
    license, team = sell(solo).license, make(product)
    for body in ({"template_id": str(team.pk)}, {"template_id": str(team.pk), "preview": True}):
        assert_told(vendor.post(path_of(license), body, If_Match='"7"'), 412, "STALE_REVISION")
        assert_told(vendor.post(path_of(license), body, If_Match="x"), 412, "STALE_REVISION")
    assert vendor.post(path_of(license), body, If_Match='"1"').status_code == 200


def test_the_digest_of_a_preview_guards_against_a_template_that_changed(vendor, product, solo):
    license, team = sell(solo).license, make(product)
    body = {"template_id": str(team.pk)}
    shown = vendor.post(path_of(license), body | {"preview": True}).json()["data"]
    confirmed = body | {"changes_digest": shown["changes_digest"]}
    team.max_activations = 4
    team.save()

    assert_told(vendor.post(path_of(license), confirmed), 412, "STALE_PREVIEW")
    assert License.objects.get().revision == 1
    team.max_activations = 10
    team.save()
    assert vendor.post(path_of(license), confirmed).json()["data"]["applied"]


def test_a_template_that_cannot_be_applied_is_named_and_nothing_changes(
    vendor, caller_with, product, solo
):
    license = sell(solo).license
    theirs = make(product, reserved_for=factories.make_tenant())
    mine = caller_with("*", tenant=license.tenant)
    path = path_of(license)
    other = make(factories.make_product("core"))
    forever = make(product, license_type="PERPETUAL")

    for caller in (vendor, mine):
        for name in (theirs.pk, license.pk, "no id"):
            refused = caller.post(path, {"template_id": str(name)})
            assert_told(refused, 400, "TEMPLATE_NOT_FOUND")
        told = assert_told(
            caller.post(path, {"template_id": str(other.pk)}), 400, "VALIDATION_ERROR"
        )
        assert [*told["error"]["details"]] == ["template_id"]
        refused = caller.post(path, {"template_id": str(forever.pk)})
        assert_told(refused, 409, "TEMPLATE_DOES_NOT_FIT")
    assert_told(vendor.post(path, {}), 400, "VALIDATION_ERROR")
    assert License.objects.get(pk=license.pk).revision == 1


def simulate(caller, template, changes, **more):
    return caller.post(
        "/simulate/template", {"template_id": str(template.pk), "changes": changes} | more
    )


def test_a_simulation_tells_who_would_gain_and_lose_what(vendor, solo):
    first, second = sell(solo), sell(solo, max_activations=1)
    for name in ("one", "two"):
        factories.activate(first.key, name, at=timezone.now(), country="US")
    changes = {
        "max_activations": 1, "template_name": "Other", "restrictions": [GERMAN],
        "pricing": {"base_price": 1}, "reserved_for": None,
        "features": [CORE, {"feature_id": "exports", "default_limit": 500}],
    }  # fmt: skip

    response = simulate(vendor, solo, changes, limit=1)

    assert response.status_code == 200, response.content
    told = response.json()["data"]
    counts = {name: told[name] for name in ("total", "examined", "changed", "gaining", "losing")}
    assert counts == {"total": 2, "examined": 2, "changed": 2, "gaining": 2, "losing": 2}
    assert (told["capped"], told["devices_capped"], told["refused"]) == (False, False, 0)
    assert told["affected_activations"] == {"over_limit": 1, "restricted": 2}
    assert told["by_field"] == [
        {"field": "features.exports", "gain": 2, "loss": 0, "change": 0},
        {"field": "max_activations", "gain": 0, "loss": 1, "change": 0},
        {"field": "restrictions", "gain": 0, "loss": 2, "change": 0},
    ]
    (newest,) = told["licenses"]
    assert newest["license_id"] == str(second.license.pk)
    assert newest["affected_activations"] == {"over_limit": 0, "restricted": 0}
    assert {change["field"] for change in newest["changes"]} == {
        "features.exports", "restrictions",
    }  # fmt: skip
    assert License.objects.filter(revision=1).count() == 2


def test_what_could_not_be_applied_is_counted_by_code(vendor, solo):
    sell(solo)
    told = simulate(vendor, solo, {"license_type": "PERPETUAL"}).json()["data"]
    assert told["refusals"] == [{"code": "TEMPLATE_DOES_NOT_FIT", "count": 1}]


def test_impossible_changes_are_named_below_changes_or_by_their_field(vendor, solo):
    told = assert_told(simulate(vendor, solo, {"max_activations": "many"}), 400, "VALIDATION_ERROR")
    assert [*told["error"]["details"]] == ["changes.max_activations"]
    told = assert_told(simulate(vendor, solo, {"product_id": "another"}), 400, "VALIDATION_ERROR")
    assert [*told["error"]["details"]] == ["changes.product_id"]
    assert_told(simulate(vendor, solo, []), 400, "VALIDATION_ERROR")
    assert_told(simulate(vendor, solo, {}, limit=101), 400, "VALIDATION_ERROR")
    missing = vendor.post("/simulate/template", {"template_id": str(solo.pk)})
    told = assert_told(missing, 400, "VALIDATION_ERROR")
    assert [*told["error"]["details"]] == ["changes"]


def test_a_tenant_simulates_over_its_own_licences_and_the_templates_it_sees(caller_with, product):
    shared = make(product)
    sold_on = factories.make_tenant(sold_by=(reseller := factories.make_tenant(is_reseller=True)))
    sell(shared, tenant=sold_on)
    mine = sell(shared, tenant=reseller).license
    theirs = make(product, reserved_for=sold_on)
    caller = caller_with("templates:read", tenant=reseller)

    told = simulate(caller, shared, {"max_activations": 1}).json()["data"]

    assert [row["license_id"] for row in told["licenses"]] == [str(mine.pk)]
    assert told["total"] == 1
    assert_told(simulate(caller, theirs, {}), 400, "TEMPLATE_NOT_FOUND")


STRICT = ("licenses:read", "licenses:write")
LESS = {"features": [{"feature_id": "exports"}]}


def test_what_a_template_fixes_takes_catalog_write_to_override(caller_with, solo):
    sales, product_owner = caller_with(*STRICT), caller_with(*STRICT, "catalog:write")
    body = {"template_id": str(solo.pk), "issued_to": "Ada"}
    body |= {"tenant_id": str(factories.make_tenant().pk)}
    issued = sales.post("/licenses", body).json()["data"]
    path = f"/licenses/{issued['id']}"
    renewal = {
        "duration_months": 1, "upgrade_features": [{"feature_id": "core", "limit_value": 5}],
    }  # fmt: skip
    asked = [
        ("POST", "/licenses", body | LESS, 201, "features"),
        ("PUT", path, LESS, 200, "features"),
        ("POST", f"{path}/renew", renewal, 200, "upgrade_features.0.feature_id"),
    ]
    for method, address, given, _success, field in asked:
        told = assert_told(sales(method, address, given), 400, "VALIDATION_ERROR")
        assert [*told["error"]["details"]] == [field]
        assert "core" in str(told["error"]["details"])
    for method, address, given, success, _ in reversed(asked):
        assert product_owner(method, address, given).status_code == success


def test_the_catalogue_is_the_vendors_so_a_tenants_key_overrides_nothing(caller_with, solo):
    tenant = factories.make_tenant()
    license = sell(solo, tenant=tenant).license
    refused = caller_with("*", tenant=tenant).put(path_of(license, ""), LESS)
    assert_told(refused, 400, "VALIDATION_ERROR")


def test_what_get_gave_may_be_put_back_whatever_the_template_says_since(caller_with, product, solo):
    license = sell(solo).license
    caller = caller_with(*STRICT)
    solo.features.all().delete()
    solo.features.create(
        feature_id="exports", feature_name="x", configurable=False, required=True, default_limit=1
    )
    path = path_of(license, "")
    shown = caller.get(path).json()["data"]
    assert caller.put(path, shown | {"issued_to": "Bo"}).status_code == 200


def test_a_template_reserved_for_one_tenant_is_seen_and_used_by_nobody_else(
    vendor, caller_with, product
):
    tenant, other = factories.make_tenant(), factories.make_tenant()
    template = make(product, reserved_for=tenant)
    body = {"template_id": str(template.pk), "issued_to": "Ada"}
    mine, theirs = (caller_with("*", tenant=one) for one in (tenant, other))

    assert mine.get(f"/templates/{template.pk}").status_code == 200
    assert_told(theirs.get(f"/templates/{template.pk}"), 404, "TEMPLATE_NOT_FOUND")
    assert [row["id"] for row in mine.get("/templates").json()["data"]] == [str(template.pk)]
    assert theirs.get("/templates").json()["data"] == []
    assert_told(theirs.post("/licenses", body), 400, "TEMPLATE_NOT_FOUND")
    elsewhere = body | {"tenant_id": str(other.pk)}
    assert_told(vendor.post("/licenses", elsewhere), 400, "TEMPLATE_NOT_FOUND")
    header = vendor.post("/licenses", body, X_Tenant_ID=other.code)
    assert_told(header, 400, "TEMPLATE_NOT_FOUND")
    assert not License.objects.exists()
    assert mine.post("/licenses", body).status_code == 201
    assert vendor.post("/licenses", body | {"tenant_id": str(tenant.pk)}).status_code == 201
