"""Orders in the admin: found, read, and acted upon by whoever may."""

from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils.html import escape

from events.models import Event
from licenses.models import License
from orders.models import Order
from orders.services.ordering import cancel_order
from orders.states import OrderKind
from tests.clock import NOW
from tests.factories import (
    STAFF,
    approve,
    bought,
    make_customer,
    make_tenant,
    pay,
    place,
    priced,
)
from tests.staff import signed_in

pytestmark = pytest.mark.django_db

BUTTONS = {"approve", "fulfil", "pay", "refund", "cancel"}
PAYMENT = {"amount": "100", "method": "BANK_TRANSFER", "reference": "T-1"}
REFUND = {"amount": "40", "held": "100", "reason": "Too many."}


def page(order, act="change"):
    return reverse(f"admin:orders_order_{act}", args=[order.pk])


def cancelled():
    return cancel_order(order_id=place().pk, reason="x", at=NOW, origin=STAFF)


def buttons(client, order):
    html = client.get(page(order)).content.decode()
    return {act for act in BUTTONS if f'href="{page(order, act)}"' in html}


@pytest.mark.parametrize(
    ("make", "offered"),
    [
        (place, {"approve", "pay", "cancel"}),
        (lambda: pay(place()), {"approve", "pay", "refund", "cancel"}),
        (lambda: approve(place()), {"fulfil", "pay", "cancel"}),
        (bought, {"pay", "refund"}),
        (cancelled, {"pay"}),
    ],
    ids=["placed", "paid", "approved", "fulfilled", "cancelled"],
)
def test_the_page_offers_what_the_table_of_acts_allows(make, offered):
    order, client = make(), signed_in(superuser=True)
    assert buttons(client, order) == offered
    for act in BUTTONS - offered:
        steps = order.steps.count()
        answer = client.post(page(order, act), {"reason": "x"} | PAYMENT)
        assert answer.status_code == 409
        assert "Nothing was changed" in answer.content.decode()
        assert order.steps.count() == steps


@pytest.mark.parametrize(
    ("group", "offered"),
    [
        ("read-only", set()),
        ("support", set()),
        ("sales", {"approve", "cancel"}),
        ("finance", {"approve", "pay", "refund", "cancel"}),
    ],
)
def test_each_group_finds_its_own_buttons(group, offered):
    assert buttons(signed_in(group=group), pay(place())) == offered


def test_approving_opens_the_invoice_and_keeps_the_notes():
    order = place()
    answer = signed_in(group="sales").post(page(order, "approve"), {"notes": "By telephone."})
    assert (answer.status_code, answer["Location"]) == (302, page(order))
    assert Order.objects.get().status == "APPROVED"
    assert order.steps.get(status="APPROVED").notes == "By telephone."
    html = signed_in(group="finance").get(page(order)).content.decode()
    assert order.invoices.get().number in html
    assert "By telephone." in html
    assert "EUR 100.00" in html


def test_what_is_not_paid_is_not_fulfilled_and_the_form_says_why():
    order, client = approve(place()), signed_in(group="sales")
    answer = client.post(page(order, "fulfil"))
    assert answer.status_code == 200
    assert "Record the payment first." in answer.content.decode()
    assert Order.objects.get().status == "APPROVED"
    assert not License.objects.exists()
    pay(order)
    assert client.post(page(order, "fulfil")).status_code == 302
    license = License.objects.get()
    story = reverse("admin:licenses_license_change", args=[license.pk])
    assert story in client.get(page(order)).content.decode()


def test_cancelling_says_why_and_what_is_owed_back():
    order, client = pay(place()), signed_in(group="sales")
    assert client.post(page(order, "cancel"), {"reason": " "}).status_code == 200
    assert Order.objects.get().status == "PENDING"
    client.post(page(order, "cancel"), {"reason": "Ordered twice."})
    assert Order.objects.get().status == "CANCELLED"
    html = client.get(page(order)).content.decode()
    assert "Ordered twice." in html
    assert "EUR 100.00 was paid for this cancelled order" in html


def test_a_payment_is_recorded_once_however_often_it_is_sent():
    order, client = place(), signed_in(group="finance")
    for _ in range(2):
        assert client.post(page(order, "pay"), PAYMENT).status_code == 302
    assert order.payments.get().amount == 100
    html = client.get(page(order)).content.decode()
    assert "T-1" in html


