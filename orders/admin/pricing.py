"""A template's price, on the template's own page."""

from datetime import datetime
from typing import Any

from accounts.admin.base import ScopedInline
from accounts.admin.forms import PlainNumbers
from events.trail import Origin
from licenses.models import LicenseTemplate
from orders.models import Pricing
from orders.services.pricing import PRICING_FIELDS, set_price


class PriceForm(PlainNumbers):
    plain_fields = {"base_price": 2, "per_seat_price": 2, "maintenance_percentage": 0}


class PricingInline(ScopedInline):
    """One price, or none while the template is not for sale."""

    model = Pricing
    form = PriceForm
    read_scope = "templates:read"
    write_scope = "templates:write"
    fields = PRICING_FIELDS
    max_num = 1


def store_price(template: LicenseTemplate, formset: Any, at: datetime, origin: Origin) -> None:
    """Hand the price to its service, where it was touched."""
    for form in formset.forms:
        if form.has_changed():
            fields = {name: form.cleaned_data[name] for name in PRICING_FIELDS}
            set_price(template=template, fields=fields, at=at, origin=origin)
