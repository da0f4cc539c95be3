"""What is read and shown of a template and its price."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.shapes import Choice, Flag, Moment, Number, Shown, Text, Whole
from licenses.models import LicenseTemplate, labels
from licenses.terms import MOST_BORROW_DAYS
from orders.models.pricing import BILLING_CYCLE, REFUND_POLICY

_LARGEST = 2**31 - 1


class TemplateFeatureShown(Shown):
    feature_id = serializers.CharField()
    feature_name = serializers.CharField()
    included = serializers.BooleanField()
    default_limit = Number(required=False)
    configurable = serializers.BooleanField()
    required = serializers.BooleanField()  # type: ignore[assignment]


class TemplateRestrictionShown(Shown):
    restriction_type = serializers.CharField()
    operator = serializers.CharField()
    configurable = serializers.BooleanField()
    default_values = serializers.ListField(
        source="shown_values", child=serializers.CharField(), required=False
    )


class BandShown(Shown):
    min_quantity = serializers.IntegerField()
    max_quantity = serializers.IntegerField(required=False)
    discount_percentage = Number()
    discount_amount = Number(required=False)


class PricingShown(Shown):
    base_price = Number()
    currency = serializers.CharField()
    billing_cycle = serializers.CharField()
    per_seat_price = Number(required=False)
    maintenance_percentage = Number(required=False)
    keep_price = serializers.BooleanField()
    refund_policy = serializers.CharField()
    volume_discounts = BandShown(source="volume_discounts.all", many=True)


class TemplateShown(Shown):
    id = serializers.UUIDField()
    template_name = serializers.CharField()
    product_id = serializers.CharField(source="product.product_id")
    description = serializers.CharField()
    license_type = serializers.CharField()
    license_model = serializers.CharField()
    default_duration = serializers.IntegerField()
    max_activations = serializers.IntegerField()
    overage = serializers.CharField()
    expiry_basis = serializers.CharField(required=False)
    features = TemplateFeatureShown(source="features.all", many=True)
    restrictions = serializers.SerializerMethodField()
    pricing = PricingShown(required=False)
    auto_renewal_enabled = serializers.BooleanField()
    trial_allowed = serializers.BooleanField()
    trial_duration_days = serializers.IntegerField()
    grace_period_days = serializers.IntegerField()
    heartbeat_interval_seconds = serializers.IntegerField()
    lease_seconds = serializers.IntegerField(required=False)
    max_borrow_days = serializers.IntegerField(required=False)
    require_heartbeat = serializers.BooleanField()
    self_service = serializers.CharField()
    bind_on_first_activation = serializers.CharField(required=False)
    releases_per_30_days = serializers.IntegerField(required=False)
    key_scheme = serializers.CharField(required=False)
    key_prefix = serializers.CharField(required=False)
    reserved_for = serializers.UUIDField(source="reserved_for_id", required=False)
    active = serializers.BooleanField()
    created_at = Moment()
    updated_at = Moment()

    def to_representation(self, template: LicenseTemplate) -> dict[str, Any]:
        shown = super().to_representation(template)
        shown["features"].sort(key=lambda feature: self._places(template)[feature["feature_id"]])
        return shown

    @extend_schema_field(TemplateRestrictionShown(many=True))
    def get_restrictions(self, template: LicenseTemplate) -> list[dict[str, Any]]:
        rows = sorted(template.restrictions.all(), key=lambda row: (row.position, row.pk))
        shown: list[dict[str, Any]] = TemplateRestrictionShown(rows, many=True).data
        return shown

    def _places(self, template: LicenseTemplate) -> dict[str, int]:
        return {row.feature_id: row.position for row in template.features.all()}


class TemplateFeatureGiven(serializers.Serializer):
    feature_id = Text(max_length=50)
    feature_name = Text(required=False, max_length=200, allow_blank=True)
    included = Flag(required=False)
    default_limit = Number(required=False, allow_null=True)
    configurable = Flag(required=False)
    required = Flag(required=False)  # type: ignore[assignment]


class TemplateRestrictionGiven(serializers.Serializer):
    restriction_type = Choice(choices=labels.RESTRICTION_TYPE)
    operator = Choice(choices=labels.OPERATOR)
    configurable = Flag(required=False)
    default_values = serializers.ListField(
        child=Text(max_length=512), max_length=1000, required=False
    )


class BandGiven(serializers.Serializer):
    min_quantity = Whole(min_value=1, max_value=_LARGEST)
    max_quantity = Whole(required=False, allow_null=True, min_value=1, max_value=_LARGEST)
    discount_percentage = Number()
    discount_amount = Number(required=False, allow_null=True)


class PricingGiven(serializers.Serializer):
    base_price = Number()
    currency = Text(min_length=3, max_length=3)
    billing_cycle = Choice(choices=BILLING_CYCLE)
    per_seat_price = Number(required=False, allow_null=True)
    maintenance_percentage = Number(required=False, allow_null=True)
    keep_price = Flag(required=False)
    refund_policy = Choice(required=False, choices=REFUND_POLICY)
    volume_discounts = serializers.ListField(
        child=BandGiven(), required=False, max_length=100, allow_null=True
    )


class TemplateGiven(serializers.Serializer):
    template_name = Text(max_length=200)
    product_id = Text(max_length=50)
    description = Text(required=False, allow_blank=True, max_length=10_000)
    license_type = Choice(choices=labels.LICENSE_TYPE)
    license_model = Choice(choices=labels.LICENSE_MODEL)
    default_duration = Whole(required=False, min_value=1, max_value=36_500)
    max_activations = Whole(required=False, min_value=1, max_value=_LARGEST)
    overage = Choice(required=False, choices=labels.OVERAGE)
    expiry_basis = Choice(required=False, choices=labels.EXPIRY_BASIS, allow_blank=True)
    features = serializers.ListField(child=TemplateFeatureGiven(), required=False, max_length=1000)
    restrictions = serializers.ListField(
        child=TemplateRestrictionGiven(), required=False, max_length=1000
    )
    pricing = PricingGiven()
    auto_renewal_enabled = Flag(required=False)
    trial_allowed = Flag(required=False)
    trial_duration_days = Whole(required=False, min_value=0, max_value=36_500)
    grace_period_days = Whole(required=False, min_value=0, max_value=36_500)
    heartbeat_interval_seconds = Whole(required=False, min_value=1, max_value=_LARGEST)
    lease_seconds = Whole(required=False, allow_null=True, min_value=1, max_value=_LARGEST)
    max_borrow_days = Whole(
        required=False, allow_null=True, min_value=1, max_value=MOST_BORROW_DAYS
    )
    require_heartbeat = Flag(required=False)
    self_service = Choice(required=False, choices=labels.SELF_SERVICE)
    bind_on_first_activation = Choice(required=False, choices=labels.BIND_TO, allow_blank=True)
    releases_per_30_days = Whole(required=False, allow_null=True, min_value=0, max_value=_LARGEST)
    key_scheme = Choice(required=False, choices=labels.KEY_SCHEME, allow_blank=True)
    key_prefix = Text(required=False, allow_blank=True, max_length=10)
    reserved_for = serializers.UUIDField(required=False, allow_null=True)
    active = Flag(required=False)


class NewName(serializers.Serializer):
    new_name = Text(max_length=200)
