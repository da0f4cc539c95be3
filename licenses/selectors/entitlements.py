"""What a licence includes: the features it grants, each with its limit and what is used of it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from licenses import terms
from licenses.facts import Reading
from licenses.models import Entitlement, Feature, License, QuotaCounter


@dataclass(frozen=True, slots=True)
class Grant:
    """A feature as a licence grants it, in the units of its product."""

    entitlement: Entitlement
    unit: str
    ended: bool
    reading: Reading

    @property
    def limit(self) -> Decimal | None:
        return self.entitlement.limit_value

    @property
    def used(self) -> Decimal:
        return self.reading.used

    @property
    def remaining(self) -> Decimal | None:
        return self.reading.remaining

    @property
    def resets_at(self) -> datetime | None:
        return self.reading.resets_at

    @property
    def usable(self) -> bool:
        return self.entitlement.enabled and not self.ended


def grants_of(license: License, *, at: datetime) -> list[Grant]:
    """Return what the licence grants, in the order in which it was sold: three queries."""
    units = dict(
        Feature.objects.filter(product_id=license.product_id).values_list("feature_id", "unit")
    )
    # One row a feature and period; only those of today's periods are asked for.
    starts = {terms.period_start(period, at) for period in terms.Period}
    counted = QuotaCounter.objects.filter(license=license, period_start__in=starts)
    used = {
        (feature_id, start): value
        for feature_id, start, value in counted.values_list("feature_id", "period_start", "used")
    }
    return [
        Grant(
            entitlement=row,
            unit=units.get(row.feature_id, ""),
            ended=row.expires_at is not None and row.expires_at <= at,
            reading=Reading(
                row.feature_id,
                used.get((row.feature_id, terms.period_start(row.period, at)), Decimal(0)),
                row.limit_value,
                terms.period_end(row.period, at),
            ),
        )
        for row in license.entitlements.order_by("position", "feature_name", "id")
    ]
