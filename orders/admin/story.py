"""What an order's page shows, and an order's card on a licence's page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest

from accounts.admin.base import may
from accounts.models import User
from licenses.models import License
from orders.admin import chips
from orders.admin.acts import ACT_PAGES
from orders.models import GeneratedLicense, Order, OrderStep
from orders.selectors.money import in_words
from orders.states import Act

# One order may issue a thousand.
_LICENSES_SHOWN = 50
_ORDERS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table: what it is, and how much, in words."""

    row: Any
    amount: str
    each: str = ""


def facts_of(order: Order, request: HttpRequest) -> dict[str, Any]:
    """Give all that the page of an order draws."""
    generated = list(order.generated.select_related("license")[: _LICENSES_SHOWN + 1])
    acts = [act for act in ACT_PAGES.values() if act.possible(order) and may(request, act.scope)]
    plain = [act for act in acts if not act.grave]
    # Money may come at any time; it is the way on only while some is wanted.
    wanted = order.paid_amount < order.total_amount
    return {
        "order": order,
        "chip": chips.of_order(order),
        "paid": chips.of_payment(order),
        "acts": plain,
        "way_on": next((act for act in plain if act.act != Act.PAY or wanted), None),
        "grave_acts": [act for act in acts if act.grave],
        "lines": _priced(order.lines.all(), order.currency),
        "sums": _sums(order),
        "payments": _priced(order.payments.all(), order.currency),
        "refunds": _priced(order.refunds.all(), order.currency),
        "invoices": [
            (Line(row, in_words(row.amount, row.currency)), chips.of_invoice(row))
            for row in order.invoices.order_by("opened_at", "id")
        ],
        "licenses": [row.license for row in generated[:_LICENSES_SHOWN]],
        "more_licenses": len(generated) > _LICENSES_SHOWN,
        "steps": _steps(order),
        "may_see_license": may(request, "licenses:read"),
        "may_see_customer": may(request, "customers:read"),
    }


def shown_of(license: License, at: datetime) -> dict[str, Any] | None:
    """Give the newest orders of a licence for its page; None if there are none."""
    newest = list(orders_of(license.pk).order_by("-id")[: _ORDERS_SHOWN + 1])
    if not newest:
        return None
    shown = [
        (order, chips.of_order(order), chips.of_payment(order), total_of(order))
        for order in newest[:_ORDERS_SHOWN]
    ]
    return {"orders": shown, "more": len(newest) > _ORDERS_SHOWN, "license": license}


def orders_of(license_id: UUID) -> Any:
    """Give the orders that made, renewed or upgraded a licence, or are to."""
    made = GeneratedLicense.objects.filter(order=OuterRef("pk"), license=license_id)
    return Order.objects.filter(Q(license=license_id) | Exists(made))


def total_of(order: Order) -> str:
    """Give what an order costs, in words."""
    return in_words(order.total_amount, order.currency)


def _priced(rows: Iterable[Any], currency: str) -> list[Line]:
    return [
        Line(
            row,
            in_words(row.amount, currency),
            in_words(row.unit_price, currency) if getattr(row, "unit_price", None) else "",
        )
        for row in rows
    ]


def _sums(order: Order) -> dict[str, str]:
    shown = {
        "total": order.total_amount,
        "paid": order.paid_amount,
        "refunded": order.refunded_amount,
        "owed": order.refund_owed,
    }
    return {name: in_words(amount, order.currency) for name, amount in shown.items() if amount}


def _steps(order: Order) -> list[tuple[OrderStep, str]]:
    """Give the steps, the newest first, with who took each: staff by name."""
    steps = list(order.steps.all())[::-1]
    ids = {step.actor_id for step in steps if step.actor_kind == "staff" and _is_id(step.actor_id)}
    people = {str(user.pk): str(user) for user in User.objects.filter(pk__in=ids)}
    return [(step, people.get(step.actor_id) or step.actor_kind) for step in steps]


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
