"""The trail: every change, by whom and through which request. Nothing here can be changed."""

from typing import Any, Protocol
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    DropdownFilter,
    RangeDateTimeFilter,
)
from unfold.decorators import display
from unfold.views import ChangeList

from accounts.admin.base import ScopedAdmin
from accounts.admin.refusals import Words
from events import trail
from events.models import DisabledBecause, Event

# What a type is called; the apps above add theirs when their admin is loaded, as with REASONS.
TYPES: dict[str, Words] = {
    "tenant.created": _("Tenant made"),
    "tenant.updated": _("Tenant changed"),
    "customer.created": _("Customer made"),
    "customer.updated": _("Customer changed"),
    "customer.forgotten": _("Customer forgotten"),
    "member.added": _("Member added"),
    "member.changed": _("Member changed"),
    "member.removed": _("Member removed"),
    "member.mails_chosen": _("Member chose e-mails"),
    "notice.repeated": _("E-mail sent again"),
    "notice.bounced": _("E-mail came back"),
    "user.created": _("Person made"),
    "user.updated": _("Person changed"),
    "user.second_factor_removed": _("Second factor removed"),
    "group.updated": _("Staff group changed"),
    "api_key.created": _("API key made"),
    "api_key.revoked": _("API key revoked"),
    "webhook_endpoint.created": _("Webhook endpoint made"),
    "webhook_endpoint.updated": _("Webhook endpoint changed"),
    "webhook_endpoint.disabled": _("Webhook endpoint switched off"),
    "webhook_endpoint.enabled": _("Webhook endpoint switched on"),
    "webhook_endpoint.secret_rotated": _("Secret of a webhook endpoint replaced"),
    "webhook_endpoint.replayed": _("Webhooks sent again"),
}
# Codes that stand as reasons, in words.
REASONS: dict[str, Words] = dict(DisabledBecause.choices)


class Licenses(Protocol):
    """What the trail asks about licences, which it knows by their ids alone."""

    def names(self, ids: set[UUID]) -> dict[UUID, str]:
        """Return what these licences are called, in one query."""

    def found(self, text: str) -> list[UUID]:
        """Return the few licences that people mean by this text."""


# Filled by the app that has them.
licenses: list[Licenses] = []


class TypeFilter(DropdownFilter):
    """By type: asking the table which types it holds would read all of it."""

    title = _("type")
    parameter_name = "type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, f"{words} ({name})") for name, words in TYPES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        return queryset.filter(type=self.value()) if self.value() else queryset


class Readable(ChangeList):
    """A page of events, opened and with their licences' names: one query for each of the two."""

    result_list: list[Event]

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        events: list[Event] = list(self.result_list)
        salts = trail.salts_of(events)
        names = _names(events)
        for event in events:
            event.opened = trail.unsealed(event, salts)
            event.license_name = names.get(event.license_id, "")
        self.result_list = events


@admin.register(Event)
class EventAdmin(ScopedAdmin):
    """Seen by whoever may read events; the newest first."""

    read_scope = "events:read"
    list_display = ("recorded_at", "what", "license_link", "actor", "tenant")
    list_display_links = ("what",)
    list_filter = (
        TypeFilter,
        ("tenant", AutocompleteSelectFilter),
        ("recorded_at", RangeDateTimeFilter),
    )
    list_select_related = ("tenant",)
    search_fields = ("license_id",)
    search_help_text = _("A licence's key, the end of it, or the licence's id.")
    ordering = ("-sequence",)
    fields = (
        "event",
        "why",
        "occurred_at",
        "recorded_at",
        "tenant",
        "license_link",
        "activation_id",
        "order_id",
        "actor",
        "ip_address",
        "changed",
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
        if not search_term.strip():
            return queryset, False
        return queryset.filter(license_id__in=_licenses_meant(search_term.strip())), False

    @display(description=_("what"), header=True)
    def what(self, event: Event) -> list[Words]:
        return [TYPES.get(event.type, event.type), REASONS.get(event.reason, event.reason)]

    @display(description=_("what"))
    def event(self, event: Event) -> str:
        return _with_code(TYPES.get(event.type, event.type), event.type)

    @display(description=_("reason"))
    def why(self, event: Event) -> str:
        return _with_code(REASONS.get(event.reason, event.reason), event.reason) or "-"

    @display(description=_("licence"))
    def license_link(self, event: Event) -> str:
        if event.license_id is None:
            return "-"
        named = getattr(event, "license_name", None)
        name = (_names([event]) if named is None else {event.license_id: named}).get(
            event.license_id
        )
        try:
            page = reverse("admin:licenses_license_change", args=[event.license_id])
        except NoReverseMatch:
            return str(event.license_id)
        return format_html('<a href="{}">{}</a>', page, name or event.license_id)

    @display(description=_("by"))
    def actor(self, event: Event) -> str:
        return _opened(event)["actor_label"] or event.actor_kind

    @display(description=_("address"))
    def ip_address(self, event: Event) -> str:
        return _opened(event)["ip_address"] or "-"

    @display(description=_("changed"))
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


def _names(events: list[Event]) -> dict[UUID, str]:
    ids = {event.license_id for event in events if event.license_id}
    return {pk: name for known in licenses for pk, name in known.names(ids).items()}


def _licenses_meant(text: str) -> list[UUID]:
    try:
        return [UUID(text)]
    except ValueError:
        return [pk for known in licenses for pk in known.found(text)]


def _with_code(words: Words, code: str) -> str:
    return f"{words} ({code})" if str(words) != code else code


def _opened(event: Event) -> dict[str, Any]:
    opened: dict[str, Any] | None = getattr(event, "opened", None)
    return opened if opened is not None else trail.unsealed(event, trail.salts_of([event]))


def _shown(value: Any) -> str:
    return "-" if value in (None, "", [], {}) else str(value)
