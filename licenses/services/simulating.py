"""What applying a template, perhaps a changed one, would do to all that was sold from it."""

import uuid
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from events.refusals import Refusal
from licenses import plans
from licenses.models import Activation, Entitlement, License, LicenseTemplate, Restriction
from licenses.plans import RESTRICTIONS, Change, Effect, FeatureTerms, RestrictionTerms, Terms
from licenses.restrictions import RestrictionFacts
from licenses.selectors.affected import beyond, newly_refused
from licenses.services.blueprints import Blueprint, blueprint_imagined, reckon
from licenses.services.kept_restrictions import Rows
from licenses.services.templates import imagine_template

# Newest first; beyond these an answer says that it did not look.
MOST_EXAMINED = 10_000
MOST_DEVICES = 20_000
MOST_SHOWN = 100
_WHERE_AND_ON_WHAT = (
    "country",
    "domain",
    "ip_address",
    "mac_digest",
    "hardware_digest",
    "fingerprint_digest",
)
_STANDING = ("license_type", "activation_date", "expiry_date", "current_activations")


@dataclass(slots=True)
class Simulated:
    """One licence that would change."""

    license_id: uuid.UUID
    changes: list[Change]
    over_limit: int = 0
    restricted: int = 0


@dataclass(slots=True)
class Simulation:
    """What would change, over all licences that were examined."""

    template: LicenseTemplate
    # At most one more than is ever examined.
    total: int
    examined: int = 0
    changed: int = 0
    gaining: int = 0
    losing: int = 0
    over_limit: int = 0
    restricted: int = 0
    # Whether devices were left unmatched against restrictions.
    devices_capped: bool = False
    refusals: Counter[str] = field(default_factory=Counter)
    # By term or feature: how often which effect.
    fields: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    licenses: list[Simulated] = field(default_factory=list)

    @property
    def capped(self) -> bool:
        return self.total > self.examined

    @property
    def refused(self) -> int:
        return self.refusals.total()


@dataclass(frozen=True, slots=True)
class _Case:
    """What decides a licence's outcome: equal licences are reckoned once."""

    terms: Terms
    license_type: str
    activated: bool
    ended: bool


@dataclass(frozen=True, slots=True)
class _Outcome:
    after: Terms
    changes: list[Change]

    @property
    def restricts(self) -> bool:
        """Whether a device might be refused that is not today."""
        return any(
            change.field == RESTRICTIONS and change.effect != Effect.GAIN for change in self.changes
        )


def simulate_template(
    *,
    template_id: uuid.UUID,
    visible: QuerySet[LicenseTemplate],
    licenses: QuerySet[License],
    fields: Mapping[str, Any],
    features: Rows | None = None,
    restrictions: Rows | None = None,
    at: datetime,
    limit: int = MOST_SHOWN,
) -> Simulation:
    """
    Return what the licences of a template would gain and lose if it were changed so and applied.

    `visible` and `licenses` are what the caller may see; revoked licences count for nothing.
    Nothing is written.

    :raises TEMPLATE_NOT_FOUND: there is none that the caller may see
    :raises NOT_AVAILABLE VALIDATION_ERROR: as changing the template would
    """
    template = visible.select_related("product").filter(pk=template_id).first()
    if template is None:
        raise Refusal("TEMPLATE_NOT_FOUND")
    imagined = imagine_template(
        template, fields=fields, features=features, restrictions=restrictions
    )
    blueprint = blueprint_imagined(imagined)
    sold = licenses.filter(template=template, revoked_at=None).order_by("-id")
    total = sold[: MOST_EXAMINED + 1].count()
    simulation = Simulation(template, total)
    _examine(simulation, blueprint, sold[:MOST_EXAMINED], at=at, limit=limit)
    return simulation


