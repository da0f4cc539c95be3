"""What a template costs: one price each, set with an event."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.services.storing import check
from events import trail
from events.refusals import faults, invalid
from events.trail import Origin
from licenses.models import LicenseTemplate
from orders import pricing
from orders.models import Pricing, VolumeDiscount

PRICING_FIELDS = (
    "base_price",
    "currency",
    "billing_cycle",
    "per_seat_price",
    "maintenance_percentage",
    "keep_price",
    "refund_policy",
)


NO_CURRENCY = "Three capital letters, like EUR."
BAND_FIELDS = ("min_quantity", "max_quantity", "discount_percentage", "discount_amount")
Bands = Sequence[Mapping[str, Any]]


@transaction.atomic
def set_price(
    *,
    template: LicenseTemplate,
    fields: Mapping[str, Any],
    bands: Bands | None = None,
    at: datetime,
    origin: Origin,
) -> Pricing:
    """
    Give a template its price, or change the one it has; what is not named stays.

    `bands`, where given, replace the volume discounts as a whole.

    :raises VALIDATION_ERROR: an impossible value, bands that overlap, or bands without a price
    """
    if "currency" in fields and not pricing.is_currency(fields["currency"]):
        raise invalid(currency=NO_CURRENCY)
    price = Pricing.objects.select_for_update().filter(template=template).first()
    price = price or Pricing(template=template)
    is_new = price._state.adding
    if is_new and not fields:
        raise invalid(volume_discounts="Give the template a price first.")
    changes = {}
    for name in PRICING_FIELDS:
        if name in fields:
            before = None if is_new else getattr(price, name)
            if before != fields[name]:
                changes[name] = (before, fields[name])
            setattr(price, name, fields[name])
    check(price)
    if is_new or changes:
        price.save()
    if bands is not None:
        changes |= _replace_bands(price, bands)
    if is_new or changes:
        named = {"template_id": (None, template.pk)}
        trail.record("template.priced", at=at, origin=origin, changes=named | changes)
    return price


def _replace_bands(price: Pricing, bands: Bands) -> dict[str, Any]:
    """Let exactly these bands stand; return what changed, for the trail."""
    rows = checked_bands(bands)
    for row in rows:
        row.pricing = price
    before = _shown(list(price.volume_discounts.order_by("min_quantity")))
    after = _shown(rows)
    if before == after:
        return {}
    price.volume_discounts.all().delete()
    VolumeDiscount.objects.bulk_create(rows)
    return {"volume_discounts": (before, after)}


def checked_bands(bands: Bands) -> list[VolumeDiscount]:
    """
    Return bands as rows, the lowest first: of one quantity there is one price.

    :raises VALIDATION_ERROR: a band that cannot be, or two that hold the same quantity
    """
    rows = []
    for place, band in enumerate(bands):
        row = VolumeDiscount(**{name: band[name] for name in BAND_FIELDS if name in band})
        path = f"volume_discounts.{place}"
        if row.max_quantity is not None and row.max_quantity < row.min_quantity:
            raise invalid(**{f"{path}.max_quantity": "Not below min_quantity."})
        try:
            row.full_clean(exclude=["pricing"])
        except ValidationError as error:
            told = faults(error.message_dict).items()
            raise invalid(**{f"{path}.{name}": texts for name, texts in told}) from None
        rows.append(row)
    rows.sort(key=lambda row: row.min_quantity)
    for lower, higher in pairwise(rows):
        if lower.max_quantity is None or lower.max_quantity >= higher.min_quantity:
            raise invalid(volume_discounts=f"Two bands hold the quantity {higher.min_quantity}.")
    return rows


def _shown(rows: list[VolumeDiscount]) -> list[dict[str, Any]]:
    return [
        {
            "min_quantity": row.min_quantity,
            "max_quantity": row.max_quantity,
            "discount_percentage": f"{row.discount_percentage.normalize():f}",
            "discount_amount": row.discount_amount and f"{row.discount_amount.normalize():f}",
        }
        for row in rows
    ]
