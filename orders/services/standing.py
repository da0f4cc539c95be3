"""The only writer of an order's status: lock and look, then write row, step and event together."""

import uuid
from datetime import datetime

from events import trail
from events.refusals import Refusal
from events.trail import Origin
from orders.models import Order, OrderStep
from orders.states import ACTS, Act, OrderStatus, Ruling

_EVENTS = {
    OrderStatus.APPROVED: ("order.approved", "approved_at"),
    OrderStatus.FULFILLED: ("order.fulfilled", "fulfilled_at"),
    OrderStatus.CANCELLED: ("order.cancelled", "cancelled_at"),
}


def lock(order_id: uuid.UUID) -> Order:
    """
    Return the order, its row locked.

    :raises ORDER_NOT_FOUND: if there is none
    """
    rows = Order.objects.select_for_update(of=("self",)).select_related("tenant")
    order = rows.filter(pk=order_id).first()
    if order is None:
        raise Refusal("ORDER_NOT_FOUND")
    return order


def lock_for(act: Act, order_id: uuid.UUID) -> tuple[Order, bool]:
    """
    Return the locked order, and whether the act is still to be done.

    :raises ORDER_NOT_FOUND: if there is none
    :raises ILLEGAL_STATUS_CHANGE: if the table of acts says no
    """
    order = lock(order_id)
    ruling = ACTS[act][OrderStatus(order.status)]
    if ruling == Ruling.ILLEGAL:
        raise Refusal(ruling.value, act=act.value, status=order.status)
    return order, ruling == Ruling.ALLOWED


def move(
    order: Order, status: OrderStatus, *, notes: str = "", at: datetime, origin: Origin
) -> None:
    """Write that a locked order has come to a status; `notes` are what was said to it."""
    event, moment = _EVENTS[status]
    before, order.status = order.status, status.value
    setattr(order, moment, at)
    save(order, at=at)
    note_step(order, notes=notes, at=at, origin=origin)
    tell(
        order,
        event,
        changes={"status": (before, status.value)},
        reason=notes,
        at=at,
        origin=origin,
    )


def note_step(order: Order, *, notes: str = "", at: datetime, origin: Origin) -> None:
    """Keep when an order came to the status that it has, and through whom."""
    OrderStep.objects.create(
        order=order,
        status=order.status,
        at=at,
        actor_kind=origin.actor_kind,
        actor_id=origin.actor_id,
        notes=notes,
    )


def save(order: Order, *, at: datetime) -> None:
    """Write a locked order."""
    order.updated_at = at
    order.save()


def tell(
    order: Order,
    event: str,
    *,
    changes: trail.Changes | None = None,
    reason: str = "",
    at: datetime,
    origin: Origin,
) -> None:
    """Let the trail tell of an order."""
    trail.record(
        event,
        at=at,
        origin=origin,
        tenant_id=order.tenant_id,
        customer_id=order.customer_id,
        license_id=order.license_id,
        order_id=order.pk,
        changes=changes,
        reason=reason,
    )