def _examine(
    simulation: Simulation,
    blueprint: Blueprint,
    sold: QuerySet[License],
    *,
    at: datetime,
    limit: int,
) -> None:
    outcomes: dict[_Case, _Outcome | str] = {}
    tightened: dict[uuid.UUID, tuple[_Case, _Outcome]] = {}
    changed: dict[uuid.UUID, Simulated] = {}
    for pk, case, taken in _cases(sold, at=at):
        simulation.examined += 1
        if case not in outcomes:
            outcomes[case] = _outcome(case, blueprint)
        outcome = outcomes[case]
        if isinstance(outcome, str):
            simulation.refusals[outcome] += 1
            continue
        if not outcome.changes:
            continue
        over = beyond(taken, before=case.terms.capacity, after=outcome.after.capacity)
        changed[pk] = Simulated(pk, outcome.changes, over_limit=over)
        if outcome.restricts and taken:
            tightened[pk] = (case, outcome)
    if tightened:
        _match_devices(simulation, tightened, changed, at=at)
    _sum_up(simulation, list(changed.values()), limit=limit)


def _outcome(case: _Case, blueprint: Blueprint) -> _Outcome | str:
    try:
        after = reckon(
            case.terms,
            blueprint,
            license_type=case.license_type,
            activated=case.activated,
            ended=case.ended,
        )
    except Refusal as refusal:
        return refusal.code
    return _Outcome(after, plans.changes(case.terms, after))


def _cases(sold: QuerySet[License], *, at: datetime) -> Any:
    """Give each licence's id, what decides its outcome, and the units taken: three queries."""
    ids = sold.values("pk")
    granted: dict[uuid.UUID, list[tuple[str, FeatureTerms]]] = defaultdict(list)
    rows = Entitlement.objects.filter(license__in=ids).order_by("feature_id")
    for pk, feature_id, *told in rows.values_list(
        "license_id", "feature_id", *FeatureTerms._fields
    ):
        granted[pk].append((feature_id, FeatureTerms(*told)))
    restricted: dict[uuid.UUID, list[RestrictionTerms]] = defaultdict(list)
    kept = Restriction.objects.filter(license__in=ids).order_by("position", "id")
    for pk, kind, operator, values in kept.values_list(
        "license_id", "restriction_type", "operator", "values"
    ):
        restricted[pk].append(RestrictionTerms(kind, operator, tuple(values)))
    for row in sold.values_list("pk", *_STANDING, *plans.SCALARS):
        pk, license_type, activated, expiry, taken, *scalars = row
        terms = Terms(tuple(scalars), tuple(granted[pk]), tuple(restricted[pk]))
        ended = expiry is not None and expiry <= at
        yield pk, _Case(terms, license_type, activated is not None or taken > 0, ended), taken


def _match_devices(
    simulation: Simulation,
    tightened: Mapping[uuid.UUID, tuple[_Case, _Outcome]],
    changed: Mapping[uuid.UUID, Simulated],
    *,
    at: datetime,
) -> None:
    """Count the devices that would newly be refused by where or on what they run."""
    live = Activation.objects.live().filter(license__in=list(tightened)).order_by("-id")
    live = live.only("license_id", *_WHERE_AND_ON_WHAT)
    devices: dict[uuid.UUID, list[Activation]] = defaultdict(list)
    for number, device in enumerate(live[: MOST_DEVICES + 1]):
        if number == MOST_DEVICES:
            simulation.devices_capped = True
        else:
            devices[device.license_id].append(device)
    for pk, held in devices.items():
        case, outcome = tightened[pk]
        refused = newly_refused(
            held,
            before=[RestrictionFacts(*row) for row in case.terms.restrictions],
            after=[RestrictionFacts(*row) for row in outcome.after.restrictions],
            at=at,
        )
        changed[pk].restricted = sum(1 for _ in refused)


def _sum_up(simulation: Simulation, changed: list[Simulated], *, limit: int) -> None:
    simulation.changed = len(changed)
    simulation.licenses = changed[:limit]
    for one in changed:
        effects = {change.effect for change in one.changes}
        simulation.gaining += Effect.GAIN in effects
        simulation.losing += Effect.LOSS in effects
        simulation.over_limit += one.over_limit
        simulation.restricted += one.restricted
        for change in one.changes:
            simulation.fields[change.field][change.effect] += 1
