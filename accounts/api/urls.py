"""Addresses of people, keys and the trail."""

from django.urls import path

from accounts.api.api_keys import CreateApiKey, GetApiKeys, RevokeApiKey
from accounts.api.base import by_method
from accounts.api.customers import CreateCustomer, GetCustomer, GetCustomers, UpdateCustomer
from accounts.api.events import GetEvents
from accounts.api.tenants import CreateTenant, GetTenant, GetTenants, UpdateTenant
from accounts.api.webhooks import (
    CreateWebhookEndpoint,
    GetWebhookDeliveries,
    GetWebhookEndpoints,
    ReplayWebhookDelivery,
    ReplayWebhookEvents,
    RotateWebhookSecret,
    TryWebhookEndpoint,
    UpdateWebhookEndpoint,
)

_ENDPOINT = "webhook-endpoints/<str:endpoint_id>"

urlpatterns = [
    path("tenants", by_method(get=GetTenants, post=CreateTenant), name="api-tenants"),
    path("tenants/<str:tenant_id>", by_method(get=GetTenant, put=UpdateTenant), name="api-tenant"),
    path("customers", by_method(get=GetCustomers, post=CreateCustomer), name="api-customers"),
    path(
        "customers/<str:customer_id>",
        by_method(get=GetCustomer, put=UpdateCustomer),
        name="api-customer",
    ),
    path("api-keys", by_method(get=GetApiKeys, post=CreateApiKey), name="api-api-keys"),
    path("api-keys/<str:api_key_id>/revoke", RevokeApiKey.as_view(), name="api-api-key-revoke"),
    path("events", GetEvents.as_view(), name="api-events"),
    path(
        "webhook-endpoints",
        by_method(get=GetWebhookEndpoints, post=CreateWebhookEndpoint),
        name="api-webhook-endpoints",
    ),
    path(_ENDPOINT, UpdateWebhookEndpoint.as_view(), name="api-webhook-endpoint"),
    path(
        f"{_ENDPOINT}/rotate-secret",
        RotateWebhookSecret.as_view(),
        name="api-webhook-rotate-secret",
    ),
    path(f"{_ENDPOINT}/test", TryWebhookEndpoint.as_view(), name="api-webhook-test"),
    path(f"{_ENDPOINT}/replay", ReplayWebhookEvents.as_view(), name="api-webhook-replay"),
    path(f"{_ENDPOINT}/deliveries", GetWebhookDeliveries.as_view(), name="api-webhook-deliveries"),
    path(
        f"{_ENDPOINT}/deliveries/<str:delivery_id>/replay",
        ReplayWebhookDelivery.as_view(),
        name="api-webhook-delivery-replay",
    ),
]
