"""The versions of a product that came out."""

from django_filters import CharFilter, FilterSet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import rows_of
from accounts.api.base import Missing
from accounts.api.fields import Instant
from accounts.api.shapes import Moment, Shown, Text
from licenses.api.products import OfProduct
from licenses.models import Release
from licenses.models.catalog import SLUG
from licenses.models.release import VERSION
from licenses.services import releases


class ReleaseShown(Shown):
    version = serializers.CharField()
    product_id = serializers.CharField(source="product.product_id")
    released_at = Moment()
    channel = serializers.CharField()
    notes = serializers.CharField(required=False)
    url = serializers.CharField(required=False)
    created_at = Moment()
    updated_at = Moment()


class ReleaseGiven(serializers.Serializer):
    version = Text(max_length=100, validators=[VERSION])
    released_at = Moment()
    channel = Text(required=False, max_length=50, validators=[SLUG])
    notes = Text(required=False, allow_blank=True, max_length=10_000)
    url = Text(required=False, allow_blank=True, max_length=500)


class ReleaseFilters(FilterSet):
    version = CharFilter()
    channel = CharFilter()
    released_from = Instant(field_name="released_at")
    released_to = Instant(field_name="released_at", end=True)


class GetReleases(OfProduct):
    """List the versions of a product that came out."""

    scope = "catalog:read"
    Output = ReleaseShown
    listing = True
    Filters = ReleaseFilters
    sortable = {"released_at": "released_at", "version": "version", "created_at": "created_at"}
    searched = ("version__istartswith", "notes__icontains")

    def get(self, request: Request, product_id: str) -> Response:
        product = self.product(product_id)
        rows = rows_of(self.credential, Release).filter(product=product)
        return self.listed(rows.select_related("product"))


class CreateRelease(OfProduct):
    """Publish a version, by the date that maintenance is compared with."""

    scope = "catalog:write"
    vendor_only = True
    Input = ReleaseGiven
    Output = ReleaseShown
    success = 201

    def post(self, request: Request, product_id: str) -> Response:
        product = self.product(product_id)
        return self.answer(
            releases.publish_release(
                product=product, fields=self.read(), at=self.at, origin=self.origin
            )
        )


class UpdateRelease(OfProduct):
    """Correct a release; a new date counts from the next call of any device on."""

    scope = "catalog:write"
    vendor_only = True
    partial = True
    Input = ReleaseGiven
    Output = ReleaseShown

    def put(self, request: Request, product_id: str, version: str) -> Response:
        rows = rows_of(self.credential, Release).filter(product=self.product(product_id))
        release = rows.filter(version=version).first()
        if release is None:
            raise Missing("RELEASE_NOT_FOUND")
        return self.answer(
            releases.change_release(
                pk=release.pk, fields=self.read(), at=self.at, origin=self.origin
            )
        )
