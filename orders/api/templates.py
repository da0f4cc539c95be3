"""Templates with their prices: what is on offer."""

import uuid
from typing import Any

from django.db.models import QuerySet
from django_filters import CharFilter, FilterSet
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import rows_of
from accounts.api.base import ManagementView
from accounts.api.fields import OneOf, YesNo
from accounts.models import Tenant
from events.refusals import invalid
from licenses.models import LicenseTemplate, labels
from orders.api.template_shapes import NewName, TemplateGiven, TemplateShown
from orders.services import offers

_PARTS = ("features", "restrictions")


class TemplateFilters(FilterSet):
    product_id = CharFilter(field_name="product__product_id")
    license_type = OneOf(choices=labels.LICENSE_TYPE)
    license_model = OneOf(choices=labels.LICENSE_MODEL)
    active = YesNo()


class _Writing(ManagementView):
    scope = "templates:write"
    vendor_only = True
    Input = TemplateGiven
    Output = TemplateShown

    def stated(self) -> dict[str, Any]:
        """Return the body as the services take it: the template's own fields, parts and price."""
        given = self.read()
        stated = {name: given.pop(name) for name in _PARTS if name in given}
        price = given.pop("pricing", None)
        if price is not None:
            if price.get("volume_discounts") is not None:
                stated["bands"] = price["volume_discounts"]
            price.pop("volume_discounts", None)
            stated["price"] = price
        if given.get("reserved_for"):
            given["reserved_for"] = self._tenant(given["reserved_for"])
        return stated | {"fields": given, "at": self.at, "origin": self.origin}

    def _tenant(self, pk: uuid.UUID) -> Tenant:
        found: Tenant | None = rows_of(self.credential.unbound(), Tenant).filter(pk=pk).first()
        if found is None:
            raise invalid(reserved_for="There is no such tenant.")
        return found


def with_parts(rows: QuerySet[LicenseTemplate]) -> QuerySet[LicenseTemplate]:
    """Return the templates with all that an answer shows, in a fixed number of queries."""
    return rows.select_related("product", "pricing").prefetch_related(
        "features", "restrictions", "pricing__volume_discounts"
    )


class GetTemplates(ManagementView):
    """List templates with their prices."""

    scope = "templates:read"
    Output = TemplateShown
    listing = True
    Filters = TemplateFilters
    sortable = {
        "template_name": "template_name",
        "created_at": "created_at",
        "updated_at": "updated_at",
    }
    searched = ("template_name__icontains", "product__product_name__icontains")

    def get(self, request: Request) -> Response:
        return self.listed(with_parts(rows_of(self.credential, LicenseTemplate)))


class GetTemplate(ManagementView):
    """Read one template with its price."""

    scope = "templates:read"
    Output = TemplateShown

    def get(self, request: Request, template_id: str) -> Response:
        return self.answer(self.one(LicenseTemplate, template_id, "TEMPLATE_NOT_FOUND"))


class CreateTemplate(_Writing):
    """Make a template with its price."""

    success = 201

    def post(self, request: Request) -> Response:
        stated = self.stated()
        product_id = stated["fields"].pop("product_id")
        return self.answer(offers.create_offer(product_id=product_id, **stated))


class UpdateTemplate(_Writing):
    """Change a template, its price, or both; what was sold with it never alters."""

    partial = True

    def put(self, request: Request, template_id: str) -> Response:
        template = self.one(LicenseTemplate, template_id, "TEMPLATE_NOT_FOUND")
        stated = self.stated()
        product_id = stated["fields"].pop("product_id", template.product.product_id)
        if product_id != template.product.product_id:
            raise invalid(product_id="A template stays with its product.")
        return self.answer(offers.update_offer(template_id=template.pk, **stated))


class DuplicateTemplate(ManagementView):
    """Make a template that differs from another in its name alone."""

    scope = "templates:write"
    vendor_only = True
    Input = NewName
    Output = TemplateShown
    success = 201

    def post(self, request: Request, template_id: str) -> Response:
        template = self.one(LicenseTemplate, template_id, "TEMPLATE_NOT_FOUND")
        return self.answer(
            offers.duplicate_offer(
                template_id=template.pk,
                new_name=self.read()["new_name"],
                at=self.at,
                origin=self.origin,
            )
        )
