"""What is done about each thing that a gateway tells of an order, by the services of money."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from events.refusals import Refusal
from events.trail import Origin
from licenses.models import License
from licenses.services import lifecycle
from licenses.states import HoldCode, Status
from orders.gateways import EventType
from orders.models import EventState, GatewayEvent, Order, PaymentMethod
from orders.services import paying

ALREADY, OVERTAKEN = "ALREADY_APPLIED", "OVERTAKEN"
_ENDS = (EventType.DISPUTE_WON.value, EventType.DISPUTE_LOST.value)


class NotYet(Exception):
    """What has to come before it has not come; the text is the code of what is missing."""


def pay(event: GatewayEvent, *, at: datetime) -> str:
    """
    Record the payment; an approved order that it covers is fulfilled after the commit.

    :raises Refusal: whatever recording a payment refuses
    """
    order = _order_of(event)
    paying.record_payment(
        order_id=order.pk,
        amount=Decimal(event.facts["amount"]),
        currency=event.facts["currency"],
        method=PaymentMethod.OTHER,
        reference=event.reference,
        at=at,
        origin=_by(event),
    )
    return ""


def fail(event: GatewayEvent, *, at: datetime) -> str:
    """Note that a payment failed, unless one came since."""
    order = _order_of(event)
    since = _applied(event, EventType.PAYMENT_SUCCEEDED).filter(occurred_at__gte=event.occurred_at)
    noted = not since.exists() and paying.note_failure(order_id=order.pk, at=at, origin=_by(event))
    return "" if noted else OVERTAKEN


def refund(event: GatewayEvent, *, at: datetime) -> str:
    """
    Record what went back, once what came is known.

    :raises NotYet: if it is more than what is held of the order
    :raises CURRENCY_MISMATCH: if it is not in the order's currency
    :raises Refusal: whatever recording a refund refuses
    """
    order = _order_of(event)
    currency, amount = event.facts["currency"], Decimal(event.facts["amount"])
    if currency != order.currency:
        raise Refusal("CURRENCY_MISMATCH", currency=currency, expected=order.currency)
    if _applied(event, event.type).filter(reference=event.reference).exists():
        return ALREADY
    if amount > order.held_amount:
        raise NotYet("REFUND_EXCEEDS_PAID")
    paying.refund_order(
        order_id=order.pk, amount=amount, reason=_reason(event), at=at, origin=_by(event)
    )
    return ""


def open_dispute(event: GatewayEvent, *, at: datetime) -> str:
    """
    Hold what the order brought about until the dispute has ended.

    :raises NotYet: if it has brought about nothing yet
    """
    if _applied(event, event.type).filter(reference=event.reference).exists():
        return ALREADY
    licenses = _licenses_of(event)
    if not licenses:
        raise NotYet("ORDER_NOT_FULFILLED")
    for license in licenses:
        if license.status_at(at) != Status.REVOKED and not _is_held(license):
            lifecycle.suspend_license(
                license_id=license.pk,
                code=HoldCode.PAYMENT_DISPUTED,
                reason=_reason(event),
                at=at,
                origin=_by(event),
            )
    return ""


def win_dispute(event: GatewayEvent, *, at: datetime) -> str:
    """
    Lift the hold of a dispute, unless another one still is about the same licence.

    :raises NotYet: if the dispute is not known to have been opened
    """
    return ALREADY if _has_ended(event) else _let_go(event, at=at)


def lose_dispute(event: GatewayEvent, *, at: datetime) -> str:
    """
    Take all that is held of the order as given back, and do what the template says of that.

    :raises NotYet: if the dispute is not known to have been opened
    :raises REFUND_EXCEEDS_PAID: if nothing is held of it
    """
    if _has_ended(event):
        return ALREADY
    order = _order_of(event)
    paying.refund_order(order_id=order.pk, reason=_reason(event), at=at, origin=_by(event))
    return _let_go(event, at=at)


def _has_ended(event: GatewayEvent) -> bool:
    same = _settled(event).filter(reference=event.reference)
    if not same.filter(type=EventType.DISPUTE_OPENED.value).exists():
        raise NotYet("DISPUTE_NOT_OPENED")
    ended: bool = same.filter(type__in=_ENDS).exists()
    return ended


def _let_go(event: GatewayEvent, *, at: datetime) -> str:
    for license in _licenses_of(event):
        disputed = _is_held(license) and license.status_at(at) != Status.REVOKED
        if disputed and not _disputed_otherwise(license, event):
            lifecycle.reinstate_license(
                license_id=license.pk,
                code=HoldCode.PAYMENT_DISPUTED,
                reason=_reason(event),
                at=at,
                origin=_by(event),
            )
    return ""


def _disputed_otherwise(license: License, event: GatewayEvent) -> bool:
    """Whether another dispute about an order of the licence has not ended."""
    about = GatewayEvent.objects.filter(
        order__generated__license=license, state=EventState.APPLIED.value
    )
    named = ("gateway", "order_id", "reference")
    opened = set(about.filter(type=EventType.DISPUTE_OPENED.value).values_list(*named))
    ended = set(about.filter(type__in=_ENDS).values_list(*named))
    return bool(opened - ended - {(event.gateway, event.order_id, event.reference)})


def _is_held(license: License) -> bool:
    held: bool = license.holds.filter(code=HoldCode.PAYMENT_DISPUTED, lifted_at=None).exists()
    return held


def _licenses_of(event: GatewayEvent) -> list[License]:
    """
    Return what the order brought about, locked: a renewal's dispute is about the same licence.

    Two that end at once would each see the other open otherwise, and neither lift the hold.
    """
    brought = License.objects.filter(came_of__order=event.order_id).values("pk")
    # In one order for everybody, so that no two wait for each other.
    return list(License.objects.select_for_update().filter(pk__in=brought).order_by("pk"))


def _order_of(event: GatewayEvent) -> Order:
    """Return the order as it is now: messages before this one may have changed it."""
    assert event.order_id is not None  # noqa: S101 - whatever waits is about an order
    return Order.objects.get(pk=event.order_id)


def _settled(event: GatewayEvent) -> Any:
    same = {"gateway": event.gateway, "order_id": event.order_id}
    return GatewayEvent.objects.filter(state=EventState.APPLIED.value, **same)


def _applied(event: GatewayEvent, event_type: str) -> Any:
    return _settled(event).filter(type=str(event_type))


def _by(event: GatewayEvent) -> Origin:
    return Origin(actor_kind="gateway", actor_id=event.gateway, actor_label=event.gateway)


def _reason(event: GatewayEvent) -> str:
    return f"{event.gateway}: {event.type} {event.reference}".strip()


ACTS: dict[EventType, Callable[..., str]] = {
    EventType.PAYMENT_SUCCEEDED: pay,
    EventType.PAYMENT_FAILED: fail,
    EventType.REFUND_SUCCEEDED: refund,
    EventType.DISPUTE_OPENED: open_dispute,
    EventType.DISPUTE_WON: win_dispute,
    EventType.DISPUTE_LOST: lose_dispute,
}
