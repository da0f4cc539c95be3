"""The three sizes in which most products are sold: Solo, Team and Enterprise."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from events.trail import Origin
from licenses.models import LicenseTemplate, Product
from licenses.services import templates
from licenses.terms import LicenseModel, LicenseType, Overage
from orders.services import pricing


@dataclass(frozen=True, slots=True)
class Tier:
    """A size: how many devices, and how many times the smallest price."""

    name: str
    seats: int
    overage: Overage
    price_factor: Decimal
    renews: bool


TIERS = (
    Tier("Solo", 3, Overage.NONE, Decimal(1), False),
    Tier("Team", 10, Overage.NONE, Decimal("2.8"), False),
    Tier("Enterprise", 1, Overage.UNLIMITED, Decimal(12), True),
)
DAYS = 365


@transaction.atomic
def setup_tiers(
    *,
    product: Product,
    base_price: Decimal,
    at: datetime,
    origin: Origin,
    currency: str = "EUR",
    quota_per_seat: Decimal | None = None,
) -> list[tuple[LicenseTemplate, bool]]:
    """
    Make the tiers' templates with their prices; return each with whether it is new.

    What is there already stays as it is, whoever made it, so this may be repeated. A feature that
    is measured gets `quota_per_seat`, times the seats; Enterprise has no limit.

    :raises VALIDATION_ERROR: an impossible price or currency
    """
    there = {template.template_name: template for template in product.templates.all()}
    tiers = []
    for tier in TIERS:
        name = f"{product.product_name} {tier.name}"
        template = there.get(name)
        if template is None:
            made = templates.create_template(
                product=product,
                fields=_terms(name, tier),
                features=_grants(product, tier, quota_per_seat),
                at=at,
                origin=origin,
            )
            price = {
                "base_price": base_price * tier.price_factor,
                "currency": currency,
                "billing_cycle": "ANNUALLY",
            }
            pricing.set_price(template=made, fields=price, at=at, origin=origin)
        tiers.append((template or made, template is None))
    return tiers


def _terms(name: str, tier: Tier) -> dict[str, Any]:
    return {
        "template_name": name,
        "license_type": LicenseType.SUBSCRIPTION,
        "license_model": LicenseModel.PER_DEVICE,
        "default_duration": DAYS,
        "max_activations": tier.seats,
        "overage": tier.overage,
        "auto_renewal_enabled": tier.renews,
        "trial_allowed": True,
    }


def _grants(product: Product, tier: Tier, quota_per_seat: Decimal | None) -> list[dict[str, Any]]:
    unlimited = tier.overage == Overage.UNLIMITED or quota_per_seat is None
    quota = None if unlimited else (quota_per_seat or 0) * tier.seats
    return [
        {
            "feature_id": feature.feature_id,
            "feature_name": feature.feature_name,
            "default_limit": quota if feature.limit_type else None,
        }
        for feature in product.features.order_by("id")
    ]
