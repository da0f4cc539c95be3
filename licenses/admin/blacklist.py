"""Barred devices: seen and let go here, barred on the page of a device."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display

from accounts.admin.base import ScopedAdmin, may, origin_of
from accounts.admin.forms import HouseForm
from accounts.admin.refusals import tell
from events.refusals import Refusal
from licenses.admin.filters import Offered, ProductFilter
from licenses.models import BlacklistedDevice
from licenses.services import blacklist

WRITE = "security:write"
# Characters of a reason in the list; the whole of it stands on the bar's page.
_SHOWN = 80
IN_FORCE, OVER = gettext_lazy("In force"), gettext_lazy("Ended")


class LiftForm(HouseForm):
    """Why: it stands in the trail for good."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        widget=forms.Textarea,
        max_length=500,
        help_text=gettext_lazy("Kept in the trail."),
    )


class InForceFilter(Offered):
    """By whether they bar anything now."""

    title = gettext_lazy("state")
    parameter_name = "now"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("in-force", IN_FORCE), ("over", OVER)]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[BlacklistedDevice]
    ) -> QuerySet[BlacklistedDevice]:
        if not self.value():
            return queryset
        at = timezone.now()
        return queryset.in_force(at) if self.value() == "in-force" else queryset.over(at)


@admin.register(BlacklistedDevice)
class BlacklistedDeviceAdmin(ScopedAdmin):
    """Read-only but for lifting a bar; the trail keeps what was barred and let go."""

    read_scope = "security:read"
    list_display = ("device", "reach", "state", "until", "why", "created_at", "barred_by")
    list_filter = (InForceFilter, ProductFilter, ("tenant", AutocompleteSelectFilter))
    list_select_related = ("tenant", "product")
    search_fields = ("fingerprint_hint", "reason")
    search_help_text = gettext_lazy("The end of a fingerprint, or words of the reason.")
    ordering = ("-id",)
    fields = ("device", "reach", "state", "until", "reason", "created_at", "barred_by")
    readonly_fields = fields
    change_form_outer_before_template = "admin/licenses/blacklisteddevice/acts.html"

    def get_urls(self) -> list[Any]:
        return [self.act_path("lift", lift(self), scope=WRITE), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        told = {"may_lift": may(request, WRITE)}
        return super().change_view(request, object_id, extra_context=told)

    @display(description=gettext_lazy("device"))
    def device(self, bar: BlacklistedDevice) -> str:
        return str(bar)

    @display(description=gettext_lazy("barred from"))
    def reach(self, bar: BlacklistedDevice) -> str:
        return words_of_reach(bar)

    @display(description=gettext_lazy("state"), label={IN_FORCE: "danger", OVER: "default"})
    def state(self, bar: BlacklistedDevice) -> Any:
        return IN_FORCE if bar.bars_at(timezone.now()) else OVER

    @display(description=gettext_lazy("reason"))
    def why(self, bar: BlacklistedDevice) -> str:
        return Truncator(bar.reason).chars(_SHOWN)

    @display(description=gettext_lazy("until"), ordering="expires_at")
    def until(self, bar: BlacklistedDevice) -> str:
        if bar.expires_at is None:
            return _("no end")
        return date_format(localtime(bar.expires_at), "DATETIME_FORMAT")


def words_of_reach(bar: BlacklistedDevice) -> str:
    """Say which licences a device may not use."""
    named = {"tenant": bar.tenant, "product": bar.product}
    if bar.tenant and bar.product:
        return _("%(product)s of %(tenant)s") % named
    if bar.product:
        return _("%(product)s, whoever holds it") % named
    if bar.tenant:
        return _("every licence of %(tenant)s") % named
    return _("every licence")


def lift(admin: ScopedAdmin) -> Callable[..., HttpResponse]:
    """Give the view that lifts a bar."""

    def view(request: HttpRequest, object_id: UUID) -> HttpResponse:
        bar = BlacklistedDevice.objects.with_names().filter(pk=object_id).first()
        everything = HttpResponseRedirect(reverse("admin:licenses_blacklisteddevice_changelist"))
        if bar is None:
            return everything
        form = LiftForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                blacklist.lift_bar(
                    bar_id=bar.pk,
                    reason=form.cleaned_data["reason"],
                    at=timezone.now(),
                    origin=origin_of(request),
                )
            except Refusal as refusal:
                tell(form, refusal)
            else:
                messages.success(request, _("%s may activate again.") % bar)
                return everything
        return admin.draw(
            request,
            "admin/licenses/blacklisteddevice/lift.html",
            title=_("Lift the bar of %s") % bar,
            bar=bar,
            form=form,
            reach=words_of_reach(bar),
        )

    return view
