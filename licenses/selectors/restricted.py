"""What a licence is restricted to, in words."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from licenses.models import License
from licenses.terms import BindTo, Operator, RestrictionType

_ALLOW, _DENY = Operator.ALLOW, Operator.DENY
_WORDS = {
    (RestrictionType.GEOGRAPHIC, _ALLOW): _("Only in these countries"),
    (RestrictionType.GEOGRAPHIC, _DENY): _("Never in these countries"),
    (RestrictionType.DOMAIN, _ALLOW): _("Only for these domains"),
    (RestrictionType.DOMAIN, _DENY): _("Never for these domains"),
    (RestrictionType.IP_RANGE, _ALLOW): _("Only from these networks"),
    (RestrictionType.IP_RANGE, _DENY): _("Never from these networks"),
    (RestrictionType.MAC_ADDRESS, _ALLOW): _("Only on these network cards"),
    (RestrictionType.MAC_ADDRESS, _DENY): _("Never on these network cards"),
    (RestrictionType.HARDWARE_ID, _ALLOW): _("Only on this hardware"),
    (RestrictionType.HARDWARE_ID, _DENY): _("Never on this hardware"),
    (RestrictionType.TIME_BASED, _ALLOW): _("Only at these times"),
    (RestrictionType.TIME_BASED, _DENY): _("Never at these times"),
}
_TIES = {
    BindTo.DOMAIN: _("The first device ties it to its domain"),
    BindTo.HARDWARE: _("The first device ties it to its hardware"),
    BindTo.BOTH: _("The first device ties it to its domain and its hardware"),
}


@dataclass(frozen=True, slots=True)
class InWords:
    """One restriction as a person reads it; several of one kind add up."""

    text: str | Promise
    values: list[str]


def restricted_to(license: License) -> list[InWords]:
    """Return what a licence is restricted to, and what its first device will tie it to."""
    told: dict[tuple[RestrictionType, Operator], list[str]] = {}
    for row in license.restrictions.order_by("position", "id"):
        kind = RestrictionType(row.restriction_type), Operator(row.operator)
        told.setdefault(kind, []).extend(row.shown_values)
    lines = [InWords(words, told[kind]) for kind, words in _WORDS.items() if kind in told]
    if license.bind_on_first_activation:
        lines.append(InWords(_TIES[BindTo(license.bind_on_first_activation)], []))
    return lines
