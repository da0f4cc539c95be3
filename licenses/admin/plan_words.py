"""What a template changes on a licence, as people read it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin.forms import plain
from licenses.models import Feature, LicenseTemplate, labels
from licenses.plans import FEATURE, RESTRICTIONS, Change, Effect, FeatureTerms, RestrictionTerms
from licenses.restrictions import shown_values

Words = str | Promise
_EFFECTS: dict[Effect, tuple[str, Words]] = {
    Effect.GAIN: ("ok", gettext_lazy("Gain")),
    Effect.LOSS: ("bad", gettext_lazy("Loss")),
    Effect.CHANGE: ("info", gettext_lazy("Change")),
}
_KINDS = dict(labels.RESTRICTION_TYPE)
_OPERATORS = dict(labels.OPERATOR)
_PERIODS = dict(labels.PERIOD)


@dataclass(frozen=True, slots=True)
class ToldChange:
    """One line: what it is about, how it is and how it would be, each in one line or several."""

    label: Words
    before: list[Words]
    after: list[Words]
    mark: str
    effect: Words


class PlanWords:
    """The words of many changes that concern licences of one product."""

    def __init__(self, template: LicenseTemplate, changes: Iterable[Change]) -> None:
        features = Feature.objects.filter(product=template.product)
        self._features = dict(features.values_list("feature_id", "feature_name"))
        ids = {
            pk
            for change in changes
            if change.field == "template_id"
            for pk in (change.before, change.after)
        }
        named = LicenseTemplate.objects.filter(pk__in=ids - {None})
        self._templates: Mapping[Any, str] = dict(named.values_list("pk", "template_name"))

    def of(self, change: Change) -> ToldChange:
        """Return one change in words."""
        mark, effect = _EFFECTS[change.effect]
        before, after = (self._value(change.field, one) for one in (change.before, change.after))
        return ToldChange(self.label(change.field), before, after, mark, effect)

    def label(self, field: str) -> Words:
        """Return what a change is about."""
        if field == RESTRICTIONS:
            return _("Where, when and on what it may run")
        if field.startswith(FEATURE):
            feature_id = field.removeprefix(FEATURE)
            return self._features.get(feature_id, feature_id)
        if field == "template_id":
            return _("Template")
        return capfirst(str(LicenseTemplate._meta.get_field(field).verbose_name))

    def _value(self, field: str, value: Any) -> list[Words]:
        if field == RESTRICTIONS:
            return [_restriction(row) for row in value] or [_("Anywhere, at any time")]
        if field.startswith(FEATURE):
            return [_feature(value)]
        if field == "template_id":
            return [self._templates.get(value, _("None"))]
        if isinstance(value, bool):
            return [_("Yes") if value else _("No")]
        choices = dict(LicenseTemplate._meta.get_field(field).flatchoices)
        if value in choices:
            return [choices[value]]
        return [_("Not stated") if value in (None, "") else str(value)]


def _feature(granted: FeatureTerms | None) -> str:
    if granted is None or not granted.enabled:
        return _("Not granted")
    limit = plain(granted.limit_value)
    words = _("Granted") if limit is None else _("Up to %s") % f"{limit:,}"
    if limit is not None and granted.period not in ("", "NONE"):
        words = f"{words} {str(_PERIODS[granted.period]).lower()}"
    if granted.expires_at is not None:
        words = _("%(words)s, until %(day)s") % {
            "words": words,
            "day": date_format(granted.expires_at, "j M Y"),
        }
    return words


def _restriction(row: RestrictionTerms) -> str:
    values = ", ".join(shown_values(row.restriction_type, row.values))
    return f"{_OPERATORS[row.operator]} {str(_KINDS[row.restriction_type]).lower()}: {values}"
