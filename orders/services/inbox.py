"""What gateways tell: kept first, then applied once each, by when it happened to an order."""

import logging
import uuid
from datetime import datetime, timedelta

from django.db import transaction

from events import trail
from events.refusals import Refusal
from events.trail import Origin
from orders.gateways import EventType, Told
from orders.models import EventState, GatewayEvent, Invoice, Order
from orders.services import standing
from orders.services.gateway_acts import ACTS, NotYet
from orders.states import InvoiceKind

log = logging.getLogger("orders")
APPLIED, WAITING, FAILED = "applied", "waiting", "failed"
# What waited so long for another message is a person's.
PATIENCE = timedelta(days=3)
_CHUNK = 500
# Until prices are known by a gateway's names for them.
_FOR_A_PERSON = {EventType.SUBSCRIPTION_CREATED}


def receive(*, gateway: str, told: Told, at: datetime) -> GatewayEvent:
    """
    Keep what a gateway told and apply it if its turn has come; a repeat is the same message.

    :raises GATEWAY_EVENT_REUSED: if the gateway told something else under this number
    """
    event = keep(gateway=gateway, told=told, at=at)
    if event.state == EventState.WAITING and event.order_id is not None:
        # What fails from here on is taken up by the job: the gateway has done its part.
        _safely(event.order_id, at=at)
    return event


@transaction.atomic
def keep(*, gateway: str, told: Told, at: datetime) -> GatewayEvent:
    """
    Write down what a gateway told, and whose turn it waits for.

    :raises GATEWAY_EVENT_REUSED: if the gateway told something else under this number
    """
    facts = told.facts()
    order, why = _order_of(told)
    state = EventState.NEEDS_PERSON if why else EventState.WAITING
    if told.type in _FOR_A_PERSON:
        state, why = EventState.NEEDS_PERSON, "UNKNOWN_PRICE"
    elif told.type not in set(EventType):
        state, why = EventState.IGNORED, "UNKNOWN_TYPE"
    event, fresh = GatewayEvent.objects.get_or_create(
        gateway=gateway,
        event_id=told.event_id,
        defaults={
            "type": told.type,
            "order": order,
            "reference": told.reference,
            "facts": facts,
            "occurred_at": told.occurred_at,
            "received_at": at,
            "state": state.value,
            "why": why,
            "settled_at": None if state == EventState.WAITING else at,
        },
    )
    if not fresh and event.facts != facts:
        raise Refusal("GATEWAY_EVENT_REUSED")
    return event


@transaction.atomic
def apply_waiting(*, order_id: uuid.UUID, at: datetime) -> dict[str, int]:
    """
    Apply what gateways told of an order, the earliest first, until nothing more can be.

    :raises ORDER_NOT_FOUND: if there is none
    """
    standing.lock(order_id)
    told = {APPLIED: 0, WAITING: 0}
    waiting = GatewayEvent.objects.filter(order_id=order_id, state=EventState.WAITING.value)
    # What waited for another may have its turn now, and comes before what happened later.
    while any(_settle(event, at=at) for event in waiting.order_by("occurred_at", "id")):
        told[APPLIED] += 1
    told[WAITING] = waiting.count()
    return told


def apply_all(*, at: datetime) -> dict[str, int]:
    """Apply whatever waits, order by order; one that cannot be stops no other."""
    told = {APPLIED: 0, WAITING: 0, FAILED: 0}
    last = uuid.UUID(int=0)
    waiting = GatewayEvent.objects.filter(state=EventState.WAITING.value).order_by("order_id")
    ids = waiting.values_list("order_id", flat=True).distinct()
    while found := list(ids.filter(order_id__gt=last)[:_CHUNK]):
        for order_id in found:
            for name, count in _safely(order_id, at=at).items():
                told[name] += count
        last = found[-1]
    return told


@transaction.atomic
def close(*, message_id: uuid.UUID, at: datetime, origin: Origin) -> GatewayEvent:
    """
    Let a message rest that a person has seen to; one that needs nobody is returned as it is.

    :raises GATEWAY_EVENT_NOT_FOUND: if there is none
    """
    rows = GatewayEvent.objects.select_for_update(of=("self",)).select_related("order")
    event = rows.filter(pk=message_id).first()
    if event is None:
        raise Refusal("GATEWAY_EVENT_NOT_FOUND")
    if event.state == EventState.NEEDS_PERSON:
        event.state, event.settled_at = EventState.IGNORED.value, at
        event.save(update_fields=["state", "settled_at"])
        trail.record(
            "payment.message_closed",
            at=at,
            origin=origin,
            tenant_id=event.order.tenant_id if event.order else None,
            order_id=event.order_id,
            changes={"event_id": (None, event.event_id), "type": (None, event.type)},
            reason=event.why,
        )
    return event


def _safely(order_id: uuid.UUID, *, at: datetime) -> dict[str, int]:
    try:
        return apply_waiting(order_id=order_id, at=at)
    except Exception:
        log.exception("messages of gateways about order %s failed", order_id)
        return {FAILED: 1}


def _settle(event: GatewayEvent, *, at: datetime) -> bool:
    """Apply one message of a locked order; return whether it waits no more."""
    try:
        with transaction.atomic():
            why = ACTS[EventType(event.type)](event, at=at)
        state = EventState.IGNORED if why else EventState.APPLIED
    except NotYet as not_yet:
        if at < event.received_at + PATIENCE:
            return False
        state, why = EventState.NEEDS_PERSON, str(not_yet)
    except Refusal as refusal:
        state, why = EventState.NEEDS_PERSON, refusal.code
    event.state, event.why, event.settled_at = state.value, why, at
    event.save(update_fields=["state", "why", "settled_at"])
    return True


def _order_of(told: Told) -> tuple[Order | None, str]:
    """Return the order that a message is about, or why there is none: never a guess."""
    named: list[Order | None] = []
    if told.order_number:
        named.append(Order.objects.filter(order_number=told.order_number).first())
    if told.invoice_number:
        invoices = Invoice.objects.filter(kind=InvoiceKind.INVOICE.value)
        invoice = invoices.filter(number=told.invoice_number).select_related("order").first()
        named.append(invoice.order if invoice else None)
    if not named or None in named:
        return None, "ORDER_NOT_FOUND"
    if len(set(named)) > 1:
        return None, "ORDERS_DIFFER"
    return named[0], ""
