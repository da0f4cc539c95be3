"""Money that comes and goes: once each, in one currency, never more back than came."""

from datetime import timedelta
from decimal import Decimal

import pytest

from events.refusals import Refusal
from licenses.models import License
from orders.models import Invoice, Order, Payment, PaymentMethod, Refund, TenantCredit
from orders.services.ordering import cancel_order
from orders.services.paying import record_payment, refund_order
from orders.states import OrderKind
from tests.clock import NOW
from tests.factories import (
    STAFF,
    approve,
    bought,
    fulfil,
    make_template,
    make_tenant,
    pay,
    place,
    priced,
)

pytestmark = pytest.mark.django_db
D = Decimal


def refund(order, amount=None, reason="Returned."):
    amount = None if amount is None else D(amount)
    return refund_order(order_id=order.pk, amount=amount, reason=reason, at=NOW, origin=STAFF)


def credited_in_all():
    return sum(credit.amount for credit in TenantCredit.objects.all())


@pytest.mark.parametrize(
    ("amounts", "status", "credited"),
    [
        (["40"], "PARTIAL", 0), (["40", "60"], "PAID", 0), (["130"], "PAID", 30),
        (["100", "100"], "PAID", 100), (["99.99"], "PARTIAL", 0), (["99.99", "0.01"], "PAID", 0),
    ],
)  # fmt: skip
def test_payments_add_up_and_what_is_over_is_a_credit(amounts, status, credited):
    order = approve(place())
    for number, amount in enumerate(amounts):
        pay(order, amount, reference=f"T-{number}")
    order.refresh_from_db()
    assert (order.payment_status, order.paid_amount) == (status, sum(map(D, amounts)))
    assert credited_in_all() == credited
    assert Invoice.objects.get().status == ("PAID" if status == "PAID" else "OPEN")
    assert list(Order.objects.in_payment_status(status)) == [order]


def test_the_same_reference_again_is_the_same_payment():
    order = place()
    pay(order, "40")
    pay(order, "40")
    assert Payment.objects.count() == 1
    assert Order.objects.get().paid_amount == 40
    with pytest.raises(Refusal) as refused:
        pay(order, "41")
    assert refused.value.code == "VALIDATION_ERROR"
    assert Order.objects.get().paid_amount == 40
    other = place(tenant=order.tenant)
    assert pay(other, "40").paid_amount == 40


@pytest.mark.parametrize("wrong", [
    {"currency": "USD"}, {"amount": D(0)}, {"amount": D(-1)}, {"amount": D("0.001")},
    {"amount": D(10) ** 15}, {"reference": " "},
], ids=str)  # fmt: skip
def test_what_is_no_payment_of_this_order_is_refused(wrong):
    order = place()
    given = {"amount": D(40), "method": PaymentMethod.CARD, "reference": "T-1"}
    with pytest.raises(Refusal) as refused:
        record_payment(order_id=order.pk, at=NOW, origin=STAFF, **given | wrong)
    code = "CURRENCY_MISMATCH" if "currency" in wrong else "VALIDATION_ERROR"
    assert refused.value.code == code
    assert not Payment.objects.exists()


def test_a_payment_before_the_approval_pays_the_invoice_as_it_opens():
    approve(pay(place()))
    assert Invoice.objects.get().status == "PAID"


def test_a_payment_for_a_cancelled_order_is_owed_back():
    order = place()
    cancel_order(order_id=order.pk, reason="x", at=NOW, origin=STAFF)
    pay(order)
    order.refresh_from_db()
    assert (order.refund_owed, credited_in_all()) == (100, 0)
    refund(order)
    order.refresh_from_db()
    assert (order.refund_owed, order.payment_status) == (0, "REFUNDED")


