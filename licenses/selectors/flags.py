"""What a tenant may do by all its licences together: of each feature the most generous grant."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import (
    Case,
    DateField,
    DecimalField,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
    Window,
)
from django.db.models.functions import Coalesce, RowNumber

from licenses import terms
from licenses.models import Entitlement, License, QuotaCounter
from licenses.states import Status

_AMOUNT: "DecimalField[Any, Any]" = DecimalField(max_digits=24, decimal_places=6)
_MOST_GENEROUS_FIRST = (
    F("usable").desc(),
    # No limit is the most generous one.
    F("limit_value").desc(nulls_first=True),
    F("left").desc(nulls_first=True),
    F("id").asc(),
)


@dataclass(frozen=True, slots=True)
class Flag:
    """Whether a tenant has a feature, and how much of it."""

    enabled: bool
    limit_value: Decimal | None
    remaining: Decimal | None
    expires_at: datetime | None


def flags_of(
    tenant_id: uuid.UUID, *, product_id: str | None = None, at: datetime
) -> dict[str, Flag]:
    """Return what the tenant's valid licences grant, by feature: one query."""
    rows = _ranked(_valid(tenant_id, product_id, at), at).annotate(
        place=Window(RowNumber(), partition_by=["feature_id"], order_by=_MOST_GENEROUS_FIRST)
    )
    best = rows.filter(place=1).select_related("license").order_by("feature_id")
    return {row.feature_id: _flag(row) for row in best}


def digests_granting(
    tenant_id: uuid.UUID, feature_id: str, *, at: datetime, most: int
) -> list[bytes]:
    """Return the key digests of valid licences that grant a feature, the most generous first."""
    rows: QuerySet[Any] = _ranked(_valid(tenant_id, None, at), at)
    rows = rows.filter(_granted(at), feature_id=feature_id)
    found = rows.order_by(*_MOST_GENEROUS_FIRST).values_list("license__key_digest", flat=True)
    return [bytes(digest) for digest in found[:most]]


def has_valid_license(tenant_id: uuid.UUID, *, at: datetime) -> bool:
    """Return whether any licence of the tenant works now."""
    return _valid(tenant_id, None, at).exists()


def _valid(tenant_id: uuid.UUID, product_id: str | None, at: datetime) -> QuerySet[License]:
    licenses = License.objects.filter(tenant_id=tenant_id)
    if product_id is not None:
        licenses = licenses.filter(product__product_id=product_id)
    return licenses.in_status(Status.ACTIVE, at) | licenses.in_grace(at)


def _ranked(licenses: QuerySet[License], at: datetime) -> "QuerySet[Entitlement, Any]":
    """Return what the licences grant, with what orders it by generosity."""
    counted = QuotaCounter.objects.filter(
        license_id=OuterRef("license_id"),
        feature_id=OuterRef("feature_id"),
        period_start=OuterRef("since"),
    )
    return Entitlement.objects.filter(license__in=licenses).annotate(
        usable=Case(When(_granted(at), then=1), default=0, output_field=IntegerField()),
        since=Case(
            *(When(period=period.value, then=_start(period, at)) for period in terms.Period),
            default=_start(terms.Period.NONE, at),
            output_field=DateField(),
        ),
        used=Coalesce(Subquery(counted.values("used")[:1]), Decimal(0), output_field=_AMOUNT),
        left=F("limit_value") - F("used"),
    )


def _granted(at: datetime) -> Q:
    return Q(enabled=True) & (Q(expires_at=None) | Q(expires_at__gt=at))


def _start(period: terms.Period, at: datetime) -> Value:
    start: date = terms.period_start(period, at)
    return Value(start, output_field=DateField())


def _flag(row: Any) -> Flag:
    ends = [end for end in (row.expires_at, row.license.expiry_date) if end is not None]
    limit = row.limit_value
    return Flag(
        enabled=bool(row.usable),
        limit_value=limit,
        remaining=None if limit is None else max(Decimal(0), limit - row.used),
        expires_at=min(ends, default=None),
    )
