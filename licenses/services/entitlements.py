"""Granting features: a licence's own rows, checked against what its product can do."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from events import moments
from events.refusals import Refusal
from licenses.models import (
    Entitlement,
    Feature,
    License,
    LicenseTemplate,
    Product,
    TemplateFeature,
)
from licenses.terms import BEYOND_CALENDAR, LimitType, Period, in_calendar

_MAX_LIMIT = Decimal(10) ** 18


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureGrant:
    """A feature as it is asked for; what is not stated comes from the product."""

    feature_id: str
    feature_name: str = ""
    enabled: bool = True
    limit_value: Decimal | None = None
    limit_type: str = ""
    expires_at: datetime | None = None


def grants_of(template: LicenseTemplate) -> list[FeatureGrant]:
    """Return what a template grants."""
    return granted_by(template.features.order_by("position", "id"))


def granted_by(features: Iterable[TemplateFeature]) -> list[FeatureGrant]:
    """Return what these rows of a template grant."""
    return [
        FeatureGrant(
            feature_id=feature.feature_id,
            feature_name=feature.feature_name,
            enabled=feature.included,
            limit_value=feature.default_limit,
        )
        for feature in features
    ]


def rows_for(
    license: License, product: Product, grants: Sequence[FeatureGrant]
) -> list[Entitlement]:
    """
    Return the rows, not yet stored, by which a licence would hold these grants.

    :raises VALIDATION_ERROR: if the product lacks a feature, one is named twice, or a limit is
        impossible
    """
    known = {feature.feature_id: feature for feature in product.features.all()}
    wrong = _faults(grants, known)
    if wrong:
        raise Refusal("VALIDATION_ERROR", **wrong)
    return [
        _row(license, known[grant.feature_id], grant, position)
        for position, grant in enumerate(grants)
    ]


def replace(license: License, grants: Sequence[FeatureGrant]) -> dict[str, tuple[Any, Any]]:
    """Let the licence hold exactly these grants; return what changed, for the trail."""
    before = told(license.entitlements.all())
    rows = rows_for(license, license.product, grants)
    license.entitlements.all().delete()
    Entitlement.objects.bulk_create(rows)
    return _changed(before, told(rows))


def upgrade(license: License, grants: Sequence[FeatureGrant]) -> dict[str, tuple[Any, Any]]:
    """Grant more: a feature held already is replaced, a new one is added; the others stay."""
    held = list(license.entitlements.order_by("position", "id"))
    rows = {row.feature_id: row for row in rows_for(license, license.product, grants)}
    before = told(held)
    license.entitlements.filter(feature_id__in=rows).delete()
    places = {row.feature_id: row.position for row in held}
    following = len(held)
    for feature_id, row in rows.items():
        row.position = places.get(feature_id, following)
        following += feature_id not in places
    Entitlement.objects.bulk_create(rows.values())
    kept = [row for row in held if row.feature_id not in rows]
    return _changed(before, told([*kept, *rows.values()]))


def told(rows: Iterable[Entitlement]) -> dict[str, Any]:
    """Return what these rows grant as the trail tells it."""
    return told_of(vars(row) for row in rows)


def told_of(columns: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what rows grant as the trail tells it, by the rows' columns."""
    return {
        row["feature_id"]: {
            "enabled": row["enabled"],
            "limit_value": None
            if row["limit_value"] is None
            else str(row["limit_value"].normalize()),
            "limit_type": row["limit_type"],
            "period": row["period"],
            "expires_at": row["expires_at"] and moments.written(row["expires_at"]),
        }
        for row in columns
    }


def _row(license: License, feature: Feature, grant: FeatureGrant, position: int) -> Entitlement:
    return Entitlement(
        license=license,
        feature_id=feature.feature_id,
        feature_name=grant.feature_name or feature.feature_name,
        enabled=grant.enabled,
        limit_value=grant.limit_value,
        limit_type=grant.limit_type or feature.limit_type,
        period=feature.period or Period.NONE,
        expires_at=grant.expires_at,
        position=position,
    )


def _faults(grants: Sequence[FeatureGrant], known: dict[str, Feature]) -> dict[str, Any]:
    wrong: dict[str, Any] = {}
    seen: set[str] = set()
    for index, grant in enumerate(grants):
        if grant.feature_id not in known:
            wrong[f"features.{index}.feature_id"] = [
                f"The product has no feature {grant.feature_id!r}."
            ]
        elif grant.feature_id in seen:
            wrong[f"features.{index}.feature_id"] = [f"{grant.feature_id!r} is named twice."]
        seen.add(grant.feature_id)
        if grant.expires_at is not None and not in_calendar(grant.expires_at):
            wrong[f"features.{index}.expires_at"] = [BEYOND_CALENDAR]
        limit = grant.limit_value
        if limit is not None and not (limit.is_finite() and 0 <= limit < _MAX_LIMIT):
            wrong[f"features.{index}.limit_value"] = ["Zero or more, below 10^18."]
        if grant.limit_type and grant.limit_type not in list(LimitType):
            wrong[f"features.{index}.limit_type"] = [f"One of {', '.join(LimitType)}."]
    return wrong


def _changed(before: dict[str, Any], after: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {} if before == after else {"features": (before, after)}
