"""Approving, fulfilling, cancelling: the table act × status, and all or nothing, once."""

from datetime import timedelta
from decimal import Decimal

import pytest

from events.models import Event
from events.refusals import Refusal
from licenses.models import License, TrialUse
from orders.models import GeneratedLicense, Invoice, Order
from orders.services.ordering import approve_order, cancel_order, fulfil_order
from orders.states import ACTS, Act, OrderKind, OrderStatus, Ruling
from tests.clock import NOW
from tests.factories import (
    STAFF,
    activate,
    approve,
    bought,
    fulfil,
    issue,
    make_customer,
    make_product,
    make_template,
    make_tenant,
    pay,
    place,
    priced,
)

pytestmark = pytest.mark.django_db
D = Decimal


def cancel(order, reason="Changed their mind."):
    return cancel_order(order_id=order.pk, reason=reason, at=NOW, origin=STAFF)


DO = {Act.APPROVE: approve, Act.FULFIL: fulfil, Act.CANCEL: cancel}
BRING = {
    OrderStatus.PENDING: lambda order: order,
    OrderStatus.APPROVED: approve,
    OrderStatus.FULFILLED: lambda order: fulfil(approve(order)),
    OrderStatus.CANCELLED: cancel,
}
AFTER = {
    Act.APPROVE: "APPROVED",
    Act.FULFIL: "FULFILLED",
    Act.CANCEL: "CANCELLED",
}


@pytest.mark.parametrize("status", OrderStatus)
@pytest.mark.parametrize("act", DO)
def test_every_act_does_in_every_status_what_the_table_says(act, status):
    order = BRING[status](pay(place()))
    events = Event.objects.count()
    ruling = ACTS[act][status]
    if ruling == Ruling.ILLEGAL:
        with pytest.raises(Refusal) as refused:
            DO[act](order)
        assert refused.value.code == "ILLEGAL_STATUS_CHANGE"
        assert refused.value.details == {"act": act.value, "status": status.value}
    else:
        assert DO[act](order).status == AFTER[act]
    stored = Order.objects.get()
    assert stored.status == (AFTER[act] if ruling == Ruling.ALLOWED else status.value)
    if ruling != Ruling.ALLOWED:
        assert Event.objects.count() == events


@pytest.mark.parametrize("act", [approve_order, fulfil_order])
def test_an_order_that_is_not_there_is_not_found(act):
    with pytest.raises(Refusal) as refused:
        act(order_id=make_tenant().pk, at=NOW, origin=STAFF)
    assert refused.value.code == "ORDER_NOT_FOUND"


def test_an_order_tells_who_brought_it_how_far_and_what_was_said():
    order = place()
    approve_order(order_id=order.pk, notes="By telephone.", at=NOW, origin=STAFF)
    cancel(order)
    steps = list(order.steps.values_list("status", "notes", "actor_kind"))
    assert steps == [
        ("PENDING", "", "staff"), ("APPROVED", "By telephone.", "staff"),
        ("CANCELLED", "Changed their mind.", "staff"),
    ]  # fmt: skip


@pytest.mark.parametrize("amount", [None, "99.99"])
def test_an_unpaid_order_issues_nothing(amount):
    order = approve(place())
    if amount:
        pay(order, amount)
    with pytest.raises(Refusal) as refused:
        fulfil(order)
    assert refused.value.code == "ORDER_NOT_PAID"
    assert not License.objects.exists()
    assert Order.objects.get().status == "APPROVED"


@pytest.mark.parametrize(
    ("terms", "price"), [(14, 100), (0, 0)], ids=["payment terms", "costs nothing"]
)
def test_terms_and_a_price_of_nothing_need_no_payment(terms, price):
    order = place(priced(base_price=D(price)), tenant=make_tenant(payment_terms_days=terms))
    assert fulfil(approve(order)).status == "FULFILLED"


def test_devices_are_sold_as_licences_of_their_own_with_the_terms_of_the_order():
    template = priced()
    order = place(template, quantity=3, duration_override=730)
    template.max_activations = 99
    template.save()
    fulfil(approve(pay(order)))
    licenses = [row.license for row in order.generated.all()]
    assert [row.position for row in order.generated.all()] == [1, 2, 3]
    assert {license.max_activations for license in licenses} == {3}
    assert {license.expiry_date for license in licenses} == {NOW + timedelta(days=730)}
    assert License.objects.count() == 3


def test_seats_are_sold_as_one_licence():
    template = priced(make_template(license_model="PER_SEAT", max_activations=5))
    assert bought(template, quantity=4).generated.get().license.max_activations == 20


