"""What an order or invoice is at a glance: a word, never by its colour alone."""

from dataclasses import dataclass
from typing import Any

from orders.models import Invoice, Order
from orders.models.invoice import INVOICE_STATUS
from orders.models.order import PAYMENT_STATUS
from orders.states import InvoiceStatus, OrderStatus, PaymentStatus

# Of lists, which the theme draws.
ORDER_COLOURS = {
    OrderStatus.PENDING.value: "info",
    OrderStatus.APPROVED.value: "warning",
    OrderStatus.FULFILLED.value: "success",
    OrderStatus.CANCELLED.value: "default",
}
PAYMENT_COLOURS = {
    PaymentStatus.PENDING.value: "default",
    PaymentStatus.PARTIAL.value: "warning",
    PaymentStatus.PAID.value: "success",
    PaymentStatus.FAILED.value: "danger",
    PaymentStatus.REFUNDED.value: "info",
}
INVOICE_COLOURS = {
    InvoiceStatus.OPEN.value: "info",
    InvoiceStatus.PAID.value: "success",
    InvoiceStatus.VOID.value: "default",
    InvoiceStatus.UNCOLLECTIBLE.value: "danger",
}
_PAYMENT_WORDS = dict(PAYMENT_STATUS)
_INVOICE_WORDS = dict(INVOICE_STATUS)
# Of pages of our own: the theme's colour to the chip's tone and drawing.
_TONES = {
    "info": ("info", "clock"),
    "warning": ("warn", "clock"),
    "success": ("ok", "check"),
    "danger": ("bad", "warning"),
    "default": ("", "info"),
}


@dataclass(frozen=True, slots=True)
class Chip:
    """A word with its tone and its drawing."""

    word: Any
    tone: str
    icon: str


def payment_word(order: Order) -> tuple[str, Any]:
    """Give what of an order is paid, as code and word."""
    status = order.payment_status.value
    return status, _PAYMENT_WORDS[status]


def invoice_word(invoice: Invoice) -> tuple[str, Any]:
    """Give what became of an invoice, as code and word."""
    status = invoice.status.value
    return status, _INVOICE_WORDS[status]


def of_order(order: Order) -> Chip:
    """Give the chip of how far an order has come."""
    return _chip(order.get_status_display(), ORDER_COLOURS[order.status])


def of_payment(order: Order) -> Chip:
    """Give the chip of what of an order is paid."""
    status, word = payment_word(order)
    return _chip(word, PAYMENT_COLOURS[status])


def of_invoice(invoice: Invoice) -> Chip:
    """Give the chip of what became of an invoice."""
    status, word = invoice_word(invoice)
    return _chip(word, INVOICE_COLOURS[status])


def _chip(word: Any, colour: str) -> Chip:
    tone, icon = _TONES[colour]
    return Chip(word, tone, icon)
