"""Templates: made and changed, each with its event; what was sold with one never alters."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.services.storing import check
from events import trail
from events.refusals import Refusal, invalid
from events.trail import Origin
from licenses import terms
from licenses.keys import MADE_HERE
from licenses.models import LicenseTemplate, Product, TemplateFeature
from licenses.services.kept_restrictions import Kept, Rows, offered_by, read
from licenses.services.restricting import replace_in_template

TEMPLATE_FIELDS = frozenset(
    {
        "template_name",
        "description",
        "license_type",
        "license_model",
        "default_duration",
        "max_activations",
        "overage",
        "expiry_basis",
        "auto_renewal_enabled",
        "trial_allowed",
        "trial_duration_days",
        "grace_period_days",
        "heartbeat_interval_seconds",
        "lease_seconds",
        "max_borrow_days",
        "require_heartbeat",
        "self_service",
        "bind_on_first_activation",
        "releases_per_30_days",
        "key_scheme",
        "key_prefix",
        "reserved_for",
        "active",
    }
)
FEATURE_FIELDS = frozenset(
    {"feature_id", "feature_name", "included", "default_limit", "configurable", "required"}
)


@transaction.atomic
def create_template(
    *,
    product: Product,
    fields: Mapping[str, Any],
    features: Rows = (),
    restrictions: Rows = (),
    at: datetime,
    origin: Origin,
) -> LicenseTemplate:
    """
    Make a template of a product, with the features that it grants and what it restricts.

    :raises NOT_AVAILABLE: keys of the scheme are imported, never made
    :raises VALIDATION_ERROR: an impossible value, or a feature that the product lacks
    """
    template = LicenseTemplate(product=product)
    changes = _apply(template, fields)
    _save(template)
    changes |= _replace_features(template, features)
    changes |= replace_in_template(template, restrictions)
    _record("template.created", template, changes, at=at, origin=origin)
    return template


@transaction.atomic
def update_template(
    *,
    pk: uuid.UUID,
    fields: Mapping[str, Any],
    features: Rows | None = None,
    restrictions: Rows | None = None,
    at: datetime,
    origin: Origin,
) -> LicenseTemplate:
    """
    Change a template; `features` and `restrictions`, where given, replace the old ones whole.

    :raises TEMPLATE_NOT_FOUND: there is no such template
    :raises NOT_AVAILABLE: keys of the scheme are imported, never made
    :raises VALIDATION_ERROR: an impossible value, or a feature that the product lacks
    """
    template = (
        LicenseTemplate.objects.select_for_update(of=("self",))
        .select_related("product")
        .filter(pk=pk)
        .first()
    )
    if template is None:
        raise Refusal("TEMPLATE_NOT_FOUND")
    changes = _apply(template, fields)
    if changes:
        _save(template)
    if features is not None:
        changes |= _replace_features(template, features)
    if restrictions is not None:
        changes |= replace_in_template(template, restrictions)
    if changes:
        _record("template.updated", template, changes, at=at, origin=origin)
    return template


@dataclass(frozen=True, slots=True)
class Imagined:
    """A template as it would be after a change, none of it stored."""

    template: LicenseTemplate
    features: list[TemplateFeature]
    restrictions: list[Kept]


def imagine_template(
    template: LicenseTemplate,
    *,
    fields: Mapping[str, Any],
    features: Rows | None = None,
    restrictions: Rows | None = None,
) -> Imagined:
    """
    Return what changing a template so would make of it; nothing is written.

    The template handed in takes on the fields: read it anew for anything else.

    :raises NOT_AVAILABLE VALIDATION_ERROR: as changing it would
    """
    held = offered_by(template)
    _apply(template, fields)
    _check(template)
    return Imagined(
        template=template,
        features=list(template.features.order_by("position", "id"))
        if features is None
        else _feature_rows(template, features),
        restrictions=held
        if restrictions is None
        else read(restrictions, held=held, values_in="default_values"),
    )


def _apply(template: LicenseTemplate, stated: Mapping[str, Any]) -> dict[str, Any]:
    fields = _with_terms_of_trials(template, stated)
    changes = {}
    for name in sorted(TEMPLATE_FIELDS & fields.keys()):
        before = None if template._state.adding else getattr(template, name)
        if before != fields[name]:
            changes[name] = (before, fields[name])
        setattr(template, name, fields[name])
    return changes


def _with_terms_of_trials(
    template: LicenseTemplate, stated: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Return what is stated, and of a trial what follows: its term by either name, no grace."""
    if stated.get("license_type", template.license_type) not in terms.TRIALS:
        return stated
    follows: dict[str, Any] = {}
    if template._state.adding:
        follows["grace_period_days"] = 0
    if "default_duration" in stated:
        follows["trial_duration_days"] = stated["default_duration"]
    return follows | dict(stated)


def _save(template: LicenseTemplate) -> None:
    _check(template)
    template.save()


def _check(template: LicenseTemplate) -> None:
    check(template)
    tried = template.trial_allowed or template.license_type in terms.TRIALS
    if tried and not template.trial_duration_days:
        raise invalid(trial_duration_days="At least one day, where trials are allowed.")
    if template.key_scheme not in {"", *MADE_HERE}:
        # Keys of other systems are imported, none is made.
        raise Refusal("NOT_AVAILABLE", key_scheme=template.key_scheme)


def _replace_features(template: LicenseTemplate, features: Rows) -> dict[str, Any]:
    """Let the template grant exactly these; return what changed, for the trail."""
    rows = _feature_rows(template, features)
    held = list(template.features.order_by("position", "id"))
    before, after = _granted(held), _granted(rows)
    if before == after:
        return {}
    template.features.all().delete()
    TemplateFeature.objects.bulk_create(rows)
    return {"features": (before, after)}


def _feature_rows(template: LicenseTemplate, features: Rows) -> list[TemplateFeature]:
    known = dict(template.product.features.values_list("feature_id", "feature_name"))
    rows = []
    for position, row in enumerate(features):
        given = {name: row[name] for name in FEATURE_FIELDS & row.keys()}
        given["feature_name"] = given.get("feature_name") or known.get(row["feature_id"], "")
        rows.append(TemplateFeature(template=template, position=position, **given))
    _check_features(rows, set(known))
    return rows


def _check_features(rows: list[TemplateFeature], known: set[str]) -> None:
    wrong: dict[str, str | list[str]] = {}
    seen: set[str] = set()
    for index, row in enumerate(rows):
        at_id = f"features.{index}.feature_id"
        if row.feature_id not in known:
            wrong[at_id] = f"The product has no feature {row.feature_id!r}."
        elif row.feature_id in seen:
            wrong[at_id] = f"{row.feature_id!r} is named twice."
        seen.add(row.feature_id)
        if row.default_limit is not None and row.default_limit < 0:
            wrong[f"features.{index}.default_limit"] = "Zero or more."
    if wrong:
        raise invalid(**wrong)


def _granted(rows: list[TemplateFeature]) -> list[dict[str, Any]]:
    return [
        {
            "feature_id": row.feature_id,
            "included": row.included,
            "default_limit": None
            if row.default_limit is None
            else f"{row.default_limit.normalize():f}",
            "configurable": row.configurable,
            "required": row.required,
        }
        for row in rows
    ]


def _record(
    event_type: str,
    template: LicenseTemplate,
    changes: dict[str, Any],
    *,
    at: datetime,
    origin: Origin,
) -> None:
    named = {"template_id": (None, template.pk), "template_name": (None, template.template_name)}
    trail.record(event_type, at=at, origin=origin, changes=named | changes)
