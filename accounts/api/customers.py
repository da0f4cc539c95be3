"""Buyers inside a tenant."""

from django_filters import CharFilter, FilterSet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import rows_of
from accounts.api.address import Address, AddressShown
from accounts.api.base import ManagementView
from accounts.api.fields import YesNo
from accounts.api.shapes import Flag, Moment, Shown, Text
from accounts.models import Customer
from accounts.services import people
from events.refusals import Refusal


class CustomerShown(Shown):
    id = serializers.UUIDField()
    tenant_id = serializers.UUIDField()
    name = serializers.CharField()
    email = serializers.CharField()
    company = serializers.CharField(required=False)
    contact_name = serializers.CharField(required=False)
    phone = serializers.CharField(required=False)
    billing_address = AddressShown(required=False)
    tax_id = serializers.CharField(required=False)
    external_id = serializers.CharField(required=False)
    gateway_customer_id = serializers.CharField(required=False)
    active = serializers.BooleanField()
    created_at = Moment()
    updated_at = Moment()


class CustomerGiven(serializers.Serializer):
    tenant_id = Text(required=False, help_text="Id or code; a vendor-wide key must name one.")
    name = Text(max_length=200)
    email = Text(max_length=254)
    company = Text(required=False, max_length=200, allow_blank=True)
    contact_name = Text(required=False, max_length=200, allow_blank=True)
    phone = Text(required=False, max_length=40, allow_blank=True)
    billing_address = Address(required=False)
    tax_id = Text(required=False, max_length=40, allow_blank=True)
    external_id = Text(required=False, max_length=100, allow_blank=True)
    gateway_customer_id = Text(required=False, max_length=100, allow_blank=True)
    active = Flag(required=False)


class CustomerFilters(FilterSet):
    email = CharFilter(lookup_expr="iexact")
    external_id = CharFilter()
    active = YesNo()


class GetCustomers(ManagementView):
    """List buyers."""

    scope = "customers:read"
    Output = CustomerShown
    listing = True
    Filters = CustomerFilters
    sortable = {"name": "name", "email": "email", "created_at": "created_at"}
    searched = ("name__icontains", "company__icontains", "email__istartswith")

    def get(self, request: Request) -> Response:
        return self.listed(rows_of(self.credential, Customer))


class GetCustomer(ManagementView):
    """Read one buyer."""

    scope = "customers:read"
    Output = CustomerShown

    def get(self, request: Request, customer_id: str) -> Response:
        return self.answer(self.one(Customer, customer_id, "CUSTOMER_NOT_FOUND"))


class CreateCustomer(ManagementView):
    """Make a buyer inside a tenant."""

    scope = "customers:write"
    Input = CustomerGiven
    Output = CustomerShown
    success = 201

    def post(self, request: Request) -> Response:
        fields = self.read()
        fields.pop("tenant_id", None)
        if self.credential.tenant_id is None:
            raise Refusal("TENANT_REQUIRED")
        return self.answer(
            people.create_customer(
                tenant_id=self.credential.tenant_id, fields=fields, at=self.at, origin=self.origin
            )
        )


class UpdateCustomer(ManagementView):
    """Change a buyer; what is not sent stays."""

    scope = "customers:write"
    Input = CustomerGiven
    Output = CustomerShown
    partial = True

    def put(self, request: Request, customer_id: str) -> Response:
        customer = self.one(Customer, customer_id, "CUSTOMER_NOT_FOUND")
        fields = self.read()
        fields.pop("tenant_id", None)
        return self.answer(
            people.update_customer(
                customer_id=customer.pk, fields=fields, at=self.at, origin=self.origin
            )
        )
