"""Prices as rows, as the pure reckoning takes them, and as an order keeps them."""

from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError

from events.refusals import Refusal, invalid
from licenses.models import LicenseTemplate
from orders import pricing
from orders.models import Pricing
from orders.models.pricing import BILLING_CYCLE
from orders.pricing import Band, Price
from orders.services.pricing import NO_CURRENCY, checked_bands

_FIELDS = {field.name: field for field in Pricing._meta.fields}
_AMOUNTS = ("base_price", "per_seat_price", "maintenance_percentage")
_MAY_BE_EMPTY = frozenset({"per_seat_price", "maintenance_percentage"})
_MOST = Decimal(10) ** 10
# Where a body states what is wrong.
_NAMED = "pricing_override"


def price_of(template: LicenseTemplate) -> Price:
    """
    Return what a template costs.

    :raises VALIDATION_ERROR: it has no price
    """
    row = getattr(template, "pricing", None)
    if row is None:
        raise invalid(template_id="The template has no price.")
    return Price(
        base_price=row.base_price,
        currency=row.currency,
        billing_cycle=row.billing_cycle,
        per_seat_price=row.per_seat_price,
        maintenance_percentage=row.maintenance_percentage,
        bands=tuple(
            Band(
                band.min_quantity, band.max_quantity, band.discount_percentage, band.discount_amount
            )
            for band in row.volume_discounts.order_by("min_quantity")
        ),
    )


def overridden(price: Price, named: Mapping[str, Any]) -> Price:
    """
    Return the price with what an override names.

    :raises VALIDATION_ERROR: a value that cannot be
    """
    wrong: dict[str, str | list[str]] = {}
    for name in _AMOUNTS:
        value = named.get(name)
        if name in named and value is None and name not in _MAY_BE_EMPTY:
            wrong[f"{_NAMED}.{name}"] = "Not empty."
        if value is None:
            continue
        if not 0 <= value < _MOST:
            wrong[f"{_NAMED}.{name}"] = "Zero or more."
            continue
        try:
            # As many digits as a template's own price may have.
            _FIELDS[name].run_validators(value)
        except ValidationError as error:
            wrong[f"{_NAMED}.{name}"] = error.messages
    if "currency" in named and not pricing.is_currency(named["currency"]):
        wrong[f"{_NAMED}.currency"] = NO_CURRENCY
    if "billing_cycle" in named and named["billing_cycle"] not in dict(BILLING_CYCLE):
        wrong[f"{_NAMED}.billing_cycle"] = f"One of {', '.join(dict(BILLING_CYCLE))}."
    for place, band in enumerate(named.get("volume_discounts") or ()):
        path = f"{_NAMED}.volume_discounts.{place}"
        if not 0 <= band["discount_percentage"] <= 100:
            wrong[f"{path}.discount_percentage"] = "Between 0 and 100."
        if not 0 <= (band.get("discount_amount") or 0) < _MOST:
            wrong[f"{path}.discount_amount"] = "Zero or more."
    if wrong:
        raise invalid(**wrong)
    try:
        checked_bands(named.get("volume_discounts") or ())
    except Refusal as refusal:
        raise invalid(
            **{f"{_NAMED}.{path}": told for path, told in refusal.details.items()}
        ) from None
    return price.with_override(
        {name: value for name, value in named.items() if name != "volume_discounts"}
        | (
            {
                "volume_discounts": [
                    {"max_quantity": None} | dict(band) for band in named["volume_discounts"] or ()
                ]
            }
            if "volume_discounts" in named
            else {}
        )
    )


def kept(price: Price) -> dict[str, Any]:
    """Return a price as JSON holds it, no digit lost."""
    stored: dict[str, Any] = jsonable(asdict(price))
    return stored


def restored(stored: Mapping[str, Any]) -> Price:
    """Return the price that `kept` wrote."""
    fields = {name: _number(stored[name]) for name in _AMOUNTS}
    bands = tuple(
        Band(
            band["min_quantity"],
            band["max_quantity"],
            Decimal(band["discount_percentage"]),
            _number(band["discount_amount"]),
        )
        for band in stored["bands"]
    )
    return Price(
        currency=stored["currency"], billing_cycle=stored["billing_cycle"], bands=bands, **fields
    )


def jsonable(value: Any) -> Any:
    """Return nested values with their decimals as texts."""
    if isinstance(value, Mapping):
        return {name: jsonable(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(inner) for inner in value]
    return str(value) if isinstance(value, Decimal) else value


def _number(text: str | None) -> Any:
    return None if text is None else Decimal(text)
