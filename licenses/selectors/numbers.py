"""Counts over all licences, for the dashboard and for whoever operates the portal."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from licenses.models import Activation, License, NamedUser
from licenses.selectors.glance import seats_of
from licenses.states import Status

_SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Numbers:
    """What there is, at one instant."""

    licenses: int
    by_status: dict[str, int]
    in_grace: int
    ending_in_30_days: int
    seats_taken: int
    devices: int
    by_product: dict[str, int]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def numbers(*, at: datetime) -> Numbers:
    """Return the counts over all licences, by what they are at that instant."""
    by_status = {status.value: License.objects.in_status(status, at).count() for status in Status}
    active = License.objects.in_status(Status.ACTIVE, at)
    products = (
        License.objects.values_list("product__product_name")
        .annotate(many=Count("id"))
        .order_by("-many", "product__product_name")
    )
    return Numbers(
        licenses=sum(by_status.values()),
        by_status=by_status,
        in_grace=License.objects.in_grace(at).count(),
        ending_in_30_days=active.expiring_between(at, at + _SOON).count(),
        seats_taken=seats_of(License.objects.all()).taken,
        devices=Activation.objects.live().count(),
        by_product=dict(products),
    )


def with_wrong_seats() -> QuerySet[License]:
    """
    Return the licences whose seat counter is not what holds their seats.

    That is the units of live activations and, one each, the names that are assigned.
    """
    live = (
        Activation.objects.live()
        .filter(license=OuterRef("pk"))
        .order_by()
        .values("license")
        .annotate(units_held=Sum("units"))
        .values("units_held")
    )
    names = (
        NamedUser.objects.assigned()
        .filter(license=OuterRef("pk"))
        .order_by()
        .values("license")
        .annotate(names_held=Count("pk"))
        .values("names_held")
    )
    held = Coalesce(Subquery(live), 0) + Coalesce(Subquery(names), 0)
    return License.objects.annotate(units_held=held).exclude(units_held=F("current_activations"))
