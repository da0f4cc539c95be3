"""Systems that tell us of money: each proves who it is, and says what happened."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol


class EventType(StrEnum):
    """What a gateway may tell and is acted upon; all else is kept and left alone."""

    PAYMENT_SUCCEEDED = "payment.succeeded"
    PAYMENT_FAILED = "payment.failed"
    REFUND_SUCCEEDED = "refund.succeeded"
    DISPUTE_OPENED = "dispute.opened"
    DISPUTE_WON = "dispute.won"
    DISPUTE_LOST = "dispute.lost"
    SUBSCRIPTION_CREATED = "subscription.created"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One thing that happened, as a gateway told it; `event_id` is the gateway's own."""

    event_id: str
    type: str
    occurred_at: datetime
    invoice_number: str = ""
    order_number: str = ""
    amount: Decimal | None = None
    currency: str = ""
    reference: str = ""

    def facts(self) -> dict[str, Any]:
        """Return all of it in the form in which it is kept, and known again."""
        return {
            "type": self.type,
            "occurred_at": self.occurred_at.isoformat(),
            "invoice_number": self.invoice_number,
            "order_number": self.order_number,
            "amount": None if self.amount is None else f"{self.amount.normalize():f}",
            "currency": self.currency,
            "reference": self.reference,
        }


class Gateway(Protocol):
    """A system that tells us of money by messages."""

    name: str

    def is_open(self) -> bool:
        """Whether this installation takes its messages."""

    def verify(self, body: bytes, headers: Mapping[str, str], at: datetime) -> list[Told]:
        """
        Return what a message tells, once it is proved whose it is.

        :raises INVALID_SIGNATURE: if it is not the gateway's, or too old or too new
        :raises VALIDATION_ERROR: if it is, and tells nothing that can be understood
        """
