"""Products and their features."""

from typing import Any

from django.contrib import admin
from django.forms import BaseInlineFormSet, ModelForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from accounts.admin.base import ScopedInline, ServiceAdmin, origin_of
from licenses.keys import MADE_HERE
from licenses.models import Feature, Product
from licenses.services import catalog

_PRODUCT = (
    "product_id",
    "product_name",
    "product_version",
    "description",
    "key_scheme",
    "key_prefix",
    "key_version",
    "active",
)
_RELEASES_SHOWN = 5
_FEATURE = ("feature_id", "feature_name", "limit_type", "period", "unit")


class FeatureInline(ScopedInline):
    """What the product can do, to be granted licence by licence."""

    model = Feature
    read_scope = "catalog:read"
    write_scope = "catalog:write"
    fields = _FEATURE
    ordering = ("feature_name",)


@admin.register(Product)
class ProductAdmin(ServiceAdmin):
    """The software that is sold; it is switched off, never deleted."""

    read_scope = "catalog:read"
    write_scope = "catalog:write"
    list_display = ("product_name", "product_id", "product_version", "active")
    list_filter = ("active",)
    search_fields = ("product_name", "product_id")
    ordering = ("-id",)
    inlines = (FeatureInline,)
    fieldsets = (
        (None, {"fields": ("product_name", "product_id", "product_version", "active")}),
        (_("Keys"), {"fields": ("key_scheme", "key_prefix", "key_version")}),
        (_("In words"), {"fields": ("description",)}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        versions = [(_("Versions"), {"fields": ("newest_releases",)})] if obj else []
        return [*super().get_fieldsets(request, obj), *versions]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("product_id", "newest_releases") if obj else ()

    @display(description=_("releases"))
    def newest_releases(self, product: Product) -> SafeString:
        rows = product.releases.order_by("-released_at", "-id")[:_RELEASES_SHOWN]
        versions = ", ".join(str(row) for row in rows) or gettext("None yet")
        return format_html(
            '{} · <a class="text-link" href="{}?product={}">{}</a>'
            ' · <a class="text-link" href="{}?product={}">{}</a>',
            versions,
            reverse("admin:licenses_release_changelist"),
            product.pk,
            gettext("All releases"),
            reverse("admin:licenses_release_add"),
            product.pk,
            gettext("Publish one"),
        )

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "key_scheme":
            kwargs["choices"] = [(scheme.value, scheme.value) for scheme in MADE_HERE]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def store(
        self,
        request: HttpRequest,
        form: ModelForm,
        formsets: list[BaseInlineFormSet],
        *,
        change: bool,
    ) -> Product:
        stated: dict[str, Any] = {"at": timezone.now(), "origin": origin_of(request)}
        fields = {name: form.cleaned_data[name] for name in _PRODUCT if name in form.cleaned_data}
        if change:
            product = catalog.update_product(pk=form.instance.pk, fields=fields, **stated)
        else:
            product = catalog.create_product(fields=fields, **stated)
        for feature_form in [one for formset in formsets for one in formset if one.has_changed()]:
            row = {name: feature_form.cleaned_data[name] for name in _FEATURE}
            if feature_form.instance._state.adding:
                catalog.create_feature(product=product, fields=row, **stated)
            else:
                catalog.update_feature(pk=feature_form.instance.pk, fields=row, **stated)
        return product
