"""What is read and shown of a licence."""

from datetime import datetime
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.shapes import Choice, Flag, Free, Moment, Number, Shown, Text, Whole
from licenses import terms
from licenses.models import License, labels
from licenses.restrictions import bound_to
from licenses.services.entitlements import FeatureGrant
from licenses.services.restricting import SHORTHANDS

_LARGEST = 2**31 - 1


class FeatureOfLicenseShown(Shown):
    feature_id = serializers.CharField()
    feature_name = serializers.CharField()
    enabled = serializers.BooleanField()
    limit_value = Number(required=False)
    limit_type = serializers.CharField(required=False)
    period = serializers.CharField()
    expires_at = Moment(required=False)


class RestrictionShown(Shown):
    restriction_type = serializers.CharField()
    operator = serializers.CharField()
    values = serializers.ListField(source="shown_values", child=serializers.CharField())


class LicenseShown(Shown):
    id = serializers.UUIDField()
    license_key = serializers.SerializerMethodField()
    tenant_id = serializers.UUIDField()
    customer_id = serializers.UUIDField(required=False)
    reseller_id = serializers.UUIDField(required=False)
    template_id = serializers.UUIDField(required=False)
    product_id = serializers.CharField(source="product.product_id")
    product_name = serializers.CharField()
    product_version = serializers.CharField()
    license_type = serializers.CharField()
    license_model = serializers.CharField()
    issued_to = serializers.CharField()
    max_activations = serializers.IntegerField()
    current_activations = serializers.IntegerField()
    unlimited = serializers.BooleanField()
    overage = serializers.CharField()
    features = serializers.SerializerMethodField()
    restrictions = serializers.SerializerMethodField()
    bound_domain = Text(required=False)
    hardware_fingerprint = Text(required=False)
    issued_date = Moment()
    activation_date = Moment(required=False)
    expiry_date = Moment(required=False)
    grace_ends_at = Moment(required=False)
    in_grace = serializers.SerializerMethodField()
    maintenance_expiry = Moment(required=False)
    status = serializers.SerializerMethodField()
    suspension_code = Text(required=False)
    suspension_reason = Text(required=False)
    auto_renewal = serializers.BooleanField()
    duration_days = serializers.IntegerField(required=False)
    expiry_basis = serializers.CharField()
    trial_period_days = serializers.IntegerField(required=False)
    grace_period_days = serializers.IntegerField(required=False)
    heartbeat_interval_seconds = serializers.IntegerField()
    lease_seconds = serializers.IntegerField(required=False)
    max_borrow_days = serializers.IntegerField(required=False)
    self_service = serializers.CharField()
    key_scheme = serializers.CharField()
    metadata = serializers.DictField()
    revision = serializers.IntegerField()
    created_at = Moment()
    updated_at = Moment()

    @property
    def _at(self) -> datetime:
        at: datetime = self.context["view"].at
        return at

    def get_license_key(self, license: License) -> str:
        return self.context.get("key") or license.masked_key

    @extend_schema_field(FeatureOfLicenseShown(many=True))
    def get_features(self, license: License) -> list[dict[str, Any]]:
        rows = sorted(license.entitlements.all(), key=lambda row: (row.position, row.pk))
        shown: list[dict[str, Any]] = FeatureOfLicenseShown(rows, many=True).data
        return shown

    @extend_schema_field(RestrictionShown(many=True))
    def get_restrictions(self, license: License) -> list[dict[str, Any]]:
        rows = sorted(license.restrictions.all(), key=lambda row: (row.position, row.pk))
        shown: list[dict[str, Any]] = RestrictionShown(rows, many=True).data
        return shown

    def get_in_grace(self, license: License) -> bool:
        return license.in_grace_at(self._at)

    def get_status(self, license: License) -> str:
        return license.status_at(self._at).value

    def to_representation(self, license: License) -> dict[str, Any]:
        code = license.suspension_code_at(self._at)
        license.suspension_code = code  # type: ignore[attr-defined]
        license.suspension_reason = license.hold_reason if code else ""  # type: ignore[attr-defined]
        for name, kind in SHORTHANDS.items():
            setattr(license, name, bound_to(license.restrictions.all(), kind))
        return super().to_representation(license)


