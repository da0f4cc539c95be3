"""What templates offer and licences hold, brought into the one form in which they are compared."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from events.refusals import Refusal, invalid
from licenses import plans, terms
from licenses.models import Entitlement, License, LicenseTemplate
from licenses.plans import FeatureTerms, RestrictionTerms, Terms
from licenses.services import entitlements
from licenses.services.entitlements import FeatureGrant
from licenses.services.kept_restrictions import Kept, held_by, offered_by
from licenses.services.templates import Imagined


@dataclass(frozen=True, slots=True)
class Blueprint:
    """What a template would give to a licence of its product."""

    template: LicenseTemplate
    grants: list[FeatureGrant]
    restricted: list[Kept]
    terms: Terms


def blueprint_of(template: LicenseTemplate) -> Blueprint:
    """Return what a template offers as it is stored."""
    grants = entitlements.grants_of(template)
    return _drawn(template, grants, offered_by(template))


def blueprint_imagined(imagined: Imagined) -> Blueprint:
    """Return what a template would offer after a change."""
    grants = entitlements.granted_by(imagined.features)
    return _drawn(imagined.template, grants, imagined.restrictions)


def terms_held(license: License) -> Terms:
    """Return the terms of one licence."""
    return Terms(
        scalars=tuple(getattr(license, name) for name in plans.SCALARS),
        features=_features(license.entitlements.all()),
        restrictions=restriction_terms(held_by(license)),
    )


def reckon(
    held: Terms, blueprint: Blueprint, *, license_type: str, activated: bool, ended: bool
) -> Terms:
    """
    Return what a licence's terms would be under a template of its product.

    :raises TEMPLATE_DOES_NOT_FIT: the template is of another type, or counts otherwise
    :raises VALIDATION_ERROR: the template leaves values to be stated that the licence does not have
    """
    template = blueprint.template
    if template.license_type != license_type:
        raise Refusal(
            "TEMPLATE_DOES_NOT_FIT",
            license_type=license_type,
            template_license_type=template.license_type,
        )
    if not plans.counts_alike(template.license_model, held["license_model"]):
        raise Refusal(
            "TEMPLATE_DOES_NOT_FIT",
            license_model=held["license_model"],
            template_license_model=template.license_model,
        )
    if missing := plans.unstated(held, blueprint.terms):
        raise invalid(
            restrictions=[
                f"State the values of {operator} {kind} on the licence first."
                for kind, operator in missing
            ]
        )
    return plans.applied(held, blueprint.terms, activated=activated, ended=ended)


def restriction_terms(rows: Iterable[Kept]) -> tuple[RestrictionTerms, ...]:
    """Return restrictions as they are compared."""
    return tuple(RestrictionTerms(*row.compared) for row in rows)


def _drawn(
    template: LicenseTemplate, grants: list[FeatureGrant], restricted: Sequence[Kept]
) -> Blueprint:
    rows = entitlements.rows_for(License(), template.product, grants)
    said = {name: getattr(template, name) for name in plans.SCALARS if name != "template_id"}
    said["lease_seconds"] = terms.lease_seconds(
        template.license_type,
        lease_seconds=template.lease_seconds,
        heartbeat_interval_seconds=template.heartbeat_interval_seconds,
    )
    offered = Terms(
        scalars=tuple(({"template_id": template.pk} | said)[name] for name in plans.SCALARS),
        features=_features(rows),
        restrictions=restriction_terms(restricted),
    )
    return Blueprint(template, grants, list(restricted), offered)


def _features(rows: Iterable[Entitlement]) -> tuple[tuple[str, FeatureTerms], ...]:
    granted = {
        row.feature_id: FeatureTerms(
            row.enabled, row.limit_value, row.limit_type, row.period, row.expires_at
        )
        for row in rows
    }
    return tuple((feature_id, granted[feature_id]) for feature_id in sorted(granted))
