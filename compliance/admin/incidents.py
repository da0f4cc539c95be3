"""Incidents: to be read, and closed by whoever looked into them."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    ChoicesDropdownFilter,
    DropdownFilter,
)
from unfold.decorators import display

from accounts.admin.base import ScopedAdmin, may, origin_of
from accounts.admin.forms import HouseForm
from accounts.admin.refusals import WORDS, tell
from compliance.models import Incident, IncidentStatus
from compliance.selectors import incidents
from compliance.services import closing
from events.refusals import Refusal

_COLOURS = {IncidentStatus.OPEN.value: "warning", IncidentStatus.CLOSED.value: "success"}

WORDS["INCIDENT_NOT_FOUND"] = gettext_lazy("There is no such incident.")


class NotesForm(HouseForm):
    """What was found: it stands in the trail for good."""

    notes = forms.CharField(
        label=gettext_lazy("Notes"),
        widget=forms.Textarea,
        max_length=2000,
        help_text=gettext_lazy("What you found and did. Kept in the trail."),
    )


class StatusFilter(DropdownFilter):
    """By whether somebody has looked into them."""

    title = gettext_lazy("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(IncidentStatus.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Incident]) -> QuerySet[Incident]:
        known = self.value() in IncidentStatus.values
        return queryset.in_status(self.value()) if known else queryset


@admin.register(Incident)
class IncidentAdmin(ScopedAdmin):
    """Reported by devices and integrators; all that staff do is close them."""

    read_scope = "compliance:read"
    close_scope = "compliance:write"
    list_display = (
        "state",
        "what",
        "license_link",
        "tenant",
        "report_count",
        "reported_at",
        "last_reported_at",
    )
    list_display_links = ("what",)
    list_filter = (
        StatusFilter,
        ("activity_type", ChoicesDropdownFilter),
        ("tenant", AutocompleteSelectFilter),
    )
    list_select_related = ("tenant", "license")
    search_fields = ("license_id",)
    search_help_text = gettext_lazy("The id of a licence.")
    ordering = ("-id",)

    def get_urls(self) -> list[Any]:
        close = self.act_path("close", self.close, scope=self.close_scope)
        return [close, *super().get_urls()]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Incident], search_term: str
    ) -> tuple[QuerySet[Incident], bool]:
        if not search_term.strip():
            return queryset, False
        try:
            return queryset.filter(license_id=UUID(search_term.strip())), False
        except ValueError:
            return queryset.none(), False

    def change_view(
        self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        incident = self._incident_or_404(object_id)
        return self._page(
            request, incident, form=NotesForm() if self._may_close(request, incident) else None
        )

    def close(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """Close an incident; one that somebody closed meanwhile shows what they found."""
        incident = self._incident_or_404(object_id)
        form = NotesForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                closing.close_incident(
                    incident_id=incident.pk,
                    notes=form.cleaned_data["notes"],
                    at=timezone.now(),
                    origin=origin_of(request),
                )
            except Refusal as refusal:
                tell(form, refusal)
            else:
                messages.success(request, _("This incident is closed."))
                return self._back_to(incident)
        if not self._may_close(request, incident):
            return self._back_to(incident)
        return self._page(request, incident, form=form)

    def _back_to(self, incident: Incident) -> HttpResponse:
        page = reverse("admin:compliance_incident_change", args=[incident.pk])
        return HttpResponseRedirect(page)

    def _may_close(self, request: HttpRequest, incident: Incident) -> bool:
        return incident.closed_at is None and may(request, self.close_scope)

    def _page(
        self, request: HttpRequest, incident: Incident, *, form: NotesForm | None
    ) -> HttpResponse:
        return self.draw(
            request,
            "admin/compliance/incident/page.html",
            title=str(incident),
            incident=incident,
            address=incidents.addresses_of([incident]).get(incident.pk, ""),
            device=incidents.device_of(incident),
            evidence=incidents.laid_out(incident.evidence),
            may_see_license=may(request, "licenses:read"),
            form=form,
        )

    def _incident_or_404(self, object_id: str | UUID) -> Incident:
        try:
            return Incident.objects.select_related("tenant", "license").get(pk=object_id)
        except (Incident.DoesNotExist, ValidationError):
            raise Http404 from None

    @display(description=gettext_lazy("status"), label=_COLOURS)
    def state(self, incident: Incident) -> tuple[str, Any]:
        return incident.status.value, incident.status.label

    @display(description=gettext_lazy("what"), header=True)
    def what(self, incident: Incident) -> list[str]:
        short = incident.description[:80]
        return [str(incident), short if short == incident.description else f"{short}…"]

    @display(description=gettext_lazy("licence"))
    def license_link(self, incident: Incident) -> str:
        license = incident.license
        if license is None:
            return "-"
        page = reverse("admin:licenses_license_change", args=[license.pk])
        words = f"{license.product_name} …-{license.key_hint}"
        return format_html('<a href="{}">{}</a>', page, words)
