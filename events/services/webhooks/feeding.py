"""Handing the trail to the endpoints: each event once, however late its transaction ended."""

import logging
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from events import statements
from events.models import Event, EventQuerySet, WebhookDelivery, WebhookEndpoint, WebhookFeed

log = logging.getLogger("webhooks")

CHUNK = 1000


def feed_next(*, at: datetime, chunk: int = CHUNK) -> tuple[int, bool]:
    """
    Hand the next events to the endpoints that asked for them.

    Return how many deliveries that made, and whether there is more at once. While another process
    is at it there is nothing to do.
    """
    with transaction.atomic():
        feed = WebhookFeed.objects.select_for_update(skip_locked=True).first()
        if feed is None:
            return 0, False
        endpoints = list(WebhookEndpoint.objects.active())
        if not endpoints:
            _start_here(feed)
            return 0, False
        events = list(_ahead(feed)[:chunk])
        made = _deliveries(events, endpoints, at=at)
        _note(feed, events, more=len(events) == chunk)
    return made, len(events) == chunk


def locked_feed() -> WebhookFeed:
    """Return the feed for the running transaction alone; the first endpoint makes it."""
    if not WebhookFeed.objects.exists():
        feed = WebhookFeed()
        _place(feed)
        WebhookFeed.objects.bulk_create([feed], ignore_conflicts=True)
    return WebhookFeed.objects.select_for_update().get()


def owed(endpoint: WebhookEndpoint, events: Iterable[Event], at: datetime) -> list[WebhookDelivery]:
    """Return new deliveries of those of the events that an endpoint asked for, in their order."""
    return [
        WebhookDelivery(
            endpoint=endpoint, event=event, license_id=event.license_id, queued_at=at, due_at=at
        )
        for event in events
        if endpoint.hears(event)
    ]


def _deliveries(events: list[Event], endpoints: list[WebhookEndpoint], *, at: datetime) -> int:
    made = [
        delivery
        for endpoint in endpoints
        for delivery in owed(
            endpoint, (e for e in events if e.recorded_at >= endpoint.listens_since), at
        )
    ]
    WebhookDelivery.objects.bulk_create(made, ignore_conflicts=True)
    return len(made)


def _ahead(feed: WebhookFeed) -> EventQuerySet:
    """Return the events that come next; their transactions have all ended."""
    ended = statements.ended_below()
    events = Event.objects.order_by("sequence")
    if ended is None:
        return events.filter(sequence__gt=feed.sequence)
    if ended < feed.passed:
        log.warning("Transactions are numbered anew: webhooks go on with what is written from now")
        _place(feed)
        return events.none()
    if feed.until is None:
        first = statements.first_event_of(feed.passed, ended, beyond=feed.beyond)
        if first is None:
            feed.passed = ended
            return events.none()
        feed.until, feed.sequence = ended, first - 1
    return events.filter(
        transaction_id__gte=feed.passed,
        transaction_id__lt=feed.until,
        sequence__gt=feed.sequence,
    )


def _note(feed: WebhookFeed, events: list[Event], *, more: bool) -> None:
    """Write down how far it came: within a stretch while there is more of it, else past it."""
    if events:
        feed.sequence = events[-1].sequence
    if feed.until is not None and not more:
        feed.passed, feed.until = feed.until, None
    feed.save()


def _start_here(feed: WebhookFeed) -> None:
    _place(feed)
    feed.save()


def _place(feed: WebhookFeed) -> None:
    """Let a feed begin with what is not yet written down."""
    ended = statements.ended_below()
    last = Event.objects.aggregate(last=Max("sequence"))["last"] or 0
    if ended is None:
        feed.sequence = last
    else:
        if ended < feed.passed:
            feed.beyond = last
        feed.passed, feed.until = ended, None
