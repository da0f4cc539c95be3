"""A tenant's licences taken together: what is in force, what ends, what needs somebody."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from licenses.models import License, Product
from licenses.models.license_queries import LicenseQuerySet
from licenses.states import Status

# Read at once and reckoned in memory; who owns more is told that these are the newest.
LOOKED_AT = 500
SOON = timedelta(days=30)
LONG_OVER = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Portfolio:
    """The newest licences of a tenant, reckoned at one instant."""

    at: datetime
    licenses: list[License]
    there_are_more: bool

    @property
    def in_force(self) -> list[License]:
        """Those that work now, in grace or not."""
        return [
            row
            for row in self.licenses
            if row.status_at(self.at) is Status.ACTIVE or row.in_grace_at(self.at)
        ]

    @property
    def in_grace(self) -> list[License]:
        return sorted((row for row in self.licenses if row.in_grace_at(self.at)), key=_by_end)

    @property
    def ending(self) -> list[License]:
        """Those active that end within a month, soonest first."""
        return sorted(
            (
                row
                for row in self.licenses
                if row.status_at(self.at) is Status.ACTIVE
                and row.expiry_date is not None
                and row.expiry_date < self.at + SOON
            ),
            key=_by_end,
        )

    @property
    def suspended(self) -> list[License]:
        return [row for row in self.licenses if row.status_at(self.at) is Status.SUSPENDED]

    @property
    def full(self) -> list[License]:
        """Those in force with no seat free."""
        return [row for row in self.in_force if row.seats_left == 0]

    @property
    def needing(self) -> dict[str, list[License]]:
        """Those that need somebody, by why, gravest first: a part of the lists of these names."""
        long_ago = self.at - LONG_OVER
        return {
            "suspended": [
                row
                for row in self.suspended
                if row.held or row.expiry_date is None or row.expiry_date > long_ago
            ],
            "in_grace": self.in_grace,
            # A single seat is there to be taken.
            "full": [row for row in self.full if row.max_activations > 1],
            "ending": [row for row in self.ending if not row.auto_renewal],
        }

    @property
    def ahead(self) -> list[License]:
        """Those with a future, soonest to end first and endless ones last."""
        living = (Status.ACTIVE, Status.PENDING, Status.INACTIVE)
        return sorted(
            (
                row
                for row in self.licenses
                if row.in_grace_at(self.at) or row.status_at(self.at) in living
            ),
            key=_by_end,
        )

    @property
    def closest_to_full(self) -> list[License]:
        """Those in force that can fill, fullest first."""
        counted = [row for row in self.in_force if row.capacity]
        return sorted(
            counted, key=lambda row: row.current_activations / (row.capacity or 1), reverse=True
        )

    @property
    def seats(self) -> tuple[int, int]:
        """Seats taken and seats there are, over those in force that can fill."""
        counted = [row for row in self.in_force if row.capacity is not None]
        return (
            sum(row.current_activations for row in counted),
            sum(row.capacity or 0 for row in counted),
        )


def portfolio_of(licenses: LicenseQuerySet, *, at: datetime) -> Portfolio:
    """Return these licences taken together, by one bounded query."""
    rows = list(licenses.order_by("-id")[: LOOKED_AT + 1])
    return Portfolio(at=at, licenses=rows[:LOOKED_AT], there_are_more=len(rows) > LOOKED_AT)


def spread(rows: list[License], number: int) -> list[License]:
    """Return at most so many of these rows, evenly from the first to the last."""
    if len(rows) <= number:
        return rows
    step = (len(rows) - 1) / (number - 1)
    return [rows[round(place * step)] for place in range(number)]


def _by_end(row: License) -> tuple[bool, float]:
    return (row.expiry_date is None, row.expiry_date.timestamp() if row.expiry_date else 0.0)


def products_among(licenses: LicenseQuerySet) -> list[Product]:
    """Return the products of these licences, by name; of the newest ones where there are many."""
    newest = licenses.order_by("-id").values("product_id")[:LOOKED_AT]
    return list(Product.objects.filter(pk__in=newest).order_by("product_name", "id"))
