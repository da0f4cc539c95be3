"""What a template costs: one price each, set with an event."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from events import trail
from events.refusals import invalid
from events.trail import Origin
from licenses.models import LicenseTemplate
from orders.models import Pricing

PRICING_FIELDS = (
    "base_price",
    "currency",
    "billing_cycle",
    "per_seat_price",
    "maintenance_percentage",
)


@transaction.atomic
def set_price(
    *, template: LicenseTemplate, fields: Mapping[str, Any], at: datetime, origin: Origin
) -> Pricing:
    """
    Give a template its price, or change the one it has; what is not named stays.

    :raises VALIDATION_ERROR: an impossible value
    """
    price = Pricing.objects.select_for_update().filter(template=template).first()
    price = price or Pricing(template=template)
    is_new = price._state.adding
    changes = {}
    for name in PRICING_FIELDS:
        if name in fields:
            before = None if is_new else getattr(price, name)
            if before != fields[name]:
                changes[name] = (before, fields[name])
            setattr(price, name, fields[name])
    try:
        price.full_clean()
    except ValidationError as error:
        raise invalid(**error.message_dict) from None
    if is_new or changes:
        price.save()
        named = {"template_id": (None, template.pk)}
        trail.record("template.priced", at=at, origin=origin, changes=named | changes)
    return price
