"""Applying a template to a licence that was sold: the preview is what applying does."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from events.refusals import Refusal, invalid
from events.trail import Origin
from licenses import plans, states
from licenses.models import License, LicenseTemplate
from licenses.models.template import LicenseTemplateQuerySet
from licenses.plans import RESTRICTIONS, SCALARS, Change, Terms
from licenses.restrictions import RestrictionFacts
from licenses.selectors.affected import MOST_SHOWN, Affected, affected_devices, beyond
from licenses.services import entitlements, restricting
from licenses.services.blueprints import Blueprint, blueprint_of, reckon, terms_held
from licenses.services.issue_terms import grace_end
from licenses.services.kept_restrictions import held_by
from licenses.services.lifecycle.writing import lock, told, write
from licenses.services.settling import settle_devices
from licenses.states import Status


@dataclass(frozen=True, slots=True)
class Application:
    """What applying a template changes on a licence, and whether it did."""

    license: License
    template: LicenseTemplate
    changes: list[Change]
    affected: list[Affected]
    applied: bool = False

    @property
    def shown(self) -> list[Affected]:
        return self.affected[:MOST_SHOWN]

    @property
    def affected_count(self) -> int:
        return len(self.affected)

    @property
    def digest(self) -> str:
        """What a confirmation names, so that nothing else is applied than was shown."""
        return plans.digest(self.changes)


@dataclass(frozen=True, slots=True)
class _Reckoned:
    blueprint: Blueprint
    before: Terms
    after: Terms
    changes: list[Change]


def preview_template(
    *,
    license_id: uuid.UUID,
    template_id: uuid.UUID,
    at: datetime,
    expected_revision: int | None = None,
) -> Application:
    """
    Return what applying a template would change; nothing is written.

    :raises Refusal: whatever applying it would refuse
    """
    license = License.objects.filter(pk=license_id).first()
    if license is None:
        raise Refusal("LICENSE_NOT_FOUND")
    template = _on_offer(license, LicenseTemplate.objects.filter(pk=template_id))
    reckoned = _reckoned(license, template, expected_revision, at=at)
    _set(license, reckoned)
    return Application(license, template, reckoned.changes, _affected(license, reckoned, at=at))


@transaction.atomic
def apply_template(
    *,
    license_id: uuid.UUID,
    template_id: uuid.UUID,
    at: datetime,
    origin: Origin,
    reason: str = "",
    expected_revision: int | None = None,
    expected_digest: str = "",
) -> Application:
    """
    Let a licence have the terms of a template; dates, key and holder stay as they were sold.

    Nothing is written where nothing differs. Devices beyond a lowered limit keep their seats.

    :raises LICENSE_NOT_FOUND: there is none
    :raises STALE_REVISION: the licence has another revision than the caller saw
    :raises STALE_PREVIEW: applying it would change something else than the caller was shown
    :raises ILLEGAL_STATUS_CHANGE: the licence is revoked
    :raises TEMPLATE_NOT_FOUND: no such template is on offer to the licence's tenant
    :raises TEMPLATE_DOES_NOT_FIT: the template is of another type, or counts otherwise
    :raises VALIDATION_ERROR: the template is of another product, or leaves values to be stated
    """
    license = lock(license_id, at=at)
    locked = LicenseTemplate.objects.select_for_update(of=("self",)).filter(pk=template_id)
    template = _on_offer(license, locked)
    reckoned = _reckoned(license, template, expected_revision, at=at)
    if expected_digest and expected_digest != plans.digest(reckoned.changes):
        raise Refusal("STALE_PREVIEW")
    before, named = told(license), license.template and license.template.template_name
    _set(license, reckoned)
    affected = _affected(license, reckoned, at=at)
    if reckoned.changes:
        parts = _replace_parts(license, reckoned)
        settle_devices(license, before=before, at=at, origin=origin)
        write(
            license,
            "license.updated",
            before=before,
            at=at,
            origin=origin,
            reason=reason,
            extra={"template_name": (named, template.template_name)} | parts,
        )
    return Application(license, template, reckoned.changes, affected, bool(reckoned.changes))


def _on_offer(license: License, found: LicenseTemplateQuerySet) -> LicenseTemplate:
    template = found.on_offer_to(license.tenant).select_related("product").first()
    if template is None:
        raise Refusal("TEMPLATE_NOT_FOUND")
    return template


def _reckoned(
    license: License, template: LicenseTemplate, expected_revision: int | None, *, at: datetime
) -> _Reckoned:
    if expected_revision is not None and expected_revision != license.revision:
        raise Refusal("STALE_REVISION", revision=license.revision)
    if license.status_at(at) == Status.REVOKED:
        raise Refusal(states.ILLEGAL, act="apply_template", status=Status.REVOKED.value)
    if template.product_id != license.product_id:
        raise invalid(template_id="The template is of another product.")
    blueprint, held = blueprint_of(template), terms_held(license)
    after = reckon(
        held,
        blueprint,
        license_type=license.license_type,
        activated=license.activation_date is not None or license.current_activations > 0,
        ended=license.expiry_date is not None and license.expiry_date <= at,
    )
    return _Reckoned(blueprint, held, after, plans.changes(held, after))


def _set(license: License, reckoned: _Reckoned) -> None:
    """Set the fields on the row in hand, not yet written."""
    for name in SCALARS:
        setattr(license, name, reckoned.after[name])
    if any(change.field == "grace_period_days" for change in reckoned.changes):
        license.grace_ends_at = grace_end(license)


def _affected(license: License, reckoned: _Reckoned, *, at: datetime) -> list[Affected]:
    before, after = reckoned.before, reckoned.after
    return affected_devices(
        license,
        units_beyond=beyond(
            license.current_activations, before=before.capacity, after=after.capacity
        ),
        before=[RestrictionFacts(*row) for row in before.restrictions],
        after=[RestrictionFacts(*row) for row in after.restrictions],
        at=at,
    )


def _replace_parts(license: License, reckoned: _Reckoned) -> dict[str, tuple[Any, Any]]:
    fields = {change.field for change in reckoned.changes}
    parts: dict[str, tuple[Any, Any]] = {}
    if any(name.startswith(plans.FEATURE) for name in fields):
        parts |= entitlements.replace(license, reckoned.blueprint.grants)
    if RESTRICTIONS in fields:
        held = held_by(license)
        kept = {row.compared: row for row in [*held, *reckoned.blueprint.restricted]}
        wanted = [kept[*row.kind, row.values] for row in reckoned.after.restrictions]
        parts |= restricting.replace(license, wanted, held)
    return parts
