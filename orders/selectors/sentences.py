"""What the trail's events about orders and money are called."""

from typing import Any

from django.utils.translation import gettext_lazy as _

SENTENCES: dict[str, Any] = {
    "order.created": _("Ordered"),
    "order.approved": _("Order approved"),
    "order.fulfilled": _("Order fulfilled"),
    "order.cancelled": _("Order cancelled"),
    "order.refunded": _("Order refunded"),
    "invoice.opened": _("Invoice opened"),
    "invoice.paid": _("Invoice paid"),
    "invoice.voided": _("Invoice void"),
    "invoice.credited": _("Credit note made"),
    "payment.recorded": _("Payment received"),
    "payment.failed": _("Payment failed"),
    "payment.message_closed": _("Message of a gateway seen to"),
}
