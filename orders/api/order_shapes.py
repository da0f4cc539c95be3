"""What is read and shown of an order."""

from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.shapes import Choice, Moment, Number, Shown, Text, Whole
from licenses.api.license_shapes import FeatureOfLicenseGiven, RestrictionGiven
from licenses.restrictions import shown_values
from orders.api.template_shapes import BandGiven
from orders.models import Order, PaymentMethod
from orders.models.order import FULFILLMENT, KIND, PAYMENT_STATUS, STATUS
from orders.models.order_parts import LINE_KIND
from orders.models.pricing import BILLING_CYCLE
from orders.services.prices import restored

_LARGEST = 2**31 - 1


class CustomFeatureShown(Shown):
    feature_id = serializers.CharField()
    feature_name = serializers.CharField()
    enabled = serializers.BooleanField()
    limit_value = Number(required=False)
    limit_type = serializers.CharField(required=False)
    expires_at = Moment(required=False)


class CustomRestrictionShown(Shown):
    restriction_type = serializers.CharField()
    operator = serializers.CharField()
    values = serializers.ListField(child=serializers.CharField())


class BandOverrideShown(Shown):
    min_quantity = serializers.IntegerField()
    max_quantity = serializers.IntegerField(required=False)
    discount_percentage = Number()
    discount_amount = Number(required=False)


class OverrideShown(Shown):
    base_price = Number(required=False)
    currency = serializers.CharField(required=False)
    billing_cycle = serializers.CharField(required=False)
    per_seat_price = Number(required=False)
    maintenance_percentage = Number(required=False)
    volume_discounts = BandOverrideShown(source="bands", many=True, required=False)

    def to_representation(self, order: Order) -> dict[str, Any]:
        if not order.pricing_override:
            return {}
        shown = super().to_representation(restored(order.price))
        return {name: value for name, value in shown.items() if name in order.pricing_override}


class LineShown(Shown):
    kind = serializers.ChoiceField(choices=LINE_KIND)
    quantity = serializers.IntegerField()
    cycles = serializers.IntegerField()
    unit_price = Number(required=False)
    amount = Number()


class PaymentShown(Shown):
    id = serializers.UUIDField()
    amount = Number()
    currency = serializers.CharField()
    method = serializers.ChoiceField(choices=PaymentMethod.choices)
    reference = serializers.CharField()
    received_at = Moment()


class RefundShown(Shown):
    id = serializers.UUIDField()
    amount = Number()
    currency = serializers.CharField()
    reason = serializers.CharField()
    refunded_at = Moment()


class StepShown(Shown):
    status = serializers.ChoiceField(choices=STATUS)
    at = Moment()
    actor_kind = serializers.CharField()
    notes = serializers.CharField(required=False)


