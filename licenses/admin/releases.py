"""Releases: which versions came out when, and whom each leaves behind."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import BaseInlineFormSet, ModelForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import display

from accounts.admin.base import ServiceAdmin, origin_of
from accounts.admin.paginator import MOST
from licenses.admin.filters import Offered, ProductFilter, UncoveredFilter
from licenses.models import License, Release
from licenses.selectors.releases import uncovered_by
from licenses.services import releases

_STATED = ("version", *releases.FIELDS)


class ChannelFilter(Offered):
    """By one of the channels that there are."""

    title = gettext_lazy("channel")
    parameter_name = "channel"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        rows = Release.objects.order_by("channel").values_list("channel", flat=True)
        return [(channel, channel) for channel in rows.distinct()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Release]) -> QuerySet[Release]:
        return queryset.filter(channel=self.value()) if self.value() else queryset


@admin.register(Release)
class ReleaseAdmin(ServiceAdmin):
    """Published and corrected, never deleted: devices that run it would be left without a date."""

    read_scope = "catalog:read"
    write_scope = "catalog:write"
    list_display = ("version", "product", "released_at", "channel")
    list_filter = (ProductFilter, ChannelFilter)
    list_select_related = ("product",)
    search_fields = ("version", "product__product_name")
    ordering = ("-released_at", "-id")
    autocomplete_fields = ("product",)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        about = {
            "fields": ("product", "version", "released_at", "channel"),
            "description": _(
                "Licences whose maintenance ended before this date may not run the version. Date a"
                " patch of an older line back to that line’s own date, and its owners may run it."
            ),
        }
        reach = [(_("Reach"), {"fields": ("left_behind",)})] if obj else []
        return [(None, about), (_("In words"), {"fields": ("notes", "url")}), *reach]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("product", "version", "left_behind") if obj else ()

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"released_at": timezone.now(), **super().get_changeform_initial_data(request)}

    @display(description=gettext_lazy("licences it is closed to"))
    def left_behind(self, release: Release) -> str | SafeString:
        rows: QuerySet[License] = uncovered_by(release, License.objects.all())
        number = rows.order_by()[: MOST + 1].count()
        if not number:
            return _("None: every licence of the product covers it.")
        if number > MOST:
            words = _("more than 10,000 licences")
        else:
            words = ngettext("%d licence", "%d licences", number) % number
        page = reverse("admin:licenses_license_changelist")
        address = f"{page}?{UncoveredFilter.parameter_name}={release.pk}"
        return format_html('<a class="text-link" href="{}">{}</a>', address, words)

    def store(
        self,
        request: HttpRequest,
        form: ModelForm,
        formsets: list[BaseInlineFormSet],
        *,
        change: bool,
    ) -> Release:
        stated: dict[str, Any] = {
            "fields": {
                name: form.cleaned_data[name] for name in _STATED if name in form.cleaned_data
            },
            "at": timezone.now(),
            "origin": origin_of(request),
        }
        if change:
            return releases.change_release(pk=form.instance.pk, **stated)
        return releases.publish_release(product=form.cleaned_data["product"], **stated)
