"""Invoices and credit notes, as they were opened."""

from typing import Any

from django.db.models import QuerySet
from django_filters import FilterSet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import rows_of
from accounts.api.base import ManagementView
from accounts.api.fields import IdFilter, Instant, OneOf
from accounts.api.shapes import Free, Moment, Number, Shown
from orders.models import Invoice
from orders.models.invoice import INVOICE_KIND, INVOICE_STATUS
from orders.models.order_parts import LINE_KIND


class InvoiceLineShown(Shown):
    kind = serializers.ChoiceField(choices=LINE_KIND)
    description = serializers.CharField(required=False)
    quantity = serializers.IntegerField()
    unit_price = Number(required=False)
    amount = Number()


class InvoiceShown(Shown):
    id = serializers.UUIDField()
    number = serializers.CharField()
    kind = serializers.ChoiceField(choices=INVOICE_KIND)
    tenant_id = serializers.UUIDField()
    customer_id = serializers.UUIDField(required=False)
    order_id = serializers.UUIDField()
    corrects = serializers.UUIDField(source="corrects_id", required=False)
    status = serializers.ChoiceField(choices=INVOICE_STATUS)
    currency = serializers.CharField()
    net_amount = Number()
    tax_amount = Number()
    amount = Number()
    tax_note = serializers.CharField(required=False)
    billed_to = Free()
    notes = serializers.CharField(required=False)
    lines = InvoiceLineShown(source="lines.all", many=True)
    opened_at = Moment()
    due_date = Moment()
    paid_at = Moment(required=False)
    voided_at = Moment(required=False)


class InvoiceFilters(FilterSet):
    kind = OneOf(choices=INVOICE_KIND)
    status = OneOf(choices=INVOICE_STATUS, method="in_status")
    order_id = IdFilter()
    customer_id = IdFilter()
    due_date_from = Instant(field_name="due_date")
    due_date_to = Instant(field_name="due_date", end=True)

    def in_status(self, rows: Any, name: str, value: str) -> Any:
        return rows.in_status(value)


def with_lines(rows: QuerySet[Invoice]) -> QuerySet[Invoice]:
    """Return the invoices with their lines, in a fixed number of queries."""
    return rows.prefetch_related("lines")


class GetInvoices(ManagementView):
    """List invoices and credit notes."""

    scope = "orders:read"
    Output = InvoiceShown
    listing = True
    Filters = InvoiceFilters
    sortable = {"number": "number", "due_date": "due_date", "amount": "amount", "opened_at": "id"}
    searched = ("number__icontains", "order__order_number__icontains")

    def get(self, request: Request) -> Response:
        return self.listed(with_lines(rows_of(self.credential, Invoice)))


class GetInvoice(ManagementView):
    """Read one invoice or credit note."""

    scope = "orders:read"
    Output = InvoiceShown

    def get(self, request: Request, invoice_id: str) -> Response:
        return self.answer(self.one(Invoice, invoice_id, "INVOICE_NOT_FOUND"))
