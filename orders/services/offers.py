"""What is on offer: a template and its price, written together."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from events.refusals import Refusal
from events.trail import Origin
from licenses.models import LicenseTemplate, Product
from licenses.services import templates
from licenses.services.restricting import restated
from orders.models import Pricing
from orders.services.pricing import BAND_FIELDS, PRICING_FIELDS, Bands, set_price

Rows = Sequence[Mapping[str, Any]]


@transaction.atomic
def create_offer(
    *,
    product_id: str,
    fields: Mapping[str, Any],
    features: Rows = (),
    restrictions: Rows = (),
    price: Mapping[str, Any],
    bands: Bands = (),
    at: datetime,
    origin: Origin,
) -> LicenseTemplate:
    """
    Make a template with its price.

    :raises PRODUCT_NOT_FOUND: there is no such product
    :raises NOT_AVAILABLE VALIDATION_ERROR: see what makes templates
    """
    product = Product.objects.filter(product_id=product_id).first()
    if product is None:
        raise Refusal("PRODUCT_NOT_FOUND", product_id=product_id)
    template = templates.create_template(
        product=product,
        fields=fields,
        features=features,
        restrictions=restrictions,
        at=at,
        origin=origin,
    )
    set_price(template=template, fields=price, bands=bands, at=at, origin=origin)
    return template


@transaction.atomic
def update_offer(
    *,
    template_id: uuid.UUID,
    fields: Mapping[str, Any],
    features: Rows | None = None,
    restrictions: Rows | None = None,
    price: Mapping[str, Any] | None = None,
    bands: Bands | None = None,
    at: datetime,
    origin: Origin,
) -> LicenseTemplate:
    """
    Change a template, its price, or both; what is not named stays.

    :raises TEMPLATE_NOT_FOUND: there is no such template
    :raises NOT_AVAILABLE VALIDATION_ERROR: see what makes templates
    """
    template = templates.update_template(
        pk=template_id,
        fields=fields,
        features=features,
        restrictions=restrictions,
        at=at,
        origin=origin,
    )
    if price or bands is not None:
        set_price(template=template, fields=price or {}, bands=bands, at=at, origin=origin)
    return template


@transaction.atomic
def duplicate_offer(
    *, template_id: uuid.UUID, new_name: str, at: datetime, origin: Origin
) -> LicenseTemplate:
    """
    Make a template that differs from another in its name alone.

    :raises TEMPLATE_NOT_FOUND: there is no such template
    """
    source = LicenseTemplate.objects.select_related("product").filter(pk=template_id).first()
    if source is None:
        raise Refusal("TEMPLATE_NOT_FOUND")
    fields = {name: getattr(source, name) for name in templates.TEMPLATE_FIELDS}
    granted = source.features.order_by("position", "id")
    copy = templates.create_template(
        product=source.product,
        fields=fields | {"template_name": new_name},
        features=[_named(row, sorted(templates.FEATURE_FIELDS)) for row in granted],
        restrictions=restated(source),
        at=at,
        origin=origin,
    )
    price = Pricing.objects.filter(template=source).first()
    if price is not None:
        set_price(
            template=copy,
            fields=_named(price, PRICING_FIELDS),
            bands=[_named(band, BAND_FIELDS) for band in price.volume_discounts.all()],
            at=at,
            origin=origin,
        )
    return copy


def _named(row: Any, names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}
