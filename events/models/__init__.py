"""The trail, notices that people are owed, what other systems are told, how far jobs have come."""

from events.models.event import (
    AppendOnly,
    CurrentTransaction,
    Event,
    EventManager,
    EventQuerySet,
    PersonKey,
)
from events.models.mark import Mark
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
    "Mark",
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
