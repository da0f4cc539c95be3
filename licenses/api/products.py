"""What is sold."""

from base64 import urlsafe_b64encode

from django_filters import CharFilter, FilterSet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import rows_of
from accounts.api.base import ManagementView, Missing
from accounts.api.fields import YesNo
from accounts.api.shapes import Choice, Flag, Moment, Shown, Text
from licenses.models import KeySigningKey, Product, labels
from licenses.models.catalog import SLUG
from licenses.services import catalog


class KeySigningKeyShown(Shown):
    """The public half of what signs a product's keys: enough to check one without asking."""

    kid = serializers.CharField()
    public_key = serializers.SerializerMethodField()

    def get_public_key(self, key: KeySigningKey) -> str:
        """Return the 32 bytes of the Ed25519 key in base64url, as the `x` of a JWK."""
        return urlsafe_b64encode(bytes(key.public_key)).decode().rstrip("=")


class ProductShown(Shown):
    product_id = serializers.CharField()
    product_name = serializers.CharField()
    product_version = serializers.CharField()
    description = serializers.CharField(required=False)
    key_scheme = serializers.CharField()
    key_prefix = serializers.CharField(required=False)
    key_version = serializers.CharField(required=False)
    key_signing_keys = KeySigningKeyShown(many=True)
    active = serializers.BooleanField()
    created_at = Moment()
    updated_at = Moment()


class ProductGiven(serializers.Serializer):
    product_id = Text(max_length=50, validators=[SLUG])
    product_name = Text(max_length=200)
    product_version = Text(max_length=50)
    description = Text(required=False, allow_blank=True, max_length=10_000)
    key_scheme = Choice(required=False, choices=labels.KEY_SCHEME)
    key_prefix = Text(required=False, allow_blank=True, max_length=10)
    key_version = Choice(required=False, choices=labels.KEY_VERSION, allow_blank=True)
    active = Flag(required=False)


class ProductFilters(FilterSet):
    product_id = CharFilter()
    active = YesNo()


class OfProduct(ManagementView):
    """An operation below one product, which the path names by its slug."""

    def product(self, product_id: str) -> Product:
        found = rows_of(self.credential, Product).filter(product_id=product_id).first()
        if found is None:
            raise Missing("PRODUCT_NOT_FOUND")
        return found


class GetProducts(ManagementView):
    """List what is sold."""

    scope = "catalog:read"
    Output = ProductShown
    listing = True
    Filters = ProductFilters
    sortable = {
        "product_id": "product_id",
        "product_name": "product_name",
        "created_at": "created_at",
    }
    searched = ("product_name__icontains", "product_id__istartswith")

    def get(self, request: Request) -> Response:
        products = rows_of(self.credential, Product)
        return self.listed(products.prefetch_related("key_signing_keys"))


class GetProduct(OfProduct):
    """Read one product."""

    scope = "catalog:read"
    Output = ProductShown

    def get(self, request: Request, product_id: str) -> Response:
        return self.answer(self.product(product_id))


class CreateProduct(ManagementView):
    """Make a product."""

    scope = "catalog:write"
    vendor_only = True
    Input = ProductGiven
    Output = ProductShown
    success = 201

    def post(self, request: Request) -> Response:
        return self.answer(
            catalog.create_product(fields=self.read(), at=self.at, origin=self.origin)
        )


class UpdateProduct(OfProduct):
    """Change a product; what was sold of it keeps its own copy."""

    scope = "catalog:write"
    vendor_only = True
    partial = True
    Input = ProductGiven
    Output = ProductShown

    def put(self, request: Request, product_id: str) -> Response:
        pk = self.product(product_id).pk
        return self.answer(
            catalog.update_product(pk=pk, fields=self.read(), at=self.at, origin=self.origin)
        )
