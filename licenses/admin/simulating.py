"""What would become of what was sold, if a template were applied as it is or changed first."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin.base import ScopedAdmin, may
from accounts.admin.forms import HouseForm, plain
from accounts.admin.refusals import WORDS, tell
from events.refusals import Refusal
from licenses.admin.plan_words import PlanWords
from licenses.models import Feature, License, LicenseTemplate, TemplateFeature, labels
from licenses.plans import Change, Effect
from licenses.services.simulating import Simulation, simulate_template

_SHOWN = 20
_FIELDS = (
    "max_activations",
    "overage",
    "self_service",
    "releases_per_30_days",
    "grace_period_days",
    "heartbeat_interval_seconds",
    "require_heartbeat",
)


class TryForm(HouseForm):
    """The terms as they might become."""

    max_activations = forms.IntegerField(label=gettext_lazy("Seats"), min_value=1)
    overage = forms.ChoiceField(label=gettext_lazy("Overage"), choices=labels.OVERAGE)
    self_service = forms.ChoiceField(
        label=gettext_lazy("When full, offer"), choices=labels.SELF_SERVICE
    )
    releases_per_30_days = forms.IntegerField(
        label=gettext_lazy("Devices freed in 30 days, at most"), min_value=0, required=False
    )
    grace_period_days = forms.IntegerField(label=gettext_lazy("Grace in days"), min_value=0)
    heartbeat_interval_seconds = forms.IntegerField(
        label=gettext_lazy("Heartbeat every (seconds)"), min_value=1
    )
    require_heartbeat = forms.BooleanField(label=gettext_lazy("Heartbeat required"), required=False)


class TryFeatureForm(HouseForm):
    """One feature of the product, included or not."""

    included = forms.BooleanField(required=False)
    default_limit = forms.DecimalField(
        label=gettext_lazy("Limit"), required=False, min_value=0, max_digits=24, decimal_places=6
    )

    def __init__(
        self, *args: Any, feature: Feature, row: TemplateFeature | None, **kwargs: Any
    ) -> None:
        initial = {
            "included": bool(row and row.included),
            "default_limit": plain(row.default_limit) if row else None,
        }
        prefix = f"feature-{feature.feature_id}"
        super().__init__(*args, prefix=prefix, initial=initial, **kwargs)
        self.feature, self.row = feature, row
        self.fields["included"].label = feature.feature_name

    def given(self) -> dict[str, Any] | None:
        """Give the feature as a change of the template names it, or None where it is left out."""
        stated = self.cleaned_data
        if self.row is None and not stated["included"]:
            return None
        return {"feature_id": self.feature.feature_id, **stated}


def page_of(admin: ScopedAdmin) -> Callable[..., HttpResponse]:
    """Give the view that simulates one template."""

    def view(request: HttpRequest, object_id: UUID) -> HttpResponse:
        template = LicenseTemplate.objects.select_related("product").filter(pk=object_id).first()
        if template is None:
            raise Http404
        data = request.POST or None
        form = TryForm(data, initial={name: getattr(template, name) for name in _FIELDS})
        held = {row.feature_id: row for row in template.features.all()}
        features = [
            TryFeatureForm(data, feature=feature, row=held.get(feature.feature_id))
            for feature in template.product.features.order_by("feature_name")
        ]
        faulty = data is not None and [part for part in (form, *features) if not part.is_valid()]
        shown = {} if faulty else _shown(request, template, form, features)
        return admin.draw(
            request,
            "admin/licenses/licensetemplate/simulate.html",
            title=_("What applying it would change"),
            plan=template,
            form=form,
            features=features,
            tried=data is not None,
            **shown,
        )

    return view


def _shown(
    request: HttpRequest, template: LicenseTemplate, form: TryForm, features: list[TryFeatureForm]
) -> dict[str, Any]:
    touched = form.is_bound and any(one.has_changed() for one in features)
    asked = [one.given() for one in features] if touched else []
    try:
        simulation = simulate_template(
            template_id=template.pk,
            visible=LicenseTemplate.objects.all(),
            licenses=License.objects.all(),
            fields=form.cleaned_data if form.is_bound else {},
            features=[row for row in asked if row is not None] if touched else None,
            at=timezone.now(),
            limit=_SHOWN,
        )
    except Refusal as refusal:
        tell(form, refusal)
        return {}
    return (
        _told(simulation)
        | {"may_apply": may(request, "licenses:write")}
        | ({"licenses": _licenses(simulation)} if may(request, "licenses:read") else {})
    )


def _told(simulation: Simulation) -> dict[str, Any]:
    words = PlanWords(simulation.template, [])
    return {
        "simulation": simulation,
        "same": simulation.examined - simulation.changed - simulation.refused,
        "by_field": [
            {"label": words.label(name)} | {effect.lower(): counts[effect] for effect in Effect}
            for name, counts in sorted(simulation.fields.items())
        ],
        "refusals": [
            {"words": WORDS.get(code, code), "count": count}
            for code, count in simulation.refusals.items()
        ],
    }


def _licenses(simulation: Simulation) -> list[dict[str, Any]]:
    changes: list[Change] = [one for shown in simulation.licenses for one in shown.changes]
    words = PlanWords(simulation.template, changes)
    rows = License.objects.with_names().in_bulk([one.license_id for one in simulation.licenses])
    return [
        {
            "license": rows[one.license_id],
            "changes": [words.of(change) for change in one.changes],
            "over_limit": one.over_limit,
            "restricted": one.restricted,
        }
        for one in simulation.licenses
        if one.license_id in rows
    ]
