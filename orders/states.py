"""Statuses of an order, the acts upon it, and the one table that says which act is legal when."""

from decimal import Decimal
from enum import StrEnum


class OrderKind(StrEnum):
    """What is bought: a right of its own, more time, or more of a right that there is."""

    NEW = "NEW"
    RENEWAL = "RENEWAL"
    UPGRADE = "UPGRADE"


class OrderStatus(StrEnum):
    """How far an order has come."""

    PENDING = "PENDING"
    APPROVED = "APPROVED"
    FULFILLED = "FULFILLED"
    CANCELLED = "CANCELLED"


class PaymentStatus(StrEnum):
    """What of an order is paid; it follows from the payments and is never chosen."""

    PENDING = "PENDING"
    PARTIAL = "PARTIAL"
    PAID = "PAID"
    FAILED = "FAILED"
    REFUNDED = "REFUNDED"


class Fulfillment(StrEnum):
    """When an order that may be fulfilled is: at once, by a person, or by night."""

    AUTO = "AUTO"
    MANUAL = "MANUAL"
    BATCH = "BATCH"


class InvoiceStatus(StrEnum):
    """What became of an invoice."""

    DRAFT = "DRAFT"
    OPEN = "OPEN"
    PAID = "PAID"
    VOID = "VOID"
    UNCOLLECTIBLE = "UNCOLLECTIBLE"


class InvoiceKind(StrEnum):
    """Whether somebody is to pay, or is given back."""

    INVOICE = "INVOICE"
    CREDIT_NOTE = "CREDIT_NOTE"


class RefundPolicy(StrEnum):
    """What becomes of a licence when all that was paid for it was given back."""

    REVOKE = "REVOKE"
    SUSPEND = "SUSPEND"
    KEEP = "KEEP"


class Act(StrEnum):
    """What can be done to an order."""

    APPROVE = "approve"
    FULFIL = "fulfil"
    CANCEL = "cancel"
    PAY = "pay"
    REFUND = "refund"


class Ruling(StrEnum):
    """What the table says of an act."""

    ALLOWED = "ALLOWED"
    # It was done: whoever asks again is answered the same order.
    DONE = "DONE"
    ILLEGAL = "ILLEGAL_STATUS_CHANGE"


_P, _A, _F, _C = OrderStatus
_ALL = dict.fromkeys(OrderStatus, Ruling.ALLOWED)

ACTS: dict[Act, dict[OrderStatus, Ruling]] = {
    Act.APPROVE: {
        _P: Ruling.ALLOWED, _A: Ruling.DONE, _F: Ruling.ILLEGAL, _C: Ruling.ILLEGAL,
    },
    Act.FULFIL: {
        _P: Ruling.ILLEGAL, _A: Ruling.ALLOWED, _F: Ruling.DONE, _C: Ruling.ILLEGAL,
    },
    Act.CANCEL: {
        _P: Ruling.ALLOWED, _A: Ruling.ALLOWED, _F: Ruling.ILLEGAL, _C: Ruling.ILLEGAL,
    },
    # Money that came or went did so, whatever the order's status; what a cancelled order has
    # received is owed back.
    Act.PAY: _ALL,
    Act.REFUND: _ALL,
}  # fmt: skip


def payment_status(
    *, total: Decimal, paid: Decimal, refunded: Decimal, failed: bool
) -> PaymentStatus:
    """Return what of an order is paid; a refund of a part leaves it paid."""
    if refunded and refunded >= paid:
        return PaymentStatus.REFUNDED
    if paid >= total:
        return PaymentStatus.PAID
    if paid:
        return PaymentStatus.PARTIAL
    return PaymentStatus.FAILED if failed else PaymentStatus.PENDING
