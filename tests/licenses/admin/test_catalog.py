"""Products with their features, templates with their grants and price: saved by services."""

import pytest
from django.urls import reverse

from events.models import Event
from licenses.models import Feature, LicenseTemplate, Product
from orders.models import Pricing
from tests.factories import issue, make_product, make_template
from tests.staff import signed_in

pytestmark = pytest.mark.django_db
PRODUCT = {
    "product_name": "Strata Desktop",
    "product_id": "strata-desktop",
    "product_version": "8.2",
    "active": "on",
    "key_scheme": "GROUPED",
}
TEMPLATE = {
    "template_name": "Professional",
    "license_type": "SUBSCRIPTION",
    "license_model": "PER_DEVICE",
    "max_activations": "5",
    "overage": "NONE",
    "self_service": "SEE",
    "default_duration": "365",
    "grace_period_days": "14",
    "trial_duration_days": "30",
    "heartbeat_interval_seconds": "600",
    "active": "on",
}
PRICE = {
    "base_price": "890.00",
    "currency": "EUR",
    "billing_cycle": "ANNUALLY",
    "refund_policy": "REVOKE",
}


def rows(prefix, *rows, held=0):
    stated = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": held}
    for number, row in enumerate(rows):
        stated |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return stated


def features(*of, held=0):
    return rows("features", *of, held=held)


def no_price():
    return rows("pricing") | rows("restrictions") | rows("volume_discounts")


@pytest.fixture
def staff():
    return signed_in("catalog:read", "catalog:write", "templates:read", "templates:write")


def test_a_product_is_made_with_its_features_and_changed(staff):
    feature = {"feature_id": "exports", "feature_name": "Exports", "period": "MONTH"}
    staff.post("/admin/licenses/product/add/", PRODUCT | features(feature))
    product, made = Product.objects.get(), Feature.objects.get()
    assert (made.product, made.period) == (product, "MONTH")
    assert list(Event.objects.values_list("type", flat=True).order_by("sequence")) == [
        "product.created",
        "feature.created",
    ]
    page = reverse("admin:licenses_product_change", args=[product.pk])
    changed = features(feature | {"id": made.pk, "feature_name": "Export"}, held=1)
    staff.post(page, PRODUCT | changed | {"active": "", "product_id": "another"})
    product.refresh_from_db()
    made.refresh_from_db()
    assert (product.active, product.product_id) == (False, "strata-desktop")
    assert made.feature_name == "Export"


def test_a_feature_id_of_the_wrong_form_is_refused_and_nothing_made(staff):
    feature = {"feature_id": "No Slug", "feature_name": "Exports", "period": "NONE"}
    answer = staff.post("/admin/licenses/product/add/", PRODUCT | features(feature))
    assert "Small letters, digits" in answer.content.decode()
    assert not Product.objects.exists()


def test_only_what_is_sold_today_stands_on_offer(staff):
    html = staff.get("/admin/licenses/licensetemplate/add/").content.decode()
    assert 'value="CONCURRENT"' in html
    assert 'value="NAMED_USER"' in html
    assert 'value="PER_CORE"' in html
    html = staff.get("/admin/licenses/product/add/").content.decode()
    assert 'value="GROUPED"' in html
    assert 'value="OPAQUE"' not in html


def test_a_template_is_made_with_grants_and_a_price(staff):
    product = make_product("exports", "kriging")
    grants = features(
        {"feature_id": "exports", "included": "on", "default_limit": "2000"},
        {"feature_id": "kriging", "configurable": "on"},
    )
    form = TEMPLATE | {"product": product.pk} | grants | no_price() | rows("pricing", PRICE)
    staff.post("/admin/licenses/licensetemplate/add/", form)
    template = LicenseTemplate.objects.get()
    granted = template.features.order_by("position").values_list("feature_id", "included")
    assert list(granted) == [("exports", True), ("kriging", False)]
    assert str(Pricing.objects.get(template=template)) == "EUR 890.00"


@pytest.mark.parametrize(("license_type", "days"), [("SUBSCRIPTION", 30), ("TRIAL", 0)])
def test_a_template_whose_grace_is_left_empty_has_that_of_its_type(staff, license_type, days):
    form = TEMPLATE | {"product": make_product().pk} | features() | no_price()
    form |= {"license_type": license_type, "grace_period_days": ""}
    staff.post("/admin/licenses/licensetemplate/add/", form)
    assert LicenseTemplate.objects.get().grace_period_days == days


def test_a_template_that_is_changed_states_its_grace(staff):
    template = make_template(grace_period_days=5)
    page = reverse("admin:licenses_licensetemplate_change", args=[template.pk])
    staff.post(page, TEMPLATE | {"grace_period_days": ""} | features() | no_price())
    template.refresh_from_db()
    assert (template.grace_period_days, template.max_activations) == (5, 3)


def test_a_feature_that_the_product_lacks_is_refused_and_nothing_made(staff):
    form = TEMPLATE | {"product": make_product().pk} | features({"feature_id": "x"}) | no_price()
    answer = staff.post("/admin/licenses/licensetemplate/add/", form)
    assert "The product has no feature" in answer.content.decode()
    assert not LicenseTemplate.objects.exists()


def test_a_changed_template_leaves_what_was_sold_alone(staff):
    template = make_template(max_activations=3)
    license = issue(template_id=template.pk, max_activations=None).license
    page = reverse("admin:licenses_licensetemplate_change", args=[template.pk])
    staff.post(page, TEMPLATE | features() | no_price())
    template.refresh_from_db()
    license.refresh_from_db()
    assert (template.max_activations, license.max_activations) == (5, 3)
    assert Event.objects.latest("sequence").type == "template.updated"


def test_a_grant_is_taken_off_a_template(staff):
    template = make_template(make_product("exports"))
    grant = template.features.create(feature_id="exports", feature_name="Exports")
    page = reverse("admin:licenses_licensetemplate_change", args=[template.pk])
    row = {"id": grant.pk, "feature_id": "exports", "DELETE": "on"}
    staff.post(page, TEMPLATE | features(row, held=1) | no_price())
    assert not template.features.exists()
