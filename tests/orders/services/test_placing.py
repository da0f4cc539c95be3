"""Placing an order: what it costs is reckoned here, and what could not be had is refused now."""

from datetime import timedelta
from decimal import Decimal

import pytest

from events.models import Event
from events.refusals import Refusal
from licenses.models import License, TemplateFeature
from orders.models import NumberSeries, Order
from orders.states import OrderKind
from tests.clock import NOW
from tests.factories import (
    bought,
    issue,
    make_customer,
    make_product,
    make_template,
    make_tenant,
    place,
    priced,
)

pytestmark = pytest.mark.django_db
D = Decimal
BANDS = [{"min_quantity": 10, "discount_percentage": D(20)}]


def refused(code, *, orders=0, **wish):
    with pytest.raises(Refusal) as caught:
        place(**wish)
    assert caught.value.code == code
    assert Order.objects.count() == orders
    return caught.value.details


def test_a_new_order_waits_with_its_price_frozen():
    template = priced(bands=BANDS, base_price=D("49.99"))
    order = place(template, quantity=12, special_instructions="By Friday.")
    priced(template, base_price=D(1))
    order.refresh_from_db()
    assert (order.status, order.payment_status, order.order_number) == (
        "PENDING", "PENDING", "ORD-2026-000001",
    )  # fmt: skip
    assert (order.list_amount, order.discount_applied, order.total_amount) == (
        D("599.88"), D("119.98"), D("479.90"),
    )  # fmt: skip
    assert sum(line.amount for line in order.lines.all()) == order.total_amount
    assert [step.status for step in order.steps.all()] == ["PENDING"]
    event = Event.objects.get(type="order.created")
    assert (event.order_id, event.tenant_id) == (order.pk, order.tenant_id)
    assert not License.objects.exists()


def test_a_tax_is_the_tenants_and_a_business_abroad_accounts_for_it_itself(settings):
    settings.VENDOR_COUNTRY = "DE"
    tenant = make_tenant(tax_rate=D(19))
    here = make_customer(tenant, billing_address={"country": "DE"}, tax_id="DE1")
    abroad = make_customer(tenant, billing_address={"country": "AT"}, tax_id="ATU1")
    template = priced()
    taxed = place(template, tenant=tenant, customer_id=here.pk)
    assert (taxed.tax_amount, taxed.total_amount, taxed.tax_note) == (D("19.00"), D("119.00"), "")
    free = place(template, tenant=tenant, customer_id=abroad.pk)
    assert (free.tax_amount, free.tax_note) == (D("0.00"), "reverse charge")


@pytest.mark.parametrize("wrong", [
    {"quantity": 1001}, {"quantity": 0}, {"duration_override": 10**7},
    {"custom_features": [{"feature_id": "unknown"}]},
    {"custom_restrictions": [
        {"restriction_type": "DOMAIN", "operator": "ALLOW", "values": ["not a domain"]}]},
    {"pricing_override": {"base_price": D(-1)}}, {"pricing_override": {"base_price": None}},
    {"pricing_override": {"billing_cycle": "DAILY"}},
    {"pricing_override": {"currency": "eur"}}, {"pricing_override": {"currency": "€€€"}},
    {"pricing_override": {"base_price": D("1e-9")}},
    {"pricing_override": {"maintenance_percentage": D(10) ** 6}},
    {"pricing_override": {"volume_discounts": [
        {"min_quantity": 5, "max_quantity": 1, "discount_percentage": D(1)}]}},
    {"pricing_override": {"volume_discounts": [
        {"min_quantity": 1, "discount_percentage": D(1)},
        {"min_quantity": 2, "discount_percentage": D(2)}]}},
    {"pricing_override": {"base_price": D(10) ** 9}, "quantity": 1000},
], ids=str)  # fmt: skip
def test_what_could_not_be_sold_is_refused_and_no_number_is_used(wrong):
    refused("VALIDATION_ERROR", template=priced(), **wrong)
    assert not NumberSeries.objects.exists()
    assert not License.objects.exists()
    assert not Event.objects.filter(type__startswith="order.").exists()


def test_a_template_without_a_price_is_not_for_sale():
    assert "template_id" in refused("VALIDATION_ERROR", template=make_template())


def test_what_is_wrong_is_named_as_the_order_has_it():
    product = make_product("reports")
    template = priced(make_template(product))
    TemplateFeature.objects.create(template=template, feature_id="reports", feature_name="R")
    unknown = refused(
        "VALIDATION_ERROR", template=template, custom_features=[{"feature_id": "unknown"}]
    )
    assert list(unknown) == ["custom_features.0.feature_id"]
    row = {"restriction_type": "DOMAIN", "operator": "ALLOW", "values": ["not a domain"]}
    odd = refused("VALIDATION_ERROR", template=template, custom_restrictions=[row])
    assert list(odd) == ["custom_restrictions.0.values.0"]


@pytest.mark.parametrize("fields", [{"active": False}, {"reserved_for": "other"}], ids=str)
def test_what_is_not_on_offer_is_not_ordered(fields):
    if "reserved_for" in fields:
        fields = {"reserved_for": make_tenant()}
    refused("TEMPLATE_NOT_FOUND", template=priced(make_template(**fields)))