def test_custom_features_stand_beside_the_templates_own():
    product = make_product("reports", "exports")
    template = priced(make_template(product))
    template.features.create(feature_id="reports", feature_name="Reports")
    customer = make_customer()
    features = [{"feature_id": "exports", "limit_value": D(7), "expires_at": NOW}]
    order = bought(
        template, tenant=customer.tenant, customer_id=customer.pk, custom_features=features,
        custom_restrictions=[
            {"restriction_type": "HARDWARE_ID", "operator": "ALLOW", "values": ["board-7"]}
        ],
    )  # fmt: skip
    license = order.generated.get().license
    granted = license.entitlements.order_by("position").values_list("feature_id", "limit_value")
    assert list(granted) == [("reports", None), ("exports", D(7))]
    assert (license.issued_to, license.customer) == (customer.name, customer)
    assert license.restrictions.get().restriction_type == "HARDWARE_ID"


def test_maintenance_that_was_bought_covers_its_years():
    template = make_template(license_type="PERPETUAL")
    priced(template, billing_cycle="ONE_TIME", maintenance_percentage=D(18))
    order = bought(template, duration_override=1095)
    license = order.generated.get().license
    assert license.maintenance_expiry == NOW.replace(year=NOW.year + 3)
    renewal = place(tenant=license.tenant, kind=OrderKind.RENEWAL, license_id=license.pk)
    fulfil(approve(pay(renewal)))
    license.refresh_from_db()
    assert license.maintenance_expiry == NOW.replace(year=NOW.year + 4)
    assert license.expiry_date is None


@pytest.mark.parametrize(("cycle", "days"), [("MONTHLY", 31), ("ANNUALLY", 365), ("ONE_TIME", 45)])
def test_a_renewal_lengthens_the_same_licence(cycle, days):
    template = priced(make_template(default_duration=45), billing_cycle=cycle)
    license = bought(template, at=NOW.replace(day=1)).generated.get().license
    end = license.expiry_date
    order = place(tenant=license.tenant, kind=OrderKind.RENEWAL, license_id=license.pk)
    fulfil(approve(pay(order)))
    license.refresh_from_db()
    assert abs((license.expiry_date - end).days - days) <= 3
    assert cycle != "ONE_TIME" or license.expiry_date == end + timedelta(days=45)
    assert list(order.generated.values_list("license_id", flat=True)) == [license.pk]


def test_an_upgrade_turns_a_trial_into_the_paid_licence_with_its_key_and_devices():
    customer = make_customer()
    product = make_product()
    trial = issue(
        license_type="TRIAL", product=product, tenant=customer.tenant, customer_id=customer.pk
    )
    activate(trial.key)
    order = bought(
        priced(make_template(product)), tenant=customer.tenant, kind=OrderKind.UPGRADE,
        license_id=trial.license.pk,
    )  # fmt: skip
    license = License.objects.get()
    assert (license.license_type, license.current_activations) == ("SUBSCRIPTION", 1)
    assert bytes(license.key_digest) == bytes(trial.license.key_digest)
    assert TrialUse.objects.exclude(converted_at=None).exists()
    assert (order.customer, order.generated.get().license) == (customer, license)


def test_an_upgrade_to_another_template_keeps_the_term():
    product = make_product()
    license = bought(priced(make_template(product))).generated.get().license
    larger = priced(make_template(product, max_activations=10), base_price=D(200))
    bought(larger, tenant=license.tenant, kind=OrderKind.UPGRADE, license_id=license.pk)
    end = license.expiry_date
    license.refresh_from_db()
    assert (license.max_activations, license.template, license.expiry_date) == (10, larger, end)


def test_what_fails_in_the_middle_issues_nothing(monkeypatch):
    order = approve(pay(place(quantity=3)))
    create, made = GeneratedLicense.objects.create, []

    def fail_third(**fields):
        made.append(fields)
        return 1 / 0 if len(made) == 3 else create(**fields)

    with monkeypatch.context() as broken:
        broken.setattr(GeneratedLicense.objects, "create", fail_third)
        with pytest.raises(ZeroDivisionError):
            fulfil(order)
    assert not License.objects.exists()
    assert not GeneratedLicense.objects.exists()
    assert fulfil(order).generated.count() == 3


def test_cancelling_a_paid_order_owes_it_back_and_an_unpaid_invoice_is_void():
    paid, unpaid = place(), place()
    cancelled = cancel(approve(pay(paid)))
    assert cancelled.refund_owed == D("100.00")
    assert cancel(approve(unpaid)).refund_owed == 0
    assert [invoice.status for invoice in Invoice.objects.order_by("pk")] == ["PAID", "VOID"]


def test_cancelling_says_why():
    order = place()
    with pytest.raises(Refusal) as refused:
        cancel(order, " ")
    assert refused.value.code == "VALIDATION_ERROR"
    assert Order.objects.get().status == "PENDING"
