"""The trail: every change, by whom and through which request. Nothing here can be changed."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    DropdownFilter,
    RangeDateTimeFilter,
)
from unfold.decorators import display
from unfold.views import ChangeList

from accounts.admin.base import ScopedAdmin
from events import trail
from events.models import Event

_OF: dict[str, str] = {
    "license": "issued updated activated renewed suspended reinstated parked unparked expired "
    "revoked transferred key_revealed key_reissued seats_at",
    "activation": "created deactivated refused",
    "usage": "at",
    "tenant": "created updated",
    "customer": "created updated",
    "member": "added changed removed",
    "user": "created updated second_factor_removed",
    "group": "updated",
    "api_key": "created revoked",
    "product": "created updated",
    "feature": "created updated",
    "template": "created updated priced",
    "signing_key": "created",
}
TYPES = [f"{subject}.{verb}" for subject, verbs in _OF.items() for verb in verbs.split()]


class TypeFilter(DropdownFilter):
    """By type: asking the table which types it holds would read all of it."""

    title = gettext_lazy("type")
    parameter_name = "type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in TYPES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        return queryset.filter(type=self.value()) if self.value() else queryset


class Readable(ChangeList):
    """A page of events with what is sealed in them opened, in one query for all."""

    result_list: list[Event]

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        events: list[Event] = list(self.result_list)
        salts = trail.salts_of(events)
        for event in events:
            event.opened = trail.unsealed(event, salts)
        self.result_list = events


@admin.register(Event)
class EventAdmin(ScopedAdmin):
    """Seen by whoever may read events; the newest first."""

    read_scope = "events:read"
    list_display = ("recorded_at", "what", "tenant", "license_link", "actor")
    list_display_links = ("what",)
    list_filter = (
        TypeFilter,
        ("tenant", AutocompleteSelectFilter),
        ("recorded_at", RangeDateTimeFilter),
    )
    list_select_related = ("tenant",)
    search_fields = ("license_id",)
    search_help_text = gettext_lazy("The id of a licence.")
    ordering = ("-sequence",)
    fields = (
        "type",
        "occurred_at",
        "recorded_at",
        "tenant",
        "license_link",
        "activation_id",
        "order_id",
        "actor",
        "ip_address",
        "changed",
        "reason",
        "request_id",
        "event_id",
        "sequence",
    )
    readonly_fields = fields

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return Readable

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Event], search_term: str
    ) -> tuple[QuerySet[Event], bool]:
        if not search_term:
            return queryset, False
        try:
            wanted = UUID(search_term.strip())
        except ValueError:
            return queryset.none(), False
        return queryset.filter(license_id=wanted), False

    @display(description=gettext_lazy("what"), header=True)
    def what(self, event: Event) -> list[str]:
        return [event.type, event.reason]

    @display(description=gettext_lazy("licence"))
    def license_link(self, event: Event) -> str:
        if event.license_id is None:
            return "-"
        try:
            page = reverse("admin:licenses_license_change", args=[event.license_id])
        except NoReverseMatch:
            return str(event.license_id)
        return format_html('<a href="{}">…{}</a>', page, str(event.license_id)[-6:])

    @display(description=gettext_lazy("by"))
    def actor(self, event: Event) -> str:
        return _opened(event)["actor_label"] or event.actor_kind

    @display(description=gettext_lazy("address"))
    def ip_address(self, event: Event) -> str:
        return _opened(event)["ip_address"] or "-"

    @display(description=gettext_lazy("changed"))
    def changed(self, event: Event) -> SafeString | str:
        rows = _opened(event)["changes"].items()
        return (
            format_html_join(
                "",
                "<div>{}: {} → {}</div>",
                (
                    (name, _shown(sides.get("before")), _shown(sides.get("after")))
                    for name, sides in rows
                ),
            )
            or "-"
        )


def _opened(event: Event) -> dict[str, Any]:
    opened: dict[str, Any] | None = getattr(event, "opened", None)
    return opened if opened is not None else trail.unsealed(event, trail.salts_of([event]))


def _shown(value: Any) -> str:
    return "-" if value in (None, "", [], {}) else str(value)
