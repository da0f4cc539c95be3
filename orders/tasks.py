"""Jobs: orders that wait for nothing are fulfilled; safe late, twice and in parallel."""

import uuid
from datetime import datetime

from celery import shared_task
from django.utils import timezone

from events.trail import SYSTEM
from orders.services import due, inbox, ordering
from orders.states import Fulfillment


@shared_task
def fulfil_order(order_id: str) -> str:
    """Fulfil one order, as soon as what made it ready is committed."""
    return due.fulfil(uuid.UUID(order_id), at=timezone.now(), origin=SYSTEM)


@shared_task
def fulfil_ready_orders(at: str | None = None) -> dict[str, int]:
    """Fulfil what was to be fulfilled at once and was not, whatever died over it."""
    return due.fulfil_all(Fulfillment.AUTO, at=_moment(at), origin=SYSTEM)


@shared_task
def fulfil_batch(at: str | None = None) -> dict[str, int]:
    """Fulfil the orders that are left to the night."""
    return due.fulfil_all(Fulfillment.BATCH, at=_moment(at), origin=SYSTEM)


@shared_task
def apply_gateway_events(at: str | None = None) -> dict[str, int]:
    """Apply what gateways told and nobody applied yet, or what waited for another message."""
    return inbox.apply_all(at=_moment(at))


def _moment(at: str | None) -> datetime:
    return datetime.fromisoformat(at) if at else timezone.now()


ordering.on_ready.append(fulfil_order.delay)
