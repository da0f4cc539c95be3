"""What is done to an order: approving, fulfilling, cancelling, paying, giving back."""

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.shapes import Choice, Number, Text
from orders.api.orders import OrderView
from orders.models import PaymentMethod
from orders.services.ordering import approve_order, cancel_order, fulfil_order
from orders.services.paying import record_payment, refund_order


class ApprovalGiven(serializers.Serializer):
    approval_notes = Text(required=False, max_length=2000, allow_blank=True)


class NothingGiven(serializers.Serializer):
    """Nothing is asked for; what is sent is ignored."""


class CancelGiven(serializers.Serializer):
    reason = Text(max_length=2000)


class PaymentGiven(serializers.Serializer):
    amount = Number()
    currency = Text(required=False, min_length=3, max_length=3)
    method = Choice(choices=PaymentMethod.choices)
    reference = Text(
        max_length=200, help_text="Unique within the order: a repeat is the same payment."
    )


class RefundGiven(serializers.Serializer):
    amount = Number(required=False, help_text="All that is held of the order, if left out.")
    reason = Text(max_length=2000)


class ApproveOrder(OrderView):
    """Approve an order and open its invoice; approving it again changes nothing."""

    scope = "orders:approve"
    Input = ApprovalGiven

    def post(self, request: Request, order_id: str) -> Response:
        order = self.own_order(order_id)
        notes = self.read().get("approval_notes", "")
        return self.whole(
            approve_order(order_id=order.pk, notes=notes, at=self.at, origin=self.origin)
        )


class FulfillOrder(OrderView):
    """Issue, renew or upgrade what an order is for: all of it, once."""

    scope = "orders:approve"
    Input = NothingGiven

    def post(self, request: Request, order_id: str) -> Response:
        order = self.own_order(order_id)
        return self.whole(fulfil_order(order_id=order.pk, at=self.at, origin=self.origin))


class CancelOrder(OrderView):
    """Cancel an order that is not fulfilled; what was paid for it is owed back."""

    scope = "orders:write"
    Input = CancelGiven

    def post(self, request: Request, order_id: str) -> Response:
        order = self.own_order(order_id)
        reason = self.read()["reason"]
        return self.whole(
            cancel_order(order_id=order.pk, reason=reason, at=self.at, origin=self.origin)
        )


class RecordPayment(OrderView):
    """Write down that money came for an order."""

    scope = "payments:write"
    Input = PaymentGiven

    def post(self, request: Request, order_id: str) -> Response:
        order = self.own_order(order_id)
        given = self.read()
        given["method"] = PaymentMethod(given["method"])
        return self.whole(
            record_payment(order_id=order.pk, at=self.at, origin=self.origin, **given)
        )


class RefundOrder(OrderView):
    """Write down that money went back: when all did, the template's policy follows."""

    scope = "payments:write"
    Input = RefundGiven

    def post(self, request: Request, order_id: str) -> Response:
        order = self.own_order(order_id)
        return self.whole(
            refund_order(order_id=order.pk, at=self.at, origin=self.origin, **self.read())
        )
