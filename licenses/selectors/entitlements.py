"""What a licence includes: the features it grants, each with its limit and the unit of it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from licenses.models import Entitlement, Feature, License


@dataclass(frozen=True, slots=True)
class Grant:
    """A feature as a licence grants it, in the units of its product."""

    entitlement: Entitlement
    unit: str
    ended: bool

    @property
    def limit(self) -> Decimal | None:
        return self.entitlement.limit_value

    @property
    def usable(self) -> bool:
        return self.entitlement.enabled and not self.ended


def grants_of(license: License, *, at: datetime) -> list[Grant]:
    """Return what the licence grants, in the order in which it was sold."""
    units = dict(
        Feature.objects.filter(product_id=license.product_id).values_list("feature_id", "unit")
    )
    return [
        Grant(
            entitlement=row,
            unit=units.get(row.feature_id, ""),
            ended=row.expires_at is not None and row.expires_at <= at,
        )
        for row in license.entitlements.order_by("position", "feature_name", "id")
    ]
