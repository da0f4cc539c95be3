"""What things cost, orders, invoices and payments; import models from here."""

from orders.models.gateway_event import EventState, GatewayEvent
from orders.models.invoice import Invoice, InvoiceIsFinal, InvoiceLine, NumberSeries
from orders.models.order import Order
from orders.models.order_parts import GeneratedLicense, OrderLine, OrderStep
from orders.models.payment import Payment, PaymentMethod, Refund, TenantCredit
from orders.models.pricing import Pricing, VolumeDiscount

__all__ = [
    "EventState",
    "GatewayEvent",
    "GeneratedLicense",
    "Invoice",
    "InvoiceIsFinal",
    "InvoiceLine",
    "NumberSeries",
    "Order",
    "OrderLine",
    "OrderStep",
    "Payment",
    "PaymentMethod",
    "Pricing",
    "Refund",
    "TenantCredit",
    "VolumeDiscount",
]
