"""The rows of the trail, the notices that people are owed, and what other systems are told."""

from events.models.event import (
    AppendOnly,
    CurrentTransaction,
    Event,
    EventManager,
    EventQuerySet,
    PersonKey,
)
from events.models.notice import Notice, NoticeQuerySet, NoticeState
from events.models.webhook import (
    DeliveryState,
    DisabledBecause,
    WebhookDelivery,
    WebhookDeliveryQuerySet,
    WebhookEndpoint,
    WebhookEndpointQuerySet,
)
from events.models.webhook_feed import WebhookFeed

__all__ = [
    "AppendOnly",
    "CurrentTransaction",
    "DeliveryState",
    "DisabledBecause",
    "Event",
    "EventManager",
    "EventQuerySet",
    "Notice",
    "NoticeQuerySet",
    "NoticeState",
    "PersonKey",
    "WebhookDelivery",
    "WebhookDeliveryQuerySet",
    "WebhookEndpoint",
    "WebhookEndpointQuerySet",
    "WebhookFeed",
]