@pytest.mark.parametrize(
    ("policy", "status", "code"),
    [("REVOKE", "REVOKED", ""), ("SUSPEND", "SUSPENDED", "REFUNDED"), ("KEEP", "ACTIVE", "")],
)
def test_when_all_is_given_back_the_policy_says_what_becomes_of_the_licences(policy, status, code):
    order = bought(priced(refund_policy=policy), quantity=2)
    refund(order, "199.99")
    assert {license.status for license in License.objects.all()} == {"ACTIVE"}
    assert Order.objects.get().payment_status == "PAID"
    refund(order)
    assert {row.status for row in License.objects.all()} == {status}
    assert {row.suspension_code_at(NOW) for row in License.objects.all()} == {code}
    assert Order.objects.get().payment_status == "REFUNDED"


def test_a_licence_that_was_revoked_meanwhile_stands_in_no_refunds_way():
    order = bought()
    License.objects.update(revoked_at=NOW, status="REVOKED")
    assert refund(order).payment_status == "REFUNDED"


def test_giving_a_renewal_back_holds_what_an_earlier_order_paid_for_and_never_ends_it():
    template = priced()
    license = bought(template).generated.get().license
    renewal = bought(tenant=license.tenant, kind=OrderKind.RENEWAL, license_id=license.pk)
    refund(renewal)
    license.refresh_from_db()
    assert (license.status, license.hold_code) == ("SUSPENDED", "REFUNDED")


@pytest.mark.parametrize("amount", ["100.01", None])
def test_no_more_goes_back_than_is_held(amount):
    order = bought()
    if amount is None:
        refund(order)
    refunds = Refund.objects.count()
    with pytest.raises(Refusal) as refused:
        refund(order, amount)
    assert refused.value.code == "REFUND_EXCEEDS_PAID"
    assert Refund.objects.count() == refunds
    assert Order.objects.get().held_amount == (100 if amount else 0)


def test_a_refund_says_why():
    order = pay(place())
    with pytest.raises(Refusal) as refused:
        refund(order, reason="")
    assert refused.value.code == "VALIDATION_ERROR"
    assert not Refund.objects.exists()


def test_who_saw_another_sum_than_is_held_gives_nothing_back():
    order = bought()
    said = {"order_id": order.pk, "reason": "Returned.", "at": NOW, "origin": STAFF}
    refund_order(amount=D(40), held=D(100), **said)
    with pytest.raises(Refusal) as refused:
        refund_order(amount=D(40), held=D(100), **said)
    assert refused.value.code == "VALIDATION_ERROR"
    assert Refund.objects.get().amount == 40


def test_a_refund_has_a_credit_note_with_its_share_of_tax_and_a_number_of_its_own():
    order = bought(tenant=make_tenant(tax_rate=D(20)))
    refund(order, "30")
    note = Invoice.objects.get(kind="CREDIT_NOTE")
    assert (note.number, note.net_amount, note.tax_amount) == ("CN-2026-000001", D(25), D(5))
    assert note.corrects == Invoice.objects.get(kind="INVOICE")
    assert [line.amount for line in note.lines.all()] == [D(25), D(5)]


def test_what_came_twice_goes_back_without_a_credit_note():
    order = bought()
    pay(order, "100", reference="again")
    refund(order, "100")
    assert not Invoice.objects.filter(kind="CREDIT_NOTE").exists()
    order.refresh_from_db()
    assert (order.payment_status, credited_in_all()) == ("PAID", 0)
    refund(order)
    assert Invoice.objects.get(kind="CREDIT_NOTE").amount == 100


def test_an_unpaid_order_on_terms_is_due_when_they_end():
    order = approve(place(tenant=make_tenant(payment_terms_days=30)))
    fulfil(order)
    invoice = Invoice.objects.get()
    assert (invoice.status, invoice.due_date) == ("OPEN", NOW + timedelta(days=30))
    assert list(Invoice.objects.overdue(NOW + timedelta(days=30))) == [invoice]
    assert not Invoice.objects.overdue(NOW).exists()
    pay(order)
    assert not Invoice.objects.overdue(NOW + timedelta(days=30)).exists()


def test_a_licence_of_a_template_that_lost_its_price_is_revoked_all_the_same():
    template = priced(make_template())
    order = bought(template)
    template.pricing.delete()
    refund(order)
    assert License.objects.get().status == "REVOKED"
