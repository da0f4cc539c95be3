"""What somebody's wish costs at this instant: prices of rows, given to the pure reckoning."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings

from accounts.models import Customer, Tenant
from events.refusals import Refusal, invalid
from licenses.models import License, LicenseTemplate
from licenses.terms import TRIALS, LicenseModel, LicenseType
from orders import pricing
from orders.pricing import Asked, Price, Quote
from orders.services import last_price
from orders.services.last_price import Sold
from orders.services.prices import overridden, price_of
from orders.states import OrderKind

# Licences that one order issues one by one; a larger fleet is one licence with many seats.
MOST_LICENSES = 1_000
_MOST_SEATS = 2**31 - 1
MOST_MONEY = Decimal(10) ** 11


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody would like to have; of renewals and upgrades the licence says the rest."""

    kind: OrderKind = OrderKind.NEW
    template: LicenseTemplate | None = None
    license: License | None = None
    quantity: int | None = None
    duration_override: int | None = None
    pricing_override: Mapping[str, Any] = field(default_factory=dict)
    tenant: Tenant | None = None
    customer: Customer | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """What it costs, and what would be had for it."""

    template: LicenseTemplate
    quantity: int
    # Of each licence.
    max_activations: int
    term_days: int
    price: Price
    quote: Quote


def offer_for(wish: Wish, *, at: datetime) -> Offer:
    """
    Return what a wish costs.

    :raises TEMPLATE_NOT_FOUND LICENSE_NOT_FOUND: what it is about is not named
    :raises VALIDATION_ERROR: it is nothing that could be sold
    :raises TRIAL_NOT_RENEWABLE NOTHING_TO_RENEW: the licence has no term to lengthen
    :raises LICENSE_EXPIRED: there is nothing left of the term to upgrade
    """
    if wish.kind == OrderKind.NEW:
        offer = _new(wish)
    else:
        if wish.license is None:
            raise Refusal("LICENSE_NOT_FOUND")
        if wish.duration_override is not None:
            raise invalid(duration_override="Of new licences only.")
        offer = (_renewal if wish.kind == OrderKind.RENEWAL else _upgrade)(wish, at=at)
    if offer.quote.total >= MOST_MONEY or offer.quote.list_amount >= MOST_MONEY:
        raise invalid(quantity="That is more than can be invoiced.")
    return offer


def _new(wish: Wish) -> Offer:
    template = wish.template
    if template is None:
        raise Refusal("TEMPLATE_NOT_FOUND")
    quantity = 1 if wish.quantity is None else wish.quantity
    each = _seats_each(template, quantity)
    is_trial = template.license_type in TRIALS
    if is_trial and quantity > 1:
        raise invalid(quantity="A trial is one licence.")
    if template.license_model != LicenseModel.PER_SEAT and quantity > MOST_LICENSES:
        raise invalid(quantity=f"At most {MOST_LICENSES:,} licences in one order.")
    by_default = template.trial_duration_days if is_trial else template.default_duration
    days = wish.duration_override or by_default
    price = overridden(price_of(template), wish.pricing_override)
    asked = _asked(wish, template, quantity, quantity * template.max_activations, days)
    return Offer(template, quantity, each, days, price, pricing.quote(price, asked))


def _renewal(wish: Wish, *, at: datetime) -> Offer:
    license = _named(wish)
    template = license.template
    if template is None:
        raise invalid(license_id="It was issued from no template, so nothing says its price.")
    if wish.template not in (None, template):
        raise invalid(template_id="A renewal keeps the template; order an upgrade.")
    if license.license_type in TRIALS:
        raise Refusal("TRIAL_NOT_RENEWABLE")
    quantity = packs_of(license, template)
    if wish.quantity not in (None, quantity):
        raise invalid(quantity=f"A renewal keeps what there is: {quantity}.")
    kept = last_price.of(license, quantity) if keeps_price(template) else None
    price = overridden(kept.price if kept else price_of(template), wish.pricing_override)
    days = pricing.renewal_days(price.billing_cycle, template.default_duration)
    asked = _asked(wish, template, quantity, license.max_activations, days, cycles=1)
    perpetual = license.license_type == LicenseType.PERPETUAL
    if perpetual and not price.maintenance_percentage:
        raise Refusal("NOTHING_TO_RENEW")
    reckon = pricing.maintenance_quote if perpetual else pricing.quote
    days = 365 if perpetual else days
    return Offer(template, quantity, license.max_activations, days, price, reckon(price, asked))


