"""Addresses of a tenant's own pages and settings, below /t/<code>/."""

from django.urls import path

from accounts.portal.emails import EmailsPage
from accounts.portal.webhooks import (
    AddWebhook,
    ChangeWebhook,
    ReplayWebhook,
    WebhookPage,
    WebhookSecret,
    WebhooksPage,
)

_WEBHOOK = "webhooks/<uuid:endpoint_id>/"

urlpatterns = [
    path("e-mails/", EmailsPage.as_view(), name="emails"),
    path("webhooks/", WebhooksPage.as_view(), name="webhooks"),
    path("webhooks/new/", AddWebhook.as_view(), name="webhook-add"),
    path(_WEBHOOK, WebhookPage.as_view(), name="webhook"),
    path(f"{_WEBHOOK}change/", ChangeWebhook.as_view(), name="webhook-change"),
    path(f"{_WEBHOOK}secret/", WebhookSecret.as_view(), name="webhook-secret"),
    path(
        f"{_WEBHOOK}deliveries/<uuid:delivery_id>/again/",
        ReplayWebhook.as_view(),
        name="webhook-again",
    ),
]
