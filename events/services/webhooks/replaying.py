"""Sending again: one delivery, or all that an endpoint was to hear since a day."""

import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max

from events import trail
from events.models import (
    DeliveryState,
    Event,
    WebhookDelivery,
    WebhookEndpoint,
)
from events.models.asked import covering
from events.models.webhook import KEPT_FOR
from events.refusals import Refusal, invalid
from events.services.webhooks import feeding
from events.trail import Origin

MOST = 10_000
# By so much an event may be older than those written before it: a transaction took its time.
_DISORDER = timedelta(hours=1)


@transaction.atomic
def replay_one(
    *, endpoint_id: uuid.UUID, delivery_id: uuid.UUID, at: datetime, origin: Origin
) -> WebhookDelivery:
    """
    Send one delivery again, with the same `webhook-id`; one that still waits is sent at once.

    :raises WEBHOOK_DELIVERY_NOT_FOUND: the endpoint has no such delivery
    :raises WEBHOOK_ENDPOINT_DISABLED: the endpoint is switched off
    """
    endpoint = _listening(endpoint_id)
    rows = WebhookDelivery.objects.filter(pk=delivery_id, endpoint=endpoint)
    delivery = rows.select_for_update().first()
    if delivery is None:
        raise Refusal("WEBHOOK_DELIVERY_NOT_FOUND")
    if delivery.state != DeliveryState.SENDING:
        delivery.state, delivery.attempts, delivery.due_at = DeliveryState.WAITING, 0, at
        delivery.save(update_fields=["state", "attempts", "due_at"])
        _record(endpoint, {"delivery": (None, delivery.pk)}, at=at, origin=origin)
    return delivery


@transaction.atomic
def replay_since(*, endpoint_id: uuid.UUID, since: datetime, at: datetime, origin: Origin) -> int:
    """
    Send again all that happened since, also what it was never sent; return how much that is.

    :raises VALIDATION_ERROR: longer ago than deliveries are kept, or more than is sent at a time
    :raises WEBHOOK_ENDPOINT_DISABLED: the endpoint is switched off
    """
    # What is being handed out right now must not be handed out twice.
    feeding.locked_feed()
    endpoint = _listening(endpoint_id)
    if not at - KEPT_FOR <= since <= at:
        raise invalid(since=f"Within the last {KEPT_FOR.days} days.")
    events = Event.objects.filter(
        covering(endpoint.event_types),
        sequence__gte=_first_since(since - _DISORDER),
        recorded_at__gte=since,
    )
    if endpoint.tenant_id is not None:
        events = events.filter(tenant_id=endpoint.tenant_id)
    owed = feeding.owed(endpoint, events.order_by("sequence")[: MOST + 1], at)
    if len(owed) > MOST:
        raise invalid(since=f"That would be more than {MOST:,} deliveries; say a later day.")
    again = WebhookDelivery.objects.filter(
        endpoint=endpoint, event__in=[delivery.event_id for delivery in owed]
    ).exclude(state=DeliveryState.SENDING)
    again.update(state=DeliveryState.WAITING, attempts=0, due_at=at)
    WebhookDelivery.objects.bulk_create(owed, ignore_conflicts=True)
    changes = {"since": (None, since), "deliveries": (None, len(owed))}
    _record(endpoint, changes, at=at, origin=origin)
    return len(owed)


def _first_since(moment: datetime) -> int:
    """
    Return an event before which none was written down since a moment, by halving the trail.

    No index knows when rows were written, and the trail may be long.
    """
    low, high = 0, Event.objects.aggregate(last=Max("sequence"))["last"] or 0
    while low < high:
        middle = (low + high) // 2
        event = Event.objects.filter(sequence__gte=middle).order_by("sequence").first()
        if event is None or event.recorded_at >= moment:
            high = middle
        else:
            low = event.sequence + 1
    return low


def _listening(endpoint_id: uuid.UUID) -> WebhookEndpoint:
    endpoint = WebhookEndpoint.objects.select_for_update(no_key=True).filter(pk=endpoint_id).first()
    if endpoint is None:
        raise Refusal("WEBHOOK_ENDPOINT_NOT_FOUND")
    if not endpoint.active:
        raise Refusal("WEBHOOK_ENDPOINT_DISABLED")
    return endpoint


def _record(
    endpoint: WebhookEndpoint, changes: trail.Changes, *, at: datetime, origin: Origin
) -> None:
    trail.record(
        "webhook_endpoint.replayed",
        at=at,
        origin=origin,
        tenant_id=endpoint.tenant_id,
        changes={"id": (endpoint.pk, endpoint.pk), **changes},
    )
