"""What a template fixes: features that may not be left out, terms that may not be overridden."""

from collections.abc import Iterable, Mapping, Sequence

from events.refusals import invalid
from licenses.models import Entitlement, License, TemplateFeature
from licenses.services.entitlements import FeatureGrant
from licenses.services.kept_restrictions import Kept

FIXED = "The template fixes this."


def check_features(
    offered: Iterable[TemplateFeature],
    grants: Sequence[FeatureGrant],
    *,
    held: Mapping[str, FeatureGrant],
    whole: bool = True,
    named: str = "features",
) -> None:
    """
    Let these grants pass if they leave alone what the template fixes.

    `held` is what stands now, by feature id: what stays as it is overrides nothing, whatever the
    template has come to say since. `whole`: what the grants do not name is taken away.

    :raises VALIDATION_ERROR: naming each feature that is removed or overridden
    """
    asked = {grant.feature_id: grant for grant in grants}
    places = {grant.feature_id: place for place, grant in enumerate(grants)}
    wrong: dict[str, str | list[str]] = {}
    missing = []
    for feature in offered:
        grant, now = asked.get(feature.feature_id), held.get(feature.feature_id)
        path = f"{named}.{places.get(feature.feature_id)}.feature_id"
        if _removed(grant, now, whole=whole):
            if feature.required and grant is None:
                missing.append(feature.feature_id)
            elif feature.required:
                wrong[path] = f"The template requires {feature.feature_id!r}."
        elif grant and grant.enabled and not feature.configurable:
            as_offered = FeatureGrant(
                feature_id=feature.feature_id,
                enabled=feature.included,
                limit_value=feature.default_limit,
            )
            if not any(_same(grant, one) for one in (now, as_offered)):
                wrong[path] = f"The template fixes {feature.feature_id!r}."
    if missing:
        wrong[named] = [f"The template requires {feature_id!r}." for feature_id in missing]
    if wrong:
        raise invalid(**wrong)


def check_features_of(
    license: License,
    grants: Sequence[FeatureGrant],
    *,
    whole: bool = True,
    named: str = "features",
) -> None:
    """
    Let a licence be granted these if its template permits; one without a template is free.

    :raises VALIDATION_ERROR: naming each feature that is removed or overridden
    """
    if license.template is None:
        return
    held = {row.feature_id: _as_granted(row) for row in license.entitlements.all()}
    offered = license.template.features.all()
    check_features(offered, grants, held=held, whole=whole, named=named)


def check_restrictions(
    offered: Iterable[Kept],
    wished: Sequence[Kept],
    *,
    held: Sequence[Kept],
    names: Mapping[tuple[str, str], str] | None = None,
) -> None:
    """
    Let these restrictions pass if those that the template fixes are as they stand, or as it says.

    `names`: where the wish for one kind was stated, if not among the restrictions.

    :raises VALIDATION_ERROR: naming each kind that is removed or overridden
    """
    fixed: dict[tuple[str, str], list[tuple[str, ...]]] = {}
    for row in offered:
        if not row.configurable:
            fixed.setdefault(row.kind, []).append(row.values)
    wrong: dict[str, str | list[str]] = {}
    for kind, values in fixed.items():
        if _of_kind(kind, wished) not in (sorted(values), _of_kind(kind, held)):
            name = (names or {}).get(kind)
            kind_type, operator = kind
            wrong[name or "restrictions"] = (
                FIXED if name else f"The template fixes {operator} {kind_type}."
            )
    if wrong:
        raise invalid(**wrong)


def _removed(grant: FeatureGrant | None, now: FeatureGrant | None, *, whole: bool) -> bool:
    if now is None or not now.enabled:
        return False
    return not grant.enabled if grant else whole


def _same(grant: FeatureGrant, other: FeatureGrant | None) -> bool:
    return other is not None and (grant.enabled, grant.limit_value, grant.expires_at) == (
        other.enabled,
        other.limit_value,
        other.expires_at,
    )


def _as_granted(row: Entitlement) -> FeatureGrant:
    return FeatureGrant(
        feature_id=row.feature_id,
        enabled=row.enabled,
        limit_value=row.limit_value,
        expires_at=row.expires_at,
    )


def _of_kind(kind: tuple[str, str], rows: Sequence[Kept]) -> list[tuple[str, ...]]:
    return sorted(row.values for row in rows if row.kind == kind)
