"""What a product can do."""

from django_filters import CharFilter, FilterSet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import rows_of
from accounts.api.base import Missing
from accounts.api.shapes import Choice, Shown, Text
from licenses.api.products import OfProduct
from licenses.models import Feature, labels
from licenses.models.catalog import SLUG
from licenses.services import catalog


class FeatureShown(Shown):
    feature_id = serializers.CharField()
    feature_name = serializers.CharField()
    product_id = serializers.CharField(source="product.product_id")
    limit_type = serializers.CharField(required=False)
    period = serializers.CharField()
    unit = serializers.CharField(required=False)


class FeatureGiven(serializers.Serializer):
    feature_id = Text(max_length=50, validators=[SLUG])
    feature_name = Text(max_length=200)
    limit_type = Choice(required=False, choices=labels.LIMIT_TYPE)
    period = Choice(required=False, choices=labels.PERIOD)
    unit = Text(required=False, allow_blank=True, max_length=30)


class FeatureFilters(FilterSet):
    feature_id = CharFilter()


class GetFeatures(OfProduct):
    """List what a product can do."""

    scope = "catalog:read"
    Output = FeatureShown
    listing = True
    Filters = FeatureFilters
    sortable = {"feature_id": "feature_id", "feature_name": "feature_name"}
    searched = ("feature_name__icontains", "feature_id__istartswith")

    def get(self, request: Request, product_id: str) -> Response:
        product = self.product(product_id)
        rows = rows_of(self.credential, Feature).filter(product=product)
        return self.listed(rows.select_related("product"))


class CreateFeature(OfProduct):
    """Make a feature of a product."""

    scope = "catalog:write"
    vendor_only = True
    Input = FeatureGiven
    Output = FeatureShown
    success = 201

    def post(self, request: Request, product_id: str) -> Response:
        product = self.product(product_id)
        return self.answer(
            catalog.create_feature(
                product=product, fields=self.read(), at=self.at, origin=self.origin
            )
        )


class UpdateFeature(OfProduct):
    """Change a feature; licences that grant it keep their own copy."""

    scope = "catalog:write"
    vendor_only = True
    partial = True
    Input = FeatureGiven
    Output = FeatureShown

    def put(self, request: Request, product_id: str, feature_id: str) -> Response:
        rows = rows_of(self.credential, Feature).filter(product=self.product(product_id))
        feature = rows.filter(feature_id=feature_id).first()
        if feature is None:
            raise Missing("FEATURE_NOT_FOUND")
        return self.answer(
            catalog.update_feature(
                pk=feature.pk, fields=self.read(), at=self.at, origin=self.origin
            )
        )
