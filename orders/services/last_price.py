"""What a licence was sold for by the last order that it came of."""

from dataclasses import dataclass, replace

from licenses.models import License, LicenseTemplate
from orders.models import Order
from orders.pricing import Band, Price
from orders.services.prices import restored


@dataclass(frozen=True, slots=True)
class Sold:
    """A price, how many packs of it one licence was, and for how many days."""

    template: LicenseTemplate
    price: Price
    quantity: int
    term_days: int


def last_order(license: License) -> Order | None:
    """Return the newest order that was fulfilled by this licence."""
    came_of = license.came_of.filter(order__fulfilled_at__isnull=False)
    newest = came_of.select_related("order__template").order_by("-order__fulfilled_at").first()
    return newest.order if newest else None


def of(license: License, quantity: int | None) -> Sold | None:
    """
    Return what one licence was sold for last, or None where it came of no order.

    It keeps the volume discount of the order that it came of, though that bought more than it;
    what was taken off once per order is shared. `quantity`: of packs, if not those of the order.
    """
    order = last_order(license)
    if order is None:
        return None
    licenses = order.generated.count()
    packs = quantity or max(1, order.quantity // licenses)
    price = restored(order.price)
    band = price.band_for(order.quantity)
    if band is not None:
        amount = band.discount_amount
        if amount is not None:
            amount = amount * packs / order.quantity
        price = replace(price, bands=(Band(1, None, band.discount_percentage, amount),))
    else:
        price = replace(price, bands=())
    return Sold(order.template, price, packs, order.term_days)
