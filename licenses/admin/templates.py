"""Templates: the terms a licence is issued with."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.forms import BaseInlineFormSet, ModelForm
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from accounts.admin.base import ScopedInline, ServiceAdmin, may, origin_of
from accounts.admin.forms import PlainNumbers
from licenses import pages, terms
from licenses.admin import simulating
from licenses.admin.filters import ProductFilter
from licenses.admin.restrictions import RestrictionInline
from licenses.keys import MADE_HERE
from licenses.models import LicenseTemplate, TemplateFeature, TemplateRestriction
from licenses.services import templates
from licenses.services.templates import FEATURE_FIELDS, TEMPLATE_FIELDS

# What can be made stands on offer; the rest would only be refused.
_SOLD = {
    "key_scheme": set(MADE_HERE),
}


_TRIALS = ("trial_allowed", "trial_duration_days", "auto_renewal_enabled")
_DEVICES = (
    "heartbeat_interval_seconds",
    "require_heartbeat",
    "bind_on_first_activation",
)


class GrantForm(PlainNumbers):
    plain_fields = {"default_limit": 0}


class GrantInline(ScopedInline):
    """The features that a licence of this template gets."""

    model = TemplateFeature
    form = GrantForm
    read_scope = "templates:read"
    write_scope = "templates:write"
    fields = ("feature_id", "included", "default_limit", "configurable", "required")
    ordering = ("position",)
    can_delete = True

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # A grant is a part of the template's terms, not a row of its own; the trail tells.
        return self.has_change_permission(request, obj)


@admin.register(LicenseTemplate)
class LicenseTemplateAdmin(ServiceAdmin):
    """Changing one never alters what was sold; it is switched off, never deleted."""

    read_scope = "templates:read"
    write_scope = "templates:write"
    list_display = (
        "template_name",
        "product",
        "license_type",
        "license_model",
        "seats",
        "reserved_for",
        "active",
    )
    list_filter = ("active", ("license_type", ChoicesDropdownFilter), ProductFilter)
    list_select_related = ("product", "reserved_for")
    search_fields = ("template_name", "product__product_name")
    ordering = ("-id",)
    autocomplete_fields = ("product", "reserved_for")
    change_form_outer_before_template = "admin/licenses/licensetemplate/acts.html"
    fieldsets = (
        (None, {"fields": ("template_name", "product", "active", "reserved_for")}),
        (_("What is sold"), {"fields": ("license_type", "license_model", "max_activations")}),
        (_("Beyond that"), {"fields": ("overage", "self_service", "releases_per_30_days")}),
        (_("Term"), {"fields": ("default_duration", "expiry_basis", "grace_period_days")}),
        (_("Trials and renewal"), {"fields": _TRIALS}),
        (_("Devices"), {"fields": _DEVICES}),
        (_("Concurrent use"), {"fields": ("lease_seconds", "max_borrow_days")}),
        (_("Key and words"), {"fields": ("key_scheme", "key_prefix", "description")}),
    )

    @display(description=_("seats"), ordering="max_activations")
    def seats(self, template: LicenseTemplate) -> Any:
        capacity = terms.capacity(
            max_activations=template.max_activations,
            model=template.license_model,
            overage=template.overage,
        )
        return _("no limit") if capacity is None else capacity

    def get_inlines(self, request: HttpRequest, obj: Any = None) -> list[type]:
        added = [inline for part in pages.template_parts for inline in part.inlines]
        return [GrantInline, RestrictionInline, *added]

    def get_urls(self) -> list[Any]:
        acts = [
            self.act_path(act.name, act.view(self), scope=act.scope) for act in pages.template_acts
        ]
        return [*acts, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        address = "admin:licenses_licensetemplate_{}".format
        acts = [
            {"label": act.label, "address": reverse(address(act.name), args=[object_id])}
            for act in pages.template_acts
            if may(request, act.scope) and _is_id(object_id)
        ]
        kwargs["extra_context"] = {**(kwargs.get("extra_context") or {}), "acts": acts}
        return super().change_view(request, object_id, *args, **kwargs)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[ModelForm]:
        form: type[ModelForm] = super().get_form(request, obj, change=change, **kwargs)
        grace = form.base_fields.get("grace_period_days")
        if grace is not None and not change:
            # Which it is follows from the type, that is not known yet.
            grace.required, grace.initial = False, None
            grace.help_text = _("How long it works on after its end. Empty: 30; trials 0.")
        return form

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("product",) if obj else ()

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in _SOLD:
            sold = _SOLD[db_field.name]
            none = [("", _("As the product"))] if db_field.blank else []
            kwargs["choices"] = [*none, *(pair for pair in db_field.choices if pair[0] in sold)]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def store(
        self,
        request: HttpRequest,
        form: ModelForm,
        formsets: list[BaseInlineFormSet],
        *,
        change: bool,
    ) -> LicenseTemplate:
        at, origin = timezone.now(), origin_of(request)
        stated: dict[str, Any] = {
            "fields": _fields(form.cleaned_data),
            "features": _features(_of(formsets, TemplateFeature)),
            "restrictions": _restrictions(_of(formsets, TemplateRestriction)),
            "at": at,
            "origin": origin,
        }
        if change:
            template = templates.update_template(pk=form.instance.pk, **stated)
        else:
            template = templates.create_template(product=form.cleaned_data["product"], **stated)
        for part in pages.template_parts:
            part.store(template, formsets, at, origin)
        return template


pages.template_acts.append(
    pages.TemplateAct(
        name="simulate", label=_("Simulate"), scope="templates:read", view=simulating.page_of
    )
)


def _is_id(text: str) -> bool:
    with suppress(ValueError):
        return bool(UUID(text))
    return False


def _of(formsets: list[BaseInlineFormSet], model: type) -> BaseInlineFormSet:
    return next(formset for formset in formsets if formset.model is model)


def _fields(given: dict[str, Any]) -> dict[str, Any]:
    fields = {name: given[name] for name in TEMPLATE_FIELDS}
    if fields["grace_period_days"] is None:
        del fields["grace_period_days"]
    return fields


def _features(formset: BaseInlineFormSet) -> list[dict[str, Any]]:
    stated = [form.cleaned_data for form in formset.forms if form.cleaned_data]
    return [
        {name: row[name] for name in FEATURE_FIELDS & row.keys()}
        for row in stated
        if row.get("feature_id") and not row.get("DELETE")
    ]


def _restrictions(formset: BaseInlineFormSet) -> list[dict[str, Any]]:
    stated = [form.cleaned_data for form in formset.forms if form.cleaned_data]
    return [
        {name: row[name] for name in RestrictionInline.fields}
        for row in stated
        if row.get("restriction_type") and not row.get("DELETE")
    ]