class FeatureOfLicenseGiven(serializers.Serializer):
    feature_id = Text(max_length=50)
    feature_name = Text(required=False, max_length=200, allow_blank=True)
    enabled = Flag(required=False)
    limit_value = Number(required=False, allow_null=True)
    limit_type = Choice(required=False, choices=labels.LIMIT_TYPE)
    expires_at = Moment(required=False, allow_null=True, ends_day=True)


class RestrictionGiven(serializers.Serializer):
    restriction_type = Choice(choices=labels.RESTRICTION_TYPE)
    operator = Choice(choices=labels.OPERATOR)
    values = serializers.ListField(child=Text(max_length=512), max_length=1000)


class TermsGiven(serializers.Serializer):
    """What both issuing and changing take."""

    product_id = Text(required=False, max_length=50)
    product_name = Text(required=False, max_length=200)
    product_version = Text(required=False, max_length=50)
    license_type = Choice(required=False, choices=labels.LICENSE_TYPE)
    license_model = Choice(required=False, choices=labels.LICENSE_MODEL)
    customer_id = Text(required=False, max_length=100)
    reseller_id = Text(required=False, max_length=100)
    max_activations = Whole(required=False, min_value=1, max_value=_LARGEST)
    overage = Choice(required=False, choices=labels.OVERAGE)
    features = serializers.ListField(child=FeatureOfLicenseGiven(), required=False, max_length=1000)
    restrictions = serializers.ListField(child=RestrictionGiven(), required=False, max_length=1000)
    expiry_date = Moment(required=False, allow_null=True, ends_day=True)
    maintenance_expiry = Moment(required=False, allow_null=True, ends_day=True)
    status = Choice(required=False, choices=labels.STATUS)
    auto_renewal = Flag(required=False)
    trial_period_days = Whole(required=False, allow_null=True, min_value=1, max_value=36_500)
    grace_period_days = Whole(required=False, min_value=0, max_value=36_500)
    heartbeat_interval_seconds = Whole(required=False, min_value=1, max_value=_LARGEST)
    lease_seconds = Whole(required=False, allow_null=True, min_value=1, max_value=_LARGEST)
    max_borrow_days = Whole(
        required=False, allow_null=True, min_value=1, max_value=terms.MOST_BORROW_DAYS
    )
    self_service = Choice(required=False, choices=labels.SELF_SERVICE)
    metadata = Free(required=False)
    bound_domain = Text(required=False, max_length=255, allow_null=True, allow_blank=True)
    hardware_fingerprint = Text(required=False, max_length=512, allow_null=True, allow_blank=True)


class LicenseIssue(TermsGiven):
    issued_to = Text(max_length=200)
    tenant_id = Text(required=False, max_length=100)
    template_id = Text(required=False, max_length=100)
    key_scheme = Choice(required=False, choices=labels.KEY_SCHEME)
    issued_date = Moment(required=False)
    activation_date = Moment(required=False)
    duration_days = Whole(required=False, min_value=1, max_value=36_500)
    expiry_basis = Choice(required=False, choices=labels.EXPIRY_BASIS)
    deliver_to = Text(required=False, max_length=254)
    trial_override_reason = Text(
        required=False,
        max_length=500,
        allow_blank=True,
        help_text="Why there may be another trial of the product; the vendor's own keys only.",
    )


class LicenseChange(TermsGiven):
    issued_to = Text(required=False, max_length=200)
    reason = Text(required=False, max_length=2000, allow_blank=True)


def grants(given: list[dict[str, Any]]) -> list[FeatureGrant]:
    """Return the features of a body as the services take them."""
    return [FeatureGrant(**feature) for feature in given]
