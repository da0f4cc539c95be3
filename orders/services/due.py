"""Orders that jobs fulfil: each by itself, so that one that cannot be stops no other."""

import logging
import uuid
from datetime import datetime

from events.refusals import Refusal
from events.trail import Origin
from orders.models import Order
from orders.services.ordering import fulfil_order
from orders.states import Fulfillment

log = logging.getLogger("orders")
FULFILLED, REFUSED = "fulfilled", "refused"
_CHUNK = 500


def fulfil(order_id: uuid.UUID, *, at: datetime, origin: Origin) -> str:
    """Fulfil one order if it can be; return what came of it."""
    try:
        fulfil_order(order_id=order_id, at=at, origin=origin)
    except Refusal as refusal:
        log.warning("order %s is not fulfilled: %s", order_id, refusal.code)
        return REFUSED
    return FULFILLED


def fulfil_all(method: Fulfillment, *, at: datetime, origin: Origin) -> dict[str, int]:
    """Fulfil every order that waits for nothing else and is left to this way."""
    told = {FULFILLED: 0, REFUSED: 0}
    last = uuid.UUID(int=0)
    waiting = Order.objects.due().filter(fulfillment_method=method.value).order_by("pk")
    while found := list(waiting.filter(pk__gt=last).values_list("pk", flat=True)[:_CHUNK]):
        for order_id in found:
            told[_safely(order_id, at=at, origin=origin)] += 1
        last = found[-1]
    return told


def _safely(order_id: uuid.UUID, *, at: datetime, origin: Origin) -> str:
    try:
        return fulfil(order_id, at=at, origin=origin)
    except Exception:
        log.exception("order %s failed", order_id)
        return REFUSED
