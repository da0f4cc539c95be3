"""Money: what came for an order, and what went back."""

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from events.refusals import Refusal, invalid
from events.trail import Origin
from licenses.services import lifecycle, reasons
from licenses.states import HoldCode, Status
from orders import pricing
from orders.models import Order, Payment, PaymentMethod, Refund
from orders.services import invoicing
from orders.services.ordering import fulfil_soon
from orders.services.quoting import MOST_MONEY
from orders.services.standing import lock_for, save, tell
from orders.states import Act, OrderKind, OrderStatus, PaymentStatus, RefundPolicy


@transaction.atomic
def record_payment(
    *,
    order_id: uuid.UUID,
    amount: Decimal,
    method: PaymentMethod,
    reference: str,
    at: datetime,
    origin: Origin,
    currency: str | None = None,
) -> Order:
    """
    Write down that money came for an order; the same reference again is the same payment.

    What comes beyond the total is a credit of the tenant's. A cancelled order owes it back.

    :raises ORDER_NOT_FOUND: if there is none
    :raises CURRENCY_MISMATCH: if it is not in the order's currency
    :raises VALIDATION_ERROR: if the amount cannot be, or came under this reference as another
    """
    order, _ = lock_for(Act.PAY, order_id)
    if currency is not None and currency != order.currency:
        raise Refusal("CURRENCY_MISMATCH", currency=currency, expected=order.currency)
    _check_amount(amount, order)
    if not reference.strip():
        raise invalid(reference="Say by what the payment is known.")
    known = order.payments.filter(reference=reference).first()
    if known is not None:
        if known.amount != amount:
            raise invalid(reference="A payment of another amount has this reference.")
        return order
    payment = Payment.objects.create(
        order=order,
        amount=amount,
        currency=order.currency,
        method=method.value,
        reference=reference,
        received_at=at,
    )
    before = order.payment_status
    order.paid_amount += payment.amount
    order.payment_failed_at = None
    save(order, at=at)
    tell(
        order,
        "payment.recorded",
        changes={
            "amount": (None, amount),
            "reference": (None, reference),
            "payment_status": (before, order.payment_status),
        },
        at=at,
        origin=origin,
    )
    invoicing.note_paid(order, at=at, origin=origin)
    invoicing.settle_credit(order, at=at)
    fulfil_soon(order)
    return order


@transaction.atomic
def refund_order(
    *,
    order_id: uuid.UUID,
    reason: str,
    at: datetime,
    origin: Origin,
    amount: Decimal | None = None,
    held: Decimal | None = None,
) -> Order:
    """
    Write down that money went back: all that is held of an order unless an amount is said.

    Whoever says what they saw to be `held` gives nothing back twice by sending a form twice.

    When all of it went back, the template's policy says what becomes of the licences; a part
    changes no right.

    :raises ORDER_NOT_FOUND: if there is none
    :raises VALIDATION_ERROR: if no reason is given, the amount cannot be, or another sum is held
    :raises REFUND_EXCEEDS_PAID: if it is more than what is held, or nothing is
    """
    reasons.demand(reason)
    order, _ = lock_for(Act.REFUND, order_id)
    if held is not None and held != order.held_amount:
        raise invalid(amount="Money came or went meanwhile: look at the order again.")
    held = order.held_amount
    if amount is None:
        amount = held
    else:
        _check_amount(amount, order)
    if amount > held or not held:
        raise Refusal("REFUND_EXCEEDS_PAID", held_amount=str(held), currency=order.currency)
    Refund.objects.create(
        order=order, amount=amount, currency=order.currency, reason=reason, refunded_at=at
    )
    before = order.payment_status
    order.refunded_amount += amount
    save(order, at=at)
    invoicing.credit(order, amount, reason=reason, at=at, origin=origin)
    invoicing.settle_credit(order, at=at)
    tell(
        order,
        "order.refunded",
        changes={"amount": (None, amount), "payment_status": (before, order.payment_status)},
        reason=reason,
        at=at,
        origin=origin,
    )
    if order.payment_status == PaymentStatus.REFUNDED and order.status == OrderStatus.FULFILLED:
        _take_back(order, at=at, origin=origin)
    return order


@transaction.atomic
def note_failure(*, order_id: uuid.UUID, at: datetime, origin: Origin) -> bool:
    """
    Write down that a payment for an order failed; return False if it is paid all the same.

    :raises ORDER_NOT_FOUND: if there is none
    """
    order, _ = lock_for(Act.PAY, order_id)
    if order.payment_status in (PaymentStatus.PAID, PaymentStatus.REFUNDED):
        return False
    before = order.payment_status
    order.payment_failed_at = at
    save(order, at=at)
    tell(
        order,
        "payment.failed",
        changes={"payment_status": (before, order.payment_status)},
        at=at,
        origin=origin,
    )
    return True


def _take_back(order: Order, *, at: datetime, origin: Origin) -> None:
    """Do to the licences of an order that was given back whole what its template says."""
    price = getattr(order.template, "pricing", None)
    policy = RefundPolicy(price.refund_policy) if price else RefundPolicy.REVOKE
    if policy == RefundPolicy.KEEP:
        return
    reason = f"Order {order.order_number} was refunded."
    # What an earlier order paid for is not taken for good because a later one was given back.
    revoke = policy == RefundPolicy.REVOKE and order.kind == OrderKind.NEW
    for generated in order.generated.select_related("license"):
        license = generated.license
        said: dict[str, Any] = {
            "license_id": license.pk,
            "reason": reason,
            "at": at,
            "origin": origin,
        }
        if license.status_at(at) == Status.REVOKED:
            continue
        if revoke:
            lifecycle.revoke_license(**said)
        elif not license.holds.filter(code=HoldCode.REFUNDED, lifted_at=None).exists():
            lifecycle.suspend_license(code=HoldCode.REFUNDED, **said)


def _check_amount(amount: Decimal, order: Order) -> None:
    if not 0 < amount < MOST_MONEY:
        raise invalid(amount="More than 0, and no more than can be invoiced.")
    if amount != pricing.to_minor_unit(amount, order.currency):
        decimals = pricing.decimals_of(order.currency)
        raise invalid(amount=f"{order.currency} has {decimals} decimals.")
