"""Organisations."""

import uuid
from typing import Any

from django.core.validators import RegexValidator
from django_filters import CharFilter, FilterSet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import rows_of
from accounts.api.address import Address, AddressShown
from accounts.api.base import ManagementView
from accounts.api.fields import YesNo
from accounts.api.shapes import Flag, Moment, Number, Shown, Text, Whole
from accounts.models import Tenant
from accounts.services import people
from events.refusals import invalid


class TenantShown(Shown):
    id = serializers.UUIDField()
    code = serializers.CharField()
    name = serializers.CharField()
    is_reseller = serializers.BooleanField()
    sold_by = serializers.UUIDField(source="sold_by_id", required=False)
    payment_terms_days = serializers.IntegerField()
    language = serializers.CharField()
    time_zone = serializers.CharField()
    currency = serializers.CharField()
    billing_address = AddressShown(required=False)
    tax_id = serializers.CharField(required=False)
    tax_rate = Number()
    active = serializers.BooleanField()
    created_at = Moment()
    updated_at = Moment()


class TenantGiven(serializers.Serializer):
    code = Text(max_length=20, validators=[RegexValidator(r"^[A-Z0-9]{2,20}\Z")])
    name = Text(max_length=200)
    is_reseller = Flag(required=False)
    sold_by = serializers.UUIDField(required=False, allow_null=True)
    payment_terms_days = Whole(required=False, min_value=0, max_value=365)
    language = Text(required=False, max_length=10)
    time_zone = Text(required=False, max_length=64)
    currency = Text(required=False, min_length=3, max_length=3)
    billing_address = Address(required=False)
    tax_id = Text(required=False, max_length=40, allow_blank=True)
    tax_rate = Number(required=False)
    active = Flag(required=False)


class TenantFilters(FilterSet):
    code = CharFilter()
    sold_by = CharFilter(method="of_reseller")
    active = YesNo()

    def of_reseller(self, rows: Any, name: str, value: str) -> Any:
        try:
            return rows.filter(sold_by=uuid.UUID(value))
        except ValueError:
            return rows.filter(sold_by__code=value)


class _Writing(ManagementView):
    scope = "customers:write"
    vendor_only = True
    Input = TenantGiven
    Output = TenantShown

    def fields(self) -> dict[str, Any]:
        """Return the body with the reseller as its row."""
        fields = self.read()
        if fields.get("sold_by"):
            reseller = rows_of(self.credential.unbound(), Tenant).filter(pk=fields["sold_by"])
            fields["sold_by"] = reseller.first()
            if fields["sold_by"] is None:
                raise invalid(sold_by="There is no such tenant.")
        return fields


class GetTenants(ManagementView):
    """List organisations: all for the vendor, else one's own and those it sold to."""

    scope = "customers:read"
    Output = TenantShown
    listing = True
    Filters = TenantFilters
    sortable = {"code": "code", "name": "name", "created_at": "created_at"}
    searched = ("name__icontains", "code__istartswith")

    def get(self, request: Request) -> Response:
        return self.listed(rows_of(self.credential, Tenant))


class GetTenant(ManagementView):
    """Read one organisation."""

    scope = "customers:read"
    Output = TenantShown

    def get(self, request: Request, tenant_id: str) -> Response:
        return self.answer(self.one(Tenant, tenant_id, "TENANT_NOT_FOUND"))


class CreateTenant(_Writing):
    """Make an organisation."""

    success = 201

    def post(self, request: Request) -> Response:
        return self.answer(
            people.create_tenant(fields=self.fields(), at=self.at, origin=self.origin)
        )


class UpdateTenant(_Writing):
    """Change an organisation; what is not sent stays."""

    partial = True

    def put(self, request: Request, tenant_id: str) -> Response:
        tenant = self.one(Tenant, tenant_id, "TENANT_NOT_FOUND")
        return self.answer(
            people.update_tenant(
                tenant_id=tenant.pk, fields=self.fields(), at=self.at, origin=self.origin
            )
        )
