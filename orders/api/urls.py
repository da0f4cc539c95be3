"""Addresses of what is on offer."""

from django.urls import path

from accounts.api.base import by_method
from orders.api.gateways import TellOfMoney
from orders.api.invoices import GetInvoice, GetInvoices
from orders.api.order_acts import (
    ApproveOrder,
    CancelOrder,
    FulfillOrder,
    RecordPayment,
    RefundOrder,
)
from orders.api.orders import CreateOrder, GetOrder, GetOrders, QuoteOrder
from orders.api.simulation import SimulateTemplate
from orders.api.templates import (
    CreateTemplate,
    DuplicateTemplate,
    GetTemplate,
    GetTemplates,
    UpdateTemplate,
)

urlpatterns = [
    path("templates", by_method(get=GetTemplates, post=CreateTemplate), name="api-templates"),
    path(
        "templates/<str:template_id>",
        by_method(get=GetTemplate, put=UpdateTemplate),
        name="api-template",
    ),
    path(
        "templates/<str:template_id>/duplicate",
        DuplicateTemplate.as_view(),
        name="api-template-duplicate",
    ),
    path("orders", by_method(get=GetOrders, post=CreateOrder), name="api-orders"),
    path("orders/quote", by_method(post=QuoteOrder), name="api-order-quote"),
    path("orders/<str:order_id>", by_method(get=GetOrder), name="api-order"),
    path("orders/<str:order_id>/approve", ApproveOrder.as_view(), name="api-order-approve"),
    path("orders/<str:order_id>/fulfill", FulfillOrder.as_view(), name="api-order-fulfill"),
    path("orders/<str:order_id>/cancel", CancelOrder.as_view(), name="api-order-cancel"),
    path("orders/<str:order_id>/payments", RecordPayment.as_view(), name="api-order-payments"),
    path("orders/<str:order_id>/refund", RefundOrder.as_view(), name="api-order-refund"),
    path("invoices", by_method(get=GetInvoices), name="api-invoices"),
    path("invoices/<str:invoice_id>", by_method(get=GetInvoice), name="api-invoice"),
    path("webhooks/<str:gateway>", TellOfMoney.as_view(), name="api-gateway"),
    path("simulate/template", SimulateTemplate.as_view(), name="api-simulate-template"),
]