def _upgrade(wish: Wish, *, at: datetime) -> Offer:
    license, template = _named(wish), wish.template
    if template is None:
        raise Refusal("TEMPLATE_NOT_FOUND")
    if template.product_id != license.product_id:
        raise invalid(template_id="The template is of another product.")
    quantity = 1 if wish.quantity is None else wish.quantity
    each = _seats_each(template, quantity)
    if template.license_model != LicenseModel.PER_SEAT and quantity > 1:
        raise invalid(quantity="One licence is upgraded.")
    price = overridden(price_of(template), wish.pricing_override)
    if license.license_type in TRIALS:
        # Nothing was paid for a trial, and its paid term begins anew.
        days = template.default_duration
        made = pricing.quote(price, _asked(wish, template, quantity, each, days))
        return Offer(template, quantity, each, days, price, made)
    sold = last_price.of(license, None) or _sold_today(license)
    if sold.price.currency != price.currency:
        raise invalid(template_id=f"It was sold in {sold.price.currency}.")
    remaining, term = _left_of(license, sold, at=at)
    asked = _asked(wish, template, quantity, each, sold.term_days)
    old = _asked(wish, sold.template, sold.quantity, license.max_activations, sold.term_days)
    made = pricing.upgrade_quote(
        new=pricing.quote(price, asked),
        old=pricing.quote(sold.price, old),
        asked=asked,
        remaining_days=remaining,
        term_days=term,
    )
    return Offer(template, quantity, each, sold.term_days, price, made)


def _left_of(license: License, sold: Sold, *, at: datetime) -> tuple[int, int]:
    """Return the days left of the term and those it was sold for; all of one that never ends."""
    if license.expiry_date is None:
        return 1, 1
    remaining = (license.expiry_date - at).days
    if remaining <= 0:
        raise Refusal("LICENSE_EXPIRED")
    return remaining, sold.term_days


def _sold_today(license: License) -> Sold:
    """Return what a licence that came of no order would be sold for now."""
    template = license.template
    if template is None:
        raise invalid(license_id="It was issued from no template, so nothing says its price.")
    days = license.duration_days or template.default_duration
    return Sold(template, price_of(template), packs_of(license, template), days)


def _asked(
    wish: Wish,
    template: LicenseTemplate,
    quantity: int,
    seats: int,
    days: int,
    cycles: int | None = None,
) -> Asked:
    rate, note = _tax(wish)
    return Asked(
        quantity=quantity,
        seats=seats,
        days=days,
        per_seat=template.license_model == LicenseModel.PER_SEAT,
        perpetual=template.license_type == LicenseType.PERPETUAL,
        cycles=cycles,
        tax_rate=rate,
        tax_note=note,
    )


def _tax(wish: Wish) -> tuple[Decimal, str]:
    tenant = wish.tenant
    if tenant is None:
        return Decimal(0), ""
    buyer = wish.customer or tenant
    return pricing.tax_for(
        rate=tenant.tax_rate,
        vendor_country=settings.VENDOR_COUNTRY,
        buyer_country=(buyer.billing_address or {}).get("country", ""),
        buyer_tax_id=buyer.tax_id,
    )


def _named(wish: Wish) -> License:
    assert wish.license is not None  # noqa: S101 - offer_for has looked
    return wish.license


def _seats_each(template: LicenseTemplate, quantity: int) -> int:
    """Return how many devices each licence would allow: all of them, where there is one."""
    per_seat = template.license_model == LicenseModel.PER_SEAT
    seats = template.max_activations * (quantity if per_seat else 1)
    if quantity < 1 or seats > _MOST_SEATS:
        raise invalid(quantity=f"At least 1, and at most {_MOST_SEATS:,} devices.")
    return seats


def packs_of(license: License, template: LicenseTemplate) -> int:
    """Return how many packs of its template a licence is."""
    if template.license_model != LicenseModel.PER_SEAT:
        return 1
    return math.ceil(license.max_activations / template.max_activations)


def keeps_price(template: LicenseTemplate) -> bool:
    """Return whether renewals cost what the last order did."""
    price = getattr(template, "pricing", None)
    return price is not None and price.keep_price
