"""Approving, fulfilling and cancelling."""

import uuid
from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from events.refusals import Refusal
from events.trail import Origin
from licenses.services import reasons
from orders.models import GeneratedLicense, Order
from orders.services import invoicing
from orders.services.producing import produce
from orders.services.standing import lock_for, move
from orders.states import Act, Fulfillment, OrderStatus

# What fulfils an order once the transaction is committed; the tasks put themselves here.
on_ready: list[Callable[[str], object]] = []


@transaction.atomic
def approve_order(*, order_id: uuid.UUID, notes: str = "", at: datetime, origin: Origin) -> Order:
    """
    Approve an order and open its invoice; one that is approved already is returned as it is.

    :raises ORDER_NOT_FOUND: if there is none
    :raises ILLEGAL_STATUS_CHANGE: if it is fulfilled or cancelled
    """
    order, to_do = lock_for(Act.APPROVE, order_id)
    if to_do:
        move(order, OrderStatus.APPROVED, notes=notes, at=at, origin=origin)
        invoicing.open_invoice(order, at=at, origin=origin)
        fulfil_soon(order)
    return order


@transaction.atomic
def fulfil_order(*, order_id: uuid.UUID, at: datetime, origin: Origin) -> Order:
    """
    Bring about all that an order is for, or nothing; one that is fulfilled is returned as it is.

    :raises ORDER_NOT_FOUND: if there is none
    :raises ILLEGAL_STATUS_CHANGE: if it is not approved
    :raises ORDER_NOT_PAID: if it is not paid, costs something, and the tenant has no terms
    :raises Refusal: whatever issuing, renewing or upgrading such a licence refuses
    """
    order, to_do = lock_for(Act.FULFIL, order_id)
    if not to_do:
        return order
    if not order.is_covered:
        raise Refusal(
            "ORDER_NOT_PAID",
            payment_status=order.payment_status.value,
            total_amount=str(order.total_amount),
            paid_amount=str(order.paid_amount),
            currency=order.currency,
        )
    for position, license in enumerate(produce(order, at=at, origin=origin), 1):
        # Each beside its licence: whoever comes here twice fails before the second one is out.
        GeneratedLicense.objects.create(order=order, position=position, license=license)
    move(order, OrderStatus.FULFILLED, at=at, origin=origin)
    return order


@transaction.atomic
def cancel_order(*, order_id: uuid.UUID, reason: str, at: datetime, origin: Origin) -> Order:
    """
    Cancel an order that is not fulfilled; what was paid for it is owed back from then on.

    :raises VALIDATION_ERROR: if no reason is given
    :raises ORDER_NOT_FOUND: if there is none
    :raises ILLEGAL_STATUS_CHANGE: if it is fulfilled or cancelled
    """
    reasons.demand(reason)
    order, _ = lock_for(Act.CANCEL, order_id)
    move(order, OrderStatus.CANCELLED, notes=reason, at=at, origin=origin)
    invoicing.settle_credit(order, at=at)
    invoicing.void_unpaid(order, at=at, origin=origin)
    return order


def fulfil_soon(order: Order) -> None:
    """Let an order that waits for nothing else be fulfilled after the commit."""
    automatic = order.fulfillment_method == Fulfillment.AUTO
    if automatic and order.status == OrderStatus.APPROVED and order.is_covered:
        # A queue that is away fails nobody's act: the job finds the order some minutes later.
        transaction.on_commit(lambda: _start(order), robust=True)


def _start(order: Order) -> None:
    for start in on_ready:
        start(str(order.pk))