def test_another_tenants_customer_and_reseller_are_not_there():
    refused("CUSTOMER_NOT_FOUND", customer_id=make_customer().pk)
    refused("RESELLER_NOT_FOUND", reseller_id=make_tenant(is_reseller=True).pk)


def test_what_a_template_requires_stays_but_for_who_writes_the_catalogue():
    product = make_product("reports")
    template = priced(make_template(product))
    TemplateFeature.objects.create(
        template=template, feature_id="reports", feature_name="R", required=True
    )
    without = [{"feature_id": "reports", "enabled": False}]
    refused("VALIDATION_ERROR", template=template, custom_features=without)
    assert place(template, custom_features=without, overrides_template=True).pk


def test_device_values_of_an_order_are_kept_as_licences_keep_them():
    row = {"restriction_type": "HARDWARE_ID", "operator": "ALLOW", "values": ["board-4711-secret"]}
    order = place(custom_restrictions=[row])
    order.refresh_from_db()
    assert "board-4711-secret" not in str(order.custom_restrictions)


def test_a_renewal_costs_one_cycle_at_todays_price():
    template = priced()
    license = bought(template, quantity=1, duration_override=730).generated.get().license
    priced(template, base_price=D(120))
    order = place(tenant=license.tenant, kind=OrderKind.RENEWAL, license_id=license.pk)
    assert (order.template, order.cycles, order.total_amount) == (template, 1, D("120.00"))


def test_a_template_may_keep_the_price_of_the_last_order_and_its_discount():
    template = priced(bands=BANDS, keep_price=True)
    tenant = make_tenant()
    sold = bought(template, quantity=10, tenant=tenant).generated.first().license
    priced(template, base_price=D(500), bands=[])
    order = place(tenant=tenant, kind=OrderKind.RENEWAL, license_id=sold.pk)
    assert order.total_amount == D("80.00")


def test_a_right_that_never_ends_renews_its_maintenance():
    template = make_template(license_type="PERPETUAL")
    priced(template, billing_cycle="ONE_TIME", maintenance_percentage=D(18))
    license = bought(template).generated.get().license
    order = place(tenant=license.tenant, kind=OrderKind.RENEWAL, license_id=license.pk)
    assert (order.list_amount, order.total_amount) == (D(0), D("18.00"))
    priced(template, maintenance_percentage=None)
    wish = {"tenant": license.tenant, "kind": OrderKind.RENEWAL, "license_id": license.pk}
    refused("NOTHING_TO_RENEW", orders=2, **wish)


def test_a_trial_is_not_renewed_but_upgraded_at_the_whole_price():
    trial = issue(license_type="TRIAL", product=(product := make_product())).license
    template = priced(make_template(product))
    wish = {"tenant": trial.tenant, "license_id": trial.pk}
    refused("VALIDATION_ERROR", kind=OrderKind.RENEWAL, **wish)
    upgrade = place(template, kind=OrderKind.UPGRADE, **wish)
    assert (upgrade.total_amount, upgrade.max_activations) == (D("100.00"), 3)


def test_more_seats_in_the_middle_of_a_term_cost_the_difference_for_the_rest():
    template = priced(
        make_template(license_model="PER_SEAT", max_activations=1), per_seat_price=D(10)
    )
    license = bought(template, quantity=10).generated.get().license
    assert license.max_activations == 10
    half = license.expiry_date - timedelta(days=146)
    order = place(
        template, tenant=license.tenant, kind=OrderKind.UPGRADE, license_id=license.pk,
        quantity=20, at=half,
    )  # fmt: skip
    assert (order.total_amount, order.max_activations) == (D("40.00"), 20)
    wish = {"tenant": license.tenant, "kind": OrderKind.UPGRADE, "license_id": license.pk}
    late = license.expiry_date + timedelta(days=1)
    refused("LICENSE_EXPIRED", orders=2, template=template, quantity=30, at=late, **wish)


def test_an_upgrade_into_another_type_is_refused_when_it_is_ordered():
    product = make_product()
    license = bought(priced(make_template(product))).generated.get().license
    other = priced(make_template(product, license_type="CONCURRENT"))
    refused(
        "TEMPLATE_DOES_NOT_FIT", orders=1, template=other, tenant=license.tenant,
        kind=OrderKind.UPGRADE, license_id=license.pk,
    )  # fmt: skip


@pytest.mark.parametrize("kind", [OrderKind.RENEWAL, OrderKind.UPGRADE])
def test_another_tenants_licence_is_neither_renewed_nor_upgraded(kind):
    license = issue().license
    refused("LICENSE_NOT_FOUND", template=priced(), kind=kind, license_id=license.pk)


def test_trying_leaves_nothing_behind():
    license = bought().generated.get().license
    before = list(Event.objects.order_by("sequence").values_list("type", flat=True))
    place(tenant=license.tenant, kind=OrderKind.RENEWAL, license_id=license.pk)
    assert list(Event.objects.order_by("sequence").values_list("type", flat=True)) == [
        *before,
        "order.created",
    ]
    expiry = license.expiry_date
    license.refresh_from_db()
    assert license.expiry_date == expiry == NOW + timedelta(days=365)
