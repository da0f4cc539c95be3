"""The three sizes in which most products are sold: Solo, Team and Enterprise."""

from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from licenses.models import Feature, LicenseTemplate, Product, TemplateFeature
from licenses.terms import LicenseModel, LicenseType, Overage
from orders.models import Pricing


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
    currency: str = "EUR",
    quota_per_seat: Decimal | None = None,
) -> list[tuple[LicenseTemplate, bool]]:
    """
    Make the tiers' templates with their prices; return each with whether it is new.

    What is there already stays as it is, whoever made it, so this may be repeated. A feature that
    is measured gets `quota_per_seat`, times the seats; Enterprise has no limit.
    """
    features = list(product.features.order_by("id"))
    return [_tier(product, tier, features, base_price, currency, quota_per_seat) for tier in TIERS]


def _tier(
    product: Product,
    tier: Tier,
    features: list[Feature],
    base_price: Decimal,
    currency: str,
    quota_per_seat: Decimal | None,
) -> tuple[LicenseTemplate, bool]:
    template, is_new = LicenseTemplate.objects.get_or_create(
        product=product,
        template_name=f"{product.product_name} {tier.name}",
        defaults={
            "license_type": LicenseType.SUBSCRIPTION,
            "license_model": LicenseModel.PER_DEVICE,
            "default_duration": DAYS,
            "max_activations": tier.seats,
            "overage": tier.overage,
            "auto_renewal_enabled": tier.renews,
            "trial_allowed": True,
        },
    )
    if not is_new:
        return template, False
    unlimited = tier.overage == Overage.UNLIMITED or quota_per_seat is None
    quota = None if unlimited else (quota_per_seat or 0) * tier.seats
    TemplateFeature.objects.bulk_create(
        TemplateFeature(
            template=template,
            feature_id=feature.feature_id,
            feature_name=feature.feature_name,
            default_limit=quota if feature.limit_type else None,
            position=position,
        )
        for position, feature in enumerate(features)
    )
    Pricing.objects.create(
        template=template,
        base_price=base_price * tier.price_factor,
        currency=currency,
        billing_cycle="ANNUALLY",
    )
    return template, True
