"""Placing an order: its price is reckoned here, whatever the caller says, and frozen with it."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Customer, Tenant
from events.refusals import Refusal, invalid
from events.trail import Origin
from licenses.models import License, LicenseTemplate
from licenses.services.kept_restrictions import offered_by, read
from orders.models import Order, OrderLine
from orders.pricing import Line
from orders.services import prices, producing
from orders.services.numbering import ORDERS, next_number
from orders.services.quoting import Offer, Wish, offer_for
from orders.services.standing import note_step, tell
from orders.states import Fulfillment, OrderKind, OrderStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRequest:
    """What somebody orders; of renewals and upgrades the licence says whose it is."""

    tenant_id: uuid.UUID
    kind: OrderKind = OrderKind.NEW
    template_id: uuid.UUID | None = None
    license_id: uuid.UUID | None = None
    customer_id: uuid.UUID | None = None
    reseller_id: uuid.UUID | None = None
    quantity: int | None = None
    fulfillment_method: Fulfillment = Fulfillment.AUTO
    custom_features: Sequence[Mapping[str, Any]] = ()
    custom_restrictions: Sequence[Mapping[str, Any]] = ()
    duration_override: int | None = None
    pricing_override: Mapping[str, Any] = field(default_factory=dict)
    special_instructions: str = ""
    overrides_template: bool = False


@transaction.atomic
def place_order(*, request: OrderRequest, at: datetime, origin: Origin) -> Order:
    """
    Place an order that waits for approval; what could not be fulfilled now is refused now.

    :raises TENANT_NOT_FOUND TEMPLATE_NOT_FOUND LICENSE_NOT_FOUND CUSTOMER_NOT_FOUND
        RESELLER_NOT_FOUND: if one is unknown or belongs to somebody else
    :raises VALIDATION_ERROR: if it is nothing that could be sold, or the template fixes it
    :raises Refusal: whatever issuing, renewing or upgrading such a licence refuses
    """
    tenant = Tenant.objects.filter(pk=request.tenant_id, active=True).first()
    if tenant is None:
        raise Refusal("TENANT_NOT_FOUND")
    wish = wish_of(request, tenant)
    offer = offer_for(wish, at=at)
    order = _drawn(request, wish, offer, at=at)
    producing.rehearse(order, at=at, origin=origin)
    order.order_number = next_number(ORDERS, at=at)
    order.save(force_insert=True)
    OrderLine.objects.bulk_create(
        _line(order, place, line) for place, line in enumerate(offer.quote.lines, 1)
    )
    note_step(order, at=at, origin=origin)
    shown = ("order_number", "kind", "quantity", "currency", "total_amount", "discount_applied")
    changes: dict[str, tuple[Any, Any]] = {name: (None, getattr(order, name)) for name in shown}
    changes["template_id"] = (None, order.template_id)
    if order.pricing_override:
        changes["pricing_override"] = (None, order.pricing_override)
    tell(order, "order.created", changes=changes, at=at, origin=origin)
    return order


def wish_of(request: OrderRequest, tenant: Tenant) -> Wish:
    """
    Return what an order asks for, its names looked up inside the tenant.

    :raises TEMPLATE_NOT_FOUND LICENSE_NOT_FOUND CUSTOMER_NOT_FOUND: if one is not there
    """
    license = None
    if request.kind != OrderKind.NEW:
        if request.license_id is not None:
            license = License.objects.filter(pk=request.license_id, tenant=tenant).first()
        if license is None:
            raise Refusal("LICENSE_NOT_FOUND")
    template = None
    if request.template_id is not None:
        # A licence may be renewed by the template that it has, whether or not it is on offer.
        offered = LicenseTemplate.objects.on_offer_to(tenant)
        if license is not None and license.template_id == request.template_id:
            offered = LicenseTemplate.objects.all()
        template = offered.filter(pk=request.template_id).first()
        if template is None:
            raise Refusal("TEMPLATE_NOT_FOUND")
    customer = license.customer if license else None
    if request.customer_id is not None:
        customer = Customer.objects.filter(
            pk=request.customer_id, tenant=tenant, active=True
        ).first()
        if customer is None:
            raise Refusal("CUSTOMER_NOT_FOUND")
    return Wish(
        kind=request.kind,
        template=template,
        license=license,
        quantity=request.quantity,
        duration_override=request.duration_override,
        pricing_override=request.pricing_override,
        tenant=tenant,
        customer=customer,
    )


def _drawn(request: OrderRequest, wish: Wish, offer: Offer, *, at: datetime) -> Order:
    """Return the order, not yet stored."""
    assert wish.tenant is not None  # noqa: S101 - whoever orders is somebody
    made = offer.quote
    return Order(
        kind=request.kind.value,
        status=OrderStatus.PENDING.value,
        tenant=wish.tenant,
        customer=wish.customer,
        reseller_id=_reseller(request, wish.tenant),
        template=offer.template,
        license=wish.license,
        quantity=offer.quantity,
        max_activations=offer.max_activations,
        term_days=offer.term_days,
        fulfillment_method=request.fulfillment_method.value,
        duration_override=request.duration_override,
        pricing_override=prices.jsonable(request.pricing_override),
        custom_features=_features(request),
        custom_restrictions=_restrictions(request, offer),
        overrides_template=request.overrides_template,
        special_instructions=request.special_instructions,
        currency=made.currency,
        price=prices.kept(offer.price),
        cycles=made.cycles,
        list_amount=made.list_amount,
        discount_applied=made.discount,
        maintenance_amount=made.maintenance,
        tax_amount=made.tax,
        tax_note=made.tax_note,
        total_amount=made.total,
        created_at=at,
        updated_at=at,
    )


def _features(request: OrderRequest) -> list[dict[str, Any]]:
    _only_of_new(request, "custom_features")
    return [
        prices.jsonable(dict(feature))
        | ({"expires_at": feature["expires_at"].isoformat()} if feature.get("expires_at") else {})
        for feature in request.custom_features
    ]


def _restrictions(request: OrderRequest, offer: Offer) -> list[dict[str, Any]]:
    """Return restrictions as licences keep them: of a device no value in clear."""
    _only_of_new(request, "custom_restrictions")
    try:
        rows = read(request.custom_restrictions, held=offered_by(offer.template))
    except Refusal as refusal:
        raise invalid(
            **{f"custom_{path}": told for path, told in refusal.details.items()}
        ) from None
    return [
        {
            "restriction_type": row.restriction_type,
            "operator": row.operator,
            "values": list(row.values),
            "sealed": list(row.sealed),
        }
        for row in rows
    ]


def _only_of_new(request: OrderRequest, name: str) -> None:
    if getattr(request, name) and request.kind != OrderKind.NEW:
        raise Refusal("VALIDATION_ERROR", **{name: ["Of new licences only."]})


def _reseller(request: OrderRequest, tenant: Tenant) -> uuid.UUID | None:
    if request.reseller_id not in (None, tenant.sold_by_id):
        raise Refusal("RESELLER_NOT_FOUND")
    return tenant.sold_by_id


def _line(order: Order, place: int, line: Line) -> OrderLine:
    return OrderLine(
        order=order,
        position=place,
        kind=line.kind.value,
        quantity=line.quantity,
        cycles=line.cycles,
        unit_price=line.unit_price,
        amount=line.amount,
    )
