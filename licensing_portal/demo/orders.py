"""Orders of the demo: most of them done, some at which somebody has yet to look."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from licensing_portal.demo import cast
from licensing_portal.demo.stage import Happening, Stage
from orders.models import Order, PaymentMethod
from orders.services.ordering import approve_order, cancel_order, fulfil_order
from orders.services.paying import record_payment, refund_order
from orders.services.placing import OrderRequest, place_order
from orders.states import Fulfillment


@dataclass(frozen=True, slots=True)
class Ordered:
    """Who ordered which size of what, how many days ago, and what came of it when."""

    buyer: int
    product_id: str
    tier: int
    placed: float
    quantity: int = 1
    approved: float | None = None
    fulfilled: float | None = None
    paid: float | None = None
    # Of the total.
    share: Decimal = Decimal(1)
    refunded: float | None = None
    cancelled: float | None = None
    method: PaymentMethod = PaymentMethod.BANK_TRANSFER
    instructions: str = ""


ORDERED: Sequence[Ordered] = (
    Ordered(0, "strata-desktop", 1, 96.2, 2, 95.9, 95.8, 71.3),
    Ordered(3, "fieldbook", 0, 64.5, 4, 64.4, 64.3, 64.35, method=PaymentMethod.CARD),
    Ordered(2, "strata-viewer", 1, 40.1, 1, 39.7, 39.6, 31.2, refunded=12.4),
    Ordered(5, "strata-desktop", 0, 27.3, 1, cancelled=25.1),
    Ordered(1, "strata-compute", 1, 18.6, 1, 17.9, 17.8),
    Ordered(4, "fieldbook", 1, 9.2, 3, 8.8, paid=3.1, share=Decimal("0.5")),
    Ordered(
        0, "strata-viewer", 0, 1.4, 5,
        instructions="Please put our purchase order 4500-7731 on the invoice.",
    ),
    Ordered(6, "strata-desktop", 1, 0.3, 1),
)  # fmt: skip


def ordered_when(stage: Stage) -> Iterator[tuple[float, Happening]]:
    """Tell how many days ago what happens; of one order in this order."""
    for number, each in enumerate(ORDERED, 1):
        told = _Told(stage, each, number)
        acts = (
            (each.placed, told.place),
            (each.approved, told.approve),
            (each.cancelled, told.cancel),
            (each.paid, told.pay),
            (each.fulfilled, told.fulfil),
            (each.refunded, told.refund),
        )
        for days_ago, act in acts:
            if days_ago is not None:
                yield days_ago, act


class _Told:
    """One order from its placing on."""

    def __init__(self, stage: Stage, ordered: Ordered, number: int) -> None:
        self.stage = stage
        self.ordered = ordered
        self.number = number
        self.order_id = uuid.UUID(int=0)

    def place(self, at: datetime) -> None:
        wanted = self.ordered
        customer, _ = self.stage.customers[wanted.buyer % len(self.stage.customers)]
        request = OrderRequest(
            tenant_id=customer.tenant_id,
            customer_id=customer.pk,
            template_id=self.stage.templates[wanted.product_id][wanted.tier].pk,
            quantity=wanted.quantity,
            fulfillment_method=Fulfillment.MANUAL,
            special_instructions=wanted.instructions,
        )
        self.order_id = place_order(request=request, at=at, origin=cast.SALES).pk

    def approve(self, at: datetime) -> None:
        approve_order(order_id=self.order_id, at=at, origin=cast.SALES)

    def fulfil(self, at: datetime) -> None:
        fulfil_order(order_id=self.order_id, at=at, origin=cast.SALES)

    def pay(self, at: datetime) -> None:
        order = Order.objects.get(pk=self.order_id)
        record_payment(
            order_id=order.pk,
            amount=(order.total_amount * self.ordered.share).quantize(Decimal("0.01")),
            method=self.ordered.method,
            reference=f"TV-{at:%y%m%d}-{self.number:03}",
            at=at,
            origin=cast.BILLING,
        )

    def refund(self, at: datetime) -> None:
        order = Order.objects.get(pk=self.order_id)
        refund_order(
            order_id=order.pk,
            amount=(order.total_amount / 4).quantize(Decimal("0.01")),
            reason="A quarter back: the import of old surveys came three months late.",
            at=at,
            origin=cast.SALES,
        )

    def cancel(self, at: datetime) -> None:
        reason = "Ordered by mistake: they meant to renew."
        cancel_order(order_id=self.order_id, reason=reason, at=at, origin=cast.SALES)