class OrderShown(Shown):
    id = serializers.UUIDField()
    order_number = serializers.CharField()
    kind = serializers.ChoiceField(choices=KIND)
    tenant_id = serializers.UUIDField()
    customer_id = serializers.UUIDField(required=False)
    reseller_id = serializers.UUIDField(required=False)
    template_id = serializers.UUIDField()
    license_id = serializers.UUIDField(required=False)
    quantity = serializers.IntegerField()
    custom_features = serializers.SerializerMethodField()
    custom_restrictions = serializers.SerializerMethodField()
    duration_override = serializers.IntegerField(required=False)
    pricing_override = OverrideShown(source="*", required=False)
    special_instructions = Text(required=False)
    status = serializers.ChoiceField(choices=STATUS)
    payment_status = serializers.ChoiceField(choices=PAYMENT_STATUS)
    fulfillment_method = serializers.ChoiceField(choices=FULFILLMENT)
    currency = serializers.CharField()
    lines = LineShown(source="lines.all", many=True)
    list_amount = Number()
    discount_applied = Number()
    maintenance_amount = Number()
    tax_amount = Number()
    tax_note = Text(required=False)
    total_amount = Number()
    paid_amount = Number()
    refunded_amount = Number()
    refund_owed = Number()
    payments = PaymentShown(source="payments.all", many=True)
    refunds = RefundShown(source="refunds.all", many=True)
    generated_licenses = serializers.SerializerMethodField()
    invoice_id = serializers.SerializerMethodField(required=False)
    status_history = StepShown(source="steps.all", many=True)
    created_at = Moment()
    updated_at = Moment()
    approved_at = Moment(required=False)
    fulfilled_at = Moment(required=False)
    cancelled_at = Moment(required=False)

    @extend_schema_field(CustomFeatureShown(many=True))
    def get_custom_features(self, order: Order) -> list[dict[str, Any]]:
        shown = [
            {"feature_name": feature["feature_id"], "enabled": True}
            | feature
            | {"expires_at": _moment(feature.get("expires_at"))}
            | {"limit_value": _number(feature.get("limit_value"))}
            for feature in order.custom_features
        ]
        return [
            {name: value for name, value in feature.items() if value not in (None, "")}
            for feature in shown
        ]

    @extend_schema_field(CustomRestrictionShown(many=True))
    def get_custom_restrictions(self, order: Order) -> list[dict[str, Any]]:
        return [
            {
                "restriction_type": row["restriction_type"],
                "operator": row["operator"],
                "values": shown_values(row["restriction_type"], row["values"]),
            }
            for row in order.custom_restrictions
        ]

    @extend_schema_field(serializers.ListField(child=serializers.UUIDField()))
    def get_generated_licenses(self, order: Order) -> list[str]:
        return [str(row.license_id) for row in order.generated.all()]

    @extend_schema_field(serializers.UUIDField(required=False))
    def get_invoice_id(self, order: Order) -> str | None:
        if not self.context["view"].shows_invoices_of(order):
            return None
        # Ids follow time: the first is the invoice, those behind it are credit notes.
        ids = sorted(row.pk for row in order.invoices.all())
        return str(ids[0]) if ids else None


class OverrideGiven(serializers.Serializer):
    base_price = Number(required=False)
    currency = Text(required=False, min_length=3, max_length=3)
    billing_cycle = Choice(required=False, choices=BILLING_CYCLE)
    per_seat_price = Number(required=False, allow_null=True)
    maintenance_percentage = Number(required=False, allow_null=True)
    volume_discounts = serializers.ListField(
        child=BandGiven(), required=False, max_length=100, allow_null=True
    )


class QuoteGiven(serializers.Serializer):
    template_id = Text(required=False, max_length=100)
    quantity = Whole(required=False, min_value=1, max_value=_LARGEST)
    pricing_override = OverrideGiven(required=False)
    duration_override = Whole(required=False, min_value=1, max_value=36_500)
    kind = Choice(required=False, choices=KIND)
    license_id = Text(
        required=False, max_length=100, help_text="What a RENEWAL or an UPGRADE is about."
    )
    customer_id = Text(required=False, max_length=100)
    tenant_id = Text(required=False, max_length=100)


class OrderGiven(QuoteGiven):
    """Of money only an override is read: totals, payments and licences are ours to say."""

    reseller_id = Text(required=False, max_length=100)
    fulfillment_method = Choice(required=False, choices=FULFILLMENT)
    custom_features = serializers.ListField(
        child=FeatureOfLicenseGiven(), required=False, max_length=1000
    )
    custom_restrictions = serializers.ListField(
        child=RestrictionGiven(), required=False, max_length=1000
    )
    special_instructions = Text(required=False, max_length=4000, allow_blank=True)


class QuoteShown(Shown):
    currency = serializers.CharField()
    lines = LineShown(many=True)
    cycles = serializers.IntegerField()
    subtotal = Number(help_text="The list price: before discount, maintenance and tax.")
    discount = Number()
    maintenance = Number()
    tax = Number()
    tax_note = Text(required=False)
    total = Number()


def _moment(text: str | None) -> str | None:
    found: datetime | None = parse_datetime(text) if text else None
    return Moment().to_representation(found) if found else None


def _number(text: Any) -> int | float | None:
    return None if text is None else Number().to_representation(Number().to_internal_value(text))
