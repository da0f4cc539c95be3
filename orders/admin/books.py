"""Invoices and payments: to be looked up; what they say is never rewritten."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    ChoicesDropdownFilter,
    DropdownFilter,
)
from unfold.decorators import display

from accounts.admin.base import ScopedAdmin, ScopedInline
from orders.admin import chips
from orders.models import Invoice, InvoiceLine, Order, Payment
from orders.models.invoice import INVOICE_STATUS
from orders.selectors.money import in_words
from orders.states import InvoiceStatus

_STATUS = [pair for pair in INVOICE_STATUS if pair[0] != InvoiceStatus.DRAFT]


def _link_to(order: Order) -> str:
    page = reverse("admin:orders_order_change", args=[order.pk])
    return format_html('<a href="{}">{}</a>', page, order)


class StatusFilter(DropdownFilter):
    """By what became of them."""

    title = gettext_lazy("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return _STATUS

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        known = self.value() in dict(_STATUS)
        return queryset.in_status(self.value()) if known else queryset


class InvoiceLineInline(ScopedInline):
    """What it is for, line by line."""

    model = InvoiceLine
    read_scope = "orders:read"
    fields = ("kind", "description", "quantity", "each", "sum")
    readonly_fields = fields

    @display(description=gettext_lazy("each"))
    def each(self, line: InvoiceLine) -> str:
        return "" if line.unit_price is None else in_words(line.unit_price, line.invoice.currency)

    @display(description=gettext_lazy("amount"))
    def sum(self, line: InvoiceLine) -> str:
        return in_words(line.amount, line.invoice.currency)


@admin.register(Invoice)
class InvoiceAdmin(ScopedAdmin):
    """Invoices and credit notes, the newest first."""

    read_scope = "orders:read"
    list_display = ("state", "number", "kind", "tenant", "order", "total", "opened_at", "due_date")
    list_display_links = ("number",)
    list_filter = (
        StatusFilter,
        ("kind", ChoicesDropdownFilter),
        ("tenant", AutocompleteSelectFilter),
    )
    list_select_related = ("tenant", "order")
    search_fields = ("number__istartswith", "order__order_number__istartswith")
    search_help_text = gettext_lazy("Number of the invoice or of its order.")
    ordering = ("-id",)
    fields = (
        "number",
        "kind",
        "became",
        "order_link",
        "tenant",
        "customer",
        "corrects",
        "net",
        "tax",
        "total",
        "tax_note",
        "named",
        "notes",
        "opened_at",
        "due_date",
        "paid_at",
        "voided_at",
    )
    readonly_fields = fields
    inlines = (InvoiceLineInline,)

    @display(description=gettext_lazy("status"), label=chips.INVOICE_COLOURS)
    def state(self, invoice: Invoice) -> tuple[str, Any]:
        return chips.invoice_word(invoice)

    @display(description=gettext_lazy("status"))
    def became(self, invoice: Invoice) -> Any:
        return chips.invoice_word(invoice)[1]

    @display(description=gettext_lazy("order"))
    def order_link(self, invoice: Invoice) -> str:
        return _link_to(invoice.order)

    @display(description=gettext_lazy("net"))
    def net(self, invoice: Invoice) -> str:
        return in_words(invoice.net_amount, invoice.currency)

    @display(description=gettext_lazy("tax"))
    def tax(self, invoice: Invoice) -> str:
        return in_words(invoice.tax_amount, invoice.currency)

    @display(description=gettext_lazy("amount"))
    def total(self, invoice: Invoice) -> str:
        return in_words(invoice.amount, invoice.currency)

    @display(description=gettext_lazy("billed to"))
    def named(self, invoice: Invoice) -> str:
        told = invoice.billed_to
        lines = [told.get("company"), told.get("name"), *(told.get("address") or {}).values()]
        return ", ".join(dict.fromkeys(str(line) for line in [*lines, told.get("tax_id")] if line))


@admin.register(Payment)
class PaymentAdmin(ScopedAdmin):
    """Money that came, the newest first; it is recorded on the order's page."""

    read_scope = "orders:read"
    list_display = ("received_at", "reference", "total", "method", "order_link", "tenant")
    list_display_links = ("reference",)
    list_filter = (("method", ChoicesDropdownFilter),)
    list_select_related = ("order__tenant",)
    search_fields = ("reference__istartswith", "order__order_number__istartswith")
    search_help_text = gettext_lazy("Reference, or number of the order.")
    ordering = ("-id",)
    fields = ("order_link", "tenant", "total", "method", "reference", "received_at")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Payment]:
        return super().get_queryset(request).select_related("order__tenant")

    @display(description=gettext_lazy("order"))
    def order_link(self, payment: Payment) -> str:
        return _link_to(payment.order)

    @display(description=gettext_lazy("tenant"))
    def tenant(self, payment: Payment) -> str:
        return str(payment.order.tenant)

    @display(description=gettext_lazy("amount"))
    def total(self, payment: Payment) -> str:
        return in_words(payment.amount, payment.currency)
