"""Orders: quoted, placed, found and read."""

import uuid
from contextlib import suppress
from typing import Any

from django.db.models import Q, QuerySet
from django_filters import CharFilter, FilterSet
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import rows_of
from accounts.api.base import ManagementView
from accounts.api.fields import IdFilter, Instant, OneOf
from accounts.models import Customer, Tenant
from events.refusals import Refusal, invalid
from licenses.api.licenses import id_of
from licenses.models import License, LicenseTemplate
from orders.api.order_shapes import OrderGiven, OrderShown, QuoteGiven, QuoteShown
from orders.models import Order
from orders.models.order import FULFILLMENT, KIND, PAYMENT_STATUS, STATUS
from orders.services.placing import OrderRequest, place_order
from orders.services.quoting import Wish, offer_for
from orders.states import Fulfillment, OrderKind

OVERRIDE_SCOPE = "payments:write"


class OrderFilters(FilterSet):
    customer_id = CharFilter(method="of_customer")
    reseller_id = IdFilter()
    template_id = IdFilter()
    license_id = CharFilter(method="of_license")
    kind = OneOf(choices=KIND)
    status = OneOf(choices=STATUS)
    payment_status = OneOf(choices=PAYMENT_STATUS, method="in_payment_status")
    fulfillment_method = OneOf(choices=FULFILLMENT)
    order_number = CharFilter()
    created_at_from = Instant(field_name="created_at")
    created_at_to = Instant(field_name="created_at", end=True)

    def of_customer(self, rows: Any, name: str, value: str) -> Any:
        wanted = Q(customer__external_id=value)
        with suppress(ValueError):
            wanted |= Q(customer_id=uuid.UUID(value))
        return rows.filter(wanted)

    def of_license(self, rows: Any, name: str, value: str) -> Any:
        """Those that a licence came of, and those that renew or upgrade it."""
        try:
            pk = uuid.UUID(value)
        except ValueError:
            return rows.none()
        return rows.filter(Q(license_id=pk) | Q(generated__license_id=pk)).distinct()

    def in_payment_status(self, rows: Any, name: str, value: str) -> Any:
        return rows.in_payment_status(value)


class OrderView(ManagementView):
    """An operation that answers an order."""

    Output = OrderShown

    def order(self, order_id: str) -> Order:
        return self.one(Order, order_id, "ORDER_NOT_FOUND")

    def own_order(self, order_id: str) -> Order:
        return self.own(Order, order_id, "ORDER_NOT_FOUND")

    def shows_invoices_of(self, order: Order) -> bool:
        """Return whether the caller may see them: who sold an order on may not."""
        return self.credential.tenant_id in (None, order.tenant_id)

    def whole(self, order: Order) -> Response:
        """Return an order as it is stored now, with all that an answer shows of it."""
        return self.answer(with_parts(rows_of(self.credential, Order)).get(pk=order.pk))


def with_parts(rows: QuerySet[Order]) -> QuerySet[Order]:
    """Return the orders with all that an answer shows, in a fixed number of queries."""
    return rows.prefetch_related("lines", "payments", "refunds", "generated", "invoices", "steps")


class GetOrders(OrderView):
    """List orders."""

    scope = "orders:read"
    listing = True
    Filters = OrderFilters
    sortable = {
        "created_at": "id",
        "updated_at": "updated_at",
        "order_number": "order_number",
        "total_amount": "total_amount",
        "quantity": "quantity",
        "fulfilled_at": "fulfilled_at",
    }
    searched = (
        "order_number__icontains",
        "customer__name__icontains",
        "template__template_name__icontains",
    )

    def get(self, request: Request) -> Response:
        return self.listed(with_parts(rows_of(self.credential, Order)))


class GetOrder(OrderView):
    """Read one order."""

    scope = "orders:read"

    def get(self, request: Request, order_id: str) -> Response:
        return self.whole(self.order(order_id))


