"""Invoices: opened with the approval, numbered without gaps by year, and final."""

from contextlib import ExitStack
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from orders.models import Invoice, InvoiceIsFinal, InvoiceLine, NumberSeries
from tests.clock import NOW
from tests.engines import ENGINE
from tests.factories import approve, make_customer, make_tenant, place, priced

pytestmark = pytest.mark.django_db


def test_an_approved_order_has_one_invoice_with_its_lines_and_whom_it_names():
    customer = make_customer(
        name="Marta Lindqvist", company="Brenner Ingenieure", tax_id="DE1",
        billing_address={"city": "Bremen", "country": "DE"},
    )  # fmt: skip
    order = place(tenant=customer.tenant, customer_id=customer.pk)
    approve(approve(order))
    invoice = Invoice.objects.get()
    assert (invoice.number, invoice.status, invoice.amount) == ("INV-2026-000001", "OPEN", 100)
    assert invoice.billed_to == {
        "name": "Marta Lindqvist", "company": "Brenner Ingenieure", "tax_id": "DE1",
        "address": {"city": "Bremen", "country": "DE"},
    }  # fmt: skip
    lines = list(invoice.lines.values_list("kind", "amount"))
    assert lines == list(order.lines.values_list("kind", "amount"))


def test_numbers_begin_anew_with_the_year():
    for at in (NOW, NOW, NOW + timedelta(days=365)):
        approve(place(at=at), at=at)
    numbers = list(Invoice.objects.order_by("pk").values_list("number", flat=True))
    assert numbers == ["INV-2026-000001", "INV-2026-000002", "INV-2027-000001"]


def test_an_approval_that_is_undone_gives_its_number_back():
    first, second = place(), place()
    with transaction.atomic():
        approve(first)
        transaction.set_rollback(True)
    approve(second)
    assert Invoice.objects.get().number == "INV-2026-000001"
    assert NumberSeries.objects.get(name="INV-2026").last == 1


def test_no_service_rewrites_an_open_invoice():
    approve(place())
    invoice = Invoice.objects.get()
    invoice.amount = 1
    for rewrite in (
        invoice.save, invoice.delete, Invoice.objects.all().delete,
        lambda: Invoice.objects.update(amount=1),
    ):  # fmt: skip
        with pytest.raises(InvoiceIsFinal):
            rewrite()
    assert Invoice.objects.get().amount == 100


@pytest.mark.parametrize("statement", [
    "UPDATE orders_invoice SET amount = 1, net_amount = 1",
    "UPDATE orders_invoice SET number = 'INV-1'",
    "DELETE FROM orders_invoiceline",
    "UPDATE orders_invoiceline SET amount = 1",
])  # fmt: skip
def test_postgresql_itself_refuses_to_rewrite_one(statement):
    approve(place(priced()))
    refuses = ENGINE == "postgresql"
    with ExitStack() as outcome:
        if refuses:
            outcome.enter_context(pytest.raises(DatabaseError, match="invoices are final"))
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
            transaction.set_rollback(True)
    assert Invoice.objects.get().amount == 100
    assert InvoiceLine.objects.get().amount == 100


def test_an_organisation_without_a_customer_is_named_itself():
    tenant = make_tenant(name="Kiel Works", billing_address={"country": "DE"})
    approve(place(tenant=tenant))
    assert Invoice.objects.get().billed_to["name"] == "Kiel Works"
