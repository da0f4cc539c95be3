"""Every act upon an order as a page of its own: what it does, and the service that does it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.admin.refusals import WORDS
from events.trail import Origin
from orders.admin.act_forms import NotesForm, OrderForm, PaymentForm, ReasonForm, RefundForm
from orders.models import Order, PaymentMethod
from orders.services import ordering, paying
from orders.states import ACTS, Act, OrderStatus, Ruling

Words = str | Promise
Run = Callable[[Order, Mapping[str, Any], datetime, Origin], Order]

WORDS.update(
    {
        "ORDER_NOT_FOUND": _("There is no such order."),
        "ORDER_NOT_PAID": _(
            "It is not paid, and the tenant has no payment terms. Record the payment first."
        ),
        "REFUND_EXCEEDS_PAID": _("No more goes back than is held of this order."),
        "CURRENCY_MISMATCH": _("The order is in another currency."),
    }
)
IMPOSSIBLE = _("The order's status does not allow this. Nothing was changed.")


@dataclass(frozen=True, slots=True)
class ActPage:
    """One act: how it is named, what it will do, who may, and the service that does it."""

    act: Act
    label: Words
    effect: Words
    done: Words
    run: Run
    scope: str
    form: type[OrderForm] = ReasonForm
    grave: bool = False
    # Whether the service would refuse this order for a reason beside its status.
    fits: Callable[[Order], bool] = field(default=lambda order: True)

    @property
    def name(self) -> str:
        return self.act.value

    def possible(self, order: Order) -> bool:
        """Say whether the button stands on the order's page."""
        return ACTS[self.act][OrderStatus(order.status)] == Ruling.ALLOWED and self.fits(order)


def _approve(order: Order, stated: Mapping[str, Any], at: datetime, origin: Origin) -> Order:
    return ordering.approve_order(order_id=order.pk, notes=stated["notes"], at=at, origin=origin)


def _fulfil(order: Order, stated: Mapping[str, Any], at: datetime, origin: Origin) -> Order:
    return ordering.fulfil_order(order_id=order.pk, at=at, origin=origin)


def _cancel(order: Order, stated: Mapping[str, Any], at: datetime, origin: Origin) -> Order:
    return ordering.cancel_order(order_id=order.pk, reason=stated["reason"], at=at, origin=origin)


def _pay(order: Order, stated: Mapping[str, Any], at: datetime, origin: Origin) -> Order:
    return paying.record_payment(
        order_id=order.pk,
        amount=stated["amount"],
        method=PaymentMethod(stated["method"]),
        reference=stated["reference"],
        at=at,
        origin=origin,
    )


def _refund(order: Order, stated: Mapping[str, Any], at: datetime, origin: Origin) -> Order:
    return paying.refund_order(
        order_id=order.pk,
        amount=stated["amount"],
        held=stated["held"],
        reason=stated["reason"],
        at=at,
        origin=origin,
    )


ACT_PAGES = {
    page.name: page
    for page in (
        ActPage(
            act=Act.APPROVE,
            label=_("Approve"),
            effect=_(
                "Its invoice is opened. An order that is fulfilled at once is so as soon as it is "
                "paid, or now if the tenant has payment terms."
            ),
            done=_("Approved."),
            run=_approve,
            scope="orders:approve",
            form=NotesForm,
        ),
        ActPage(
            act=Act.FULFIL,
            label=_("Fulfil"),
            effect=_("Everything it is for is issued, renewed or upgraded: all of it, once."),
            done=_("Fulfilled."),
            run=_fulfil,
            scope="orders:approve",
            form=OrderForm,
        ),
        ActPage(
            act=Act.PAY,
            label=_("Record a payment"),
            effect=_(
                "Write down money that came. What is beyond the total is a credit of the tenant's; "
                "a cancelled order owes it back."
            ),
            done=_("The payment is recorded."),
            run=_pay,
            scope="payments:write",
            form=PaymentForm,
        ),
        ActPage(
            act=Act.REFUND,
            label=_("Record a refund"),
            effect=_(
                "Write down money that went back. A part changes no right; once all went back, the "
                "template says whether the licences end."
            ),
            done=_("The refund is recorded."),
            run=_refund,
            scope="payments:write",
            form=RefundForm,
            grave=True,
            fits=lambda order: order.held_amount > 0,
        ),
        ActPage(
            act=Act.CANCEL,
            label=_("Cancel the order"),
            effect=_("It is never fulfilled. What was paid for it is owed back."),
            done=_("Cancelled."),
            run=_cancel,
            scope="orders:write",
            grave=True,
        ),
    )
}