class _Asking(ManagementView):
    """What quoting and ordering read alike."""

    def asked(self) -> dict[str, Any]:
        """
        Return the body with what it names as rows of the caller's.

        :raises TEMPLATE_NOT_FOUND CUSTOMER_NOT_FOUND: if one is not there
        :raises VALIDATION_ERROR: if the licence is not, or something is missing
        :raises SCOPE_REQUIRED: if it overrides a price and the caller may not
        """
        given = self.read()
        given.pop("tenant_id", None)
        if given.get("pricing_override") and not self.credential.may(OVERRIDE_SCOPE):
            text = f"The scope {OVERRIDE_SCOPE} is needed to override a price."
            raise Refusal("SCOPE_REQUIRED", text, scope=OVERRIDE_SCOPE)
        kind = OrderKind(given.pop("kind", OrderKind.NEW))
        missing = [
            name
            for name in (("template_id", "quantity") if kind == OrderKind.NEW else ("license_id",))
            if name not in given
        ]
        if kind == OrderKind.UPGRADE and "template_id" not in given:
            missing.append("template_id")
        if missing:
            raise invalid(**dict.fromkeys(missing, "Required."))
        named = {
            "template": self._template(given.pop("template_id", None)),
            "license": self._license(given.pop("license_id", None)),
            "customer": self._customer(given.pop("customer_id", None)),
        }
        if kind == OrderKind.NEW and named["license"] is not None:
            raise invalid(license_id="Of renewals and upgrades only.")
        return {"kind": kind} | named | given

    def tenant_of(self, asked: dict[str, Any]) -> uuid.UUID | None:
        """Return whose order it would be: the caller's, else that of what is named."""
        if self.credential.tenant_id is not None:
            return self.credential.tenant_id
        named = asked["license"] or asked["customer"]
        return named.tenant_id if named else None

    def _template(self, name: str | None) -> LicenseTemplate | None:
        if name is None:
            return None
        rows = rows_of(self.credential, LicenseTemplate)
        found = rows.filter(pk=id_of(name, "TEMPLATE_NOT_FOUND")).first()
        if found is None:
            raise Refusal("TEMPLATE_NOT_FOUND")
        return found

    def _license(self, name: str | None) -> License | None:
        if name is None:
            return None
        found = None
        with suppress(ValueError):
            found = rows_of(self.credential, License).filter(pk=uuid.UUID(name)).first()
        if found is None:
            # Not by its code, which says that an address is wrong: here a body is.
            raise invalid(license_id="There is no such licence.")
        return found

    def _customer(self, name: str | None) -> Customer | None:
        if name is None:
            return None
        rows = rows_of(self.credential, Customer)
        try:
            found = rows.filter(pk=uuid.UUID(name)).first()
        except ValueError:
            found = None
            # The same id of another system may name customers of several tenants.
            if self.credential.tenant_id is None:
                raise Refusal("TENANT_REQUIRED") from None
        if found is None and self.credential.tenant_id is not None:
            found = rows.filter(external_id=name).first()
        if found is None:
            raise Refusal("CUSTOMER_NOT_FOUND")
        return found


class QuoteOrder(_Asking):
    """Tell what an order would cost; nothing is written."""

    scope = "orders:read"
    Input = QuoteGiven
    Output = QuoteShown

    def post(self, request: Request) -> Response:
        asked = self.asked()
        tenant_id = self.tenant_of(asked)
        tenant = rows_of(self.credential, Tenant).filter(pk=tenant_id).first()
        return self.answer(offer_for(Wish(tenant=tenant, **asked), at=self.at).quote)


class CreateOrder(OrderView, _Asking):
    """Place an order; its total is reckoned here and frozen with it."""

    scope = "orders:write"
    Input = OrderGiven
    success = 201

    def post(self, request: Request) -> Response:
        asked = self.asked()
        tenant_id = self.tenant_of(asked)
        if tenant_id is None:
            raise Refusal("TENANT_REQUIRED")
        named = {name: asked.pop(name) for name in ("template", "license", "customer")}
        if "reseller_id" in asked:
            asked["reseller_id"] = id_of(asked["reseller_id"], "RESELLER_NOT_FOUND")
        if "fulfillment_method" in asked:
            asked["fulfillment_method"] = Fulfillment(asked["fulfillment_method"])
        wanted = OrderRequest(
            tenant_id=tenant_id,
            overrides_template=self.credential.vendor_wide and self.credential.may("catalog:write"),
            **{f"{name}_id": row.pk if row else None for name, row in named.items()},
            **asked,
        )
        return self.whole(place_order(request=wanted, at=self.at, origin=self.origin))