def test_the_form_begins_with_what_is_still_to_be_paid():
    order, client = pay(place(), "40"), signed_in(group="finance")
    assert 'value="60.00"' in client.get(page(order, "pay")).content.decode()
    pay(order, "60", reference="T-2")
    assert 'name="amount" value' not in client.get(page(order, "pay")).content.decode()


@pytest.mark.parametrize("wrong", [
    {"amount": "0"}, {"amount": "-5"}, {"amount": "1.001"}, {"amount": "NaN"}, {"amount": ""},
    {"amount": "9" * 40}, {"method": "GOLD"}, {"reference": " "}, {"reference": "x" * 201},
    {"reference": "a\0b"},
], ids=lambda wrong: "-".join(f"{name} {text[:6]!r}" for name, text in wrong.items()))  # fmt: skip
def test_what_is_no_payment_is_told_on_the_form(wrong):
    order, client = place(), signed_in(group="finance")
    events = Event.objects.count()
    answer = client.post(page(order, "pay"), PAYMENT | wrong)
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert (order.payments.count(), Event.objects.count()) == (0, events)


def test_a_refund_form_that_is_sent_twice_gives_back_once():
    order, client = bought(), signed_in(group="finance")
    first = client.get(page(order, "refund"))
    assert 'name="held" value="100.00"' in first.content.decode()
    assert client.post(page(order, "refund"), REFUND).status_code == 302
    again = client.post(page(order, "refund"), REFUND)
    assert again.status_code == 200
    assert "meanwhile" in again.content.decode()
    assert order.refunds.get().amount == 40
    assert Order.objects.get().held_amount == 60


def test_no_more_goes_back_than_is_held():
    order = bought()
    answer = signed_in(group="finance").post(page(order, "refund"), REFUND | {"amount": "100.01"})
    assert "No more goes back than is held" in answer.content.decode()
    assert not order.refunds.exists()
    assert Order.objects.get().held_amount == Decimal(100)


@pytest.mark.parametrize("sought", ["number", "customer", "tenant", "licence"])
def test_an_order_is_found_by_what_people_have_in_hand(sought):
    customer = make_customer(make_tenant(name="Harbour Works"), name="Ines Falk")
    order = bought(tenant=customer.tenant, customer_id=customer.pk)
    place(tenant=make_tenant(name="Somebody else"))
    words = {
        "number": order.order_number.lower(),
        "customer": "ines",
        "tenant": "harbour",
        "licence": str(License.objects.get().pk),
    }
    listed = reverse("admin:orders_order_changelist")
    found = signed_in(group="sales").get(listed, {"q": words[sought]}).context["cl"]
    assert [row.pk for row in found.result_list] == [order.pk]


def test_the_list_asks_no_more_for_many_than_for_one(django_assert_max_num_queries):
    client, listed = signed_in(group="sales"), reverse("admin:orders_order_changelist")
    template = priced()
    for _ in range(6):
        place(template)
    with django_assert_max_num_queries(12):
        html = client.get(listed).content.decode()
    assert html.count("EUR 100.00") == 6


def test_a_licences_page_has_the_orders_that_made_and_renewed_it():
    first = bought()
    license = License.objects.get()
    renewal = place(tenant=first.tenant, kind=OrderKind.RENEWAL, license_id=license.pk)
    story = reverse("admin:licenses_license_change", args=[license.pk])
    html = signed_in("licenses:read", "orders:read").get(story).content.decode()
    assert page(first) in html
    assert page(renewal) in html
    assert page(first) not in signed_in("licenses:read").get(story).content.decode()


def test_what_people_wrote_is_text_on_the_page():
    order = place(special_instructions="<script>x</script>")
    html = signed_in(group="sales").get(page(order)).content.decode()
    assert escape(order.special_instructions) in html
    assert order.special_instructions not in html


def test_invoices_and_payments_are_read_and_never_written():
    order, client = approve(pay(place())), signed_in(superuser=True)
    for row in (order.invoices.get(), order.payments.get()):
        one = reverse(f"admin:orders_{row._meta.model_name}_change", args=[row.pk])
        html = client.get(one).content.decode()
        assert "EUR 100.00" in html
        assert page(order) in html
        assert "PAID" not in html
        assert client.post(one, {"amount": "1"}).status_code == 403
        row.refresh_from_db()
        assert row.amount == 100
