"""Which licences end soon, for whoever sees to it that they are renewed."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models.functions import Coalesce

from licenses import terms
from licenses.models.license_queries import LicenseQuerySet

DAYS = 30
MOST_DAYS = 3_660
MOST = 10_000


@dataclass(frozen=True, slots=True)
class Expiring:
    """A licence that ends soon."""

    license_id: uuid.UUID
    customer_name: str
    product_name: str
    expiry_date: datetime
    auto_renewal_enabled: bool
    days_remaining: int


def within(licenses: LicenseQuerySet, days: int, *, at: datetime) -> tuple[list[Expiring], bool]:
    """
    Return which of these licences end in so many days from `at`, and whether there are more.

    The soonest come first. What is revoked or held has stopped already and waits for no renewal.
    """
    rows = licenses.ending(at, at + timedelta(days=days)).order_by("expiry_date", "-id")
    found = rows.values_list(
        "id",
        Coalesce("customer__name", "issued_to"),
        "product_name",
        "expiry_date",
        "auto_renewal",
    )[: MOST + 1]
    listed = [
        Expiring(license_id, customer, product, expiry, renews, terms.days_remaining(expiry, at))
        for license_id, customer, product, expiry, renews in found
    ]
    return listed[:MOST], len(listed) > MOST
