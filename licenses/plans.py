"""What a template makes of a licence's terms, and what that gives and takes: pure."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from licenses import terms
from licenses.terms import LicenseModel, RestrictionType, SelfService

# What a template says of its licences, as the licence has it. All else is a fact of the sale.
SCALARS = (
    "template_id",
    "license_model",
    "max_activations",
    "overage",
    "self_service",
    "releases_per_30_days",
    "grace_period_days",
    "heartbeat_interval_seconds",
    "require_heartbeat",
    "lease_seconds",
    "max_borrow_days",
    "bind_on_first_activation",
)
RESTRICTIONS = "restrictions"
# How the name of a change begins that is about one feature.
FEATURE = "features."
_SEATS = ("license_model", "max_activations", "overage")
# Whom and what a licence is tied to is its holder's own, not its template's.
_HOLDERS_OWN = frozenset(
    {
        RestrictionType.DOMAIN,
        RestrictionType.IP_RANGE,
        RestrictionType.MAC_ADDRESS,
        RestrictionType.HARDWARE_ID,
    }
)


class Effect(StrEnum):
    """What a change is to the holder of a licence."""

    GAIN = "GAIN"
    LOSS = "LOSS"
    # Neither, or both at once.
    CHANGE = "CHANGE"


class FeatureTerms(NamedTuple):
    """A feature as it is granted."""

    enabled: bool
    limit_value: Decimal | None = None
    limit_type: str = ""
    period: str = ""
    expires_at: datetime | None = None


class RestrictionTerms(NamedTuple):
    """One restriction, its values as they are kept; without values they are still to be stated."""

    restriction_type: str
    operator: str
    values: tuple[str, ...]

    @property
    def kind(self) -> tuple[str, str]:
        return self.restriction_type, self.operator


@dataclass(frozen=True, slots=True)
class Terms:
    """All that a template has a say in; hashable, so that equal licences are reckoned once."""

    # In the order of SCALARS.
    scalars: tuple[Any, ...]
    # By feature id, sorted by it.
    features: tuple[tuple[str, FeatureTerms], ...] = ()
    restrictions: tuple[RestrictionTerms, ...] = ()

    def __getitem__(self, name: str) -> Any:
        return self.scalars[SCALARS.index(name)]

    @property
    def capacity(self) -> int | None:
        """Units that may be taken, or None where they never fill."""
        return terms.capacity(
            max_activations=self["max_activations"],
            model=self["license_model"],
            overage=self["overage"],
        )


@dataclass(frozen=True, slots=True)
class Change:
    """One term, or one feature, as it was and as it will be; None: it was or will be absent."""

    field: str
    before: Any
    after: Any
    effect: Effect


def applied(held: Terms, offered: Terms, *, activated: bool, ended: bool) -> Terms:
    """
    Return a licence's terms once a template is applied to it; applied again they are the same.

    `activated`: a device has run it, so nothing is left for a first one to be tied by.
    `ended`: its expiry has passed; a grace that has begun stays as long as it was.
    """
    kept, taken = (dict(zip(SCALARS, one.scalars, strict=True)) for one in (held, offered))
    if ended:
        taken["grace_period_days"] = kept["grace_period_days"]
    if activated:
        taken["bind_on_first_activation"] = kept["bind_on_first_activation"]
    if taken["license_model"] == kept["license_model"] == LicenseModel.PER_SEAT:
        # Sold by the seat, their number is the quantity that was paid for.
        taken["max_activations"] = max(taken["max_activations"], kept["max_activations"])
    return Terms(tuple(taken.values()), offered.features, _restrictions(held, offered))


def unstated(held: Terms, offered: Terms) -> list[tuple[str, str]]:
    """Return the kinds of restriction of which the template leaves the values to the licence."""
    there = {row.kind for row in held.restrictions} | _stated(offered)
    return [row.kind for row in offered.restrictions if row.kind not in there]


def counts_alike(model: str, other: str) -> bool:
    """Say whether what devices hold under one model is as much under the other."""
    return model == other or not {model, other} & terms.DECLARED.keys()


def changes(before: Terms, after: Terms) -> list[Change]:
    """Return what differs, term by term and feature by feature."""
    told = [
        Change(name, old, new, _effect(name, old, new, before, after))
        for name, old, new in zip(SCALARS, before.scalars, after.scalars, strict=True)
        if old != new
    ]
    held, granted = dict(before.features), dict(after.features)
    for feature_id in sorted(held.keys() | granted.keys()):
        old, new = held.get(feature_id), granted.get(feature_id)
        if old != new:
            told.append(Change(f"{FEATURE}{feature_id}", old, new, _of_feature(old, new)))
    if sorted(before.restrictions) != sorted(after.restrictions):
        effect = _of_restrictions(set(before.restrictions), set(after.restrictions))
        told.append(Change(RESTRICTIONS, before.restrictions, after.restrictions, effect))
    return told


def digest(told: Iterable[Change]) -> str:
    """Return what tells these changes from others, for whoever confirms what was shown."""
    return hashlib.sha256(repr(list(told)).encode()).hexdigest()


def _stated(offered: Terms) -> set[tuple[str, str]]:
    return {row.kind for row in offered.restrictions if row.values}


def _restrictions(held: Terms, offered: Terms) -> tuple[RestrictionTerms, ...]:
    stated = _stated(offered)
    left = {row.kind for row in offered.restrictions if not row.values}
    own = [
        row
        for row in held.restrictions
        if row.kind not in stated and (row.restriction_type in _HOLDERS_OWN or row.kind in left)
    ]
    return (*(row for row in offered.restrictions if row.values), *own)


def _effect(name: str, old: Any, new: Any, before: Terms, after: Terms) -> Effect:
    if name in _SEATS:
        return _compared(before.capacity, after.capacity)
    match name:
        case "grace_period_days":
            return _compared(old, new)
        case "max_borrow_days":
            # None: nothing is borrowed.
            return _compared(old or 0, new or 0)
        case "require_heartbeat":
            return Effect.LOSS if new else Effect.GAIN
        case "self_service":
            order = list(SelfService)
            return _compared(order.index(SelfService(old)), order.index(SelfService(new)))
        case "releases_per_30_days" if old is not None and new is not None:
            return _compared(old, new)
    return Effect.CHANGE


def _compared(old: Any, new: Any) -> Effect:
    """Tell more from less, where None is without a limit."""
    if old == new:
        return Effect.CHANGE
    more = new is None or (old is not None and new > old)
    return Effect.GAIN if more else Effect.LOSS


def _of_feature(old: FeatureTerms | None, new: FeatureTerms | None) -> Effect:
    had, has = bool(old and old.enabled), bool(new and new.enabled)
    if had != has:
        return Effect.GAIN if has else Effect.LOSS
    if not (old and new and has):
        return Effect.CHANGE
    # An amount a day is neither more nor less than another a month.
    found = {Effect.CHANGE} if old[2:4] != new[2:4] else set()
    if old.limit_value != new.limit_value:
        found.add(_compared(old.limit_value, new.limit_value))
    if old.expires_at != new.expires_at:
        found.add(_compared(old.expires_at, new.expires_at))
    return found.pop() if len(found) == 1 else Effect.CHANGE


def _of_restrictions(old: set[RestrictionTerms], new: set[RestrictionTerms]) -> Effect:
    """Tell only what is certain: another row of a kind that is allowed may widen it."""
    if not new or (new < old and not {row.kind for row in old - new} & {row.kind for row in new}):
        return Effect.GAIN
    if not old or (old < new and not {row.kind for row in new - old} & {row.kind for row in old}):
        return Effect.LOSS
    return Effect.CHANGE
