"""E-mails that people are owed: which left, which wait, and which a person has to look at."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import AutocompleteSelectFilter, DropdownFilter
from unfold.decorators import display
from unfold.views import ChangeList

from accounts.admin.base import ScopedAdmin
from accounts.admin.refusals import Words
from events.models import Notice, NoticeState
from events.notifications import kinds
from events.selectors.recipients import recipients_of

UNCLEAR = "UNCLEAR"
TROUBLE = "TROUBLE"
_COLOURS = {
    NoticeState.QUEUED.value: "info",
    NoticeState.SENDING.value: "info",
    NoticeState.SENT.value: "success",
    NoticeState.FAILED.value: "danger",
    NoticeState.WITHDRAWN.value: "default",
    UNCLEAR: "danger",
}


class StateFilter(DropdownFilter):
    """By how far they have come, and those that a person should look at."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*NoticeState.choices, (TROUBLE, gettext_lazy("Failed or unclear"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Notice]) -> QuerySet[Notice]:
        if self.value() == TROUBLE:
            return queryset.in_trouble(timezone.now())
        known = self.value() in NoticeState.values
        return queryset.filter(state=self.value()) if known else queryset


class Readable(ChangeList):
    """A page of notices with the addresses in clear, in one query more."""

    result_list: list[Notice]

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        notices = list(self.result_list)
        addresses = recipients_of(notices)
        for notice in notices:
            notice.address = addresses.get(notice.pk, "")
        self.result_list = notices


@admin.register(Notice)
class NoticeAdmin(ScopedAdmin):
    """Seen by whoever may read the trail, the newest first; sending again is an act elsewhere."""

    read_scope = "events:read"
    list_display = ("queued_at", "what", "recipient", "tenant", "state_now", "attempts")
    list_display_links = ("what",)
    list_filter = (StateFilter, ("tenant", AutocompleteSelectFilter))
    list_select_related = ("tenant",)
    search_fields = ("license_id",)
    search_help_text = gettext_lazy("The id of a licence.")
    ordering = ("-id",)
    fields = (
        "what",
        "recipient",
        "state_now",
        "tenant",
        "license_link",
        "queued_at",
        "sent_at",
        "attempts",
        "due_at",
        "last_error",
    )
    readonly_fields = fields

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return Readable

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Notice], search_term: str
    ) -> tuple[QuerySet[Notice], bool]:
        if not search_term.strip():
            return queryset, False
        try:
            return queryset.filter(license_id=UUID(search_term.strip())), False
        except ValueError:
            return queryset.none(), False

    @display(description=gettext_lazy("what"))
    def what(self, notice: Notice) -> Words:
        kind = kinds.get(notice.kind)
        return kind.words if kind else notice.kind

    @display(description=gettext_lazy("to"))
    def recipient(self, notice: Notice) -> str:
        known: str | None = getattr(notice, "address", None)
        address = recipients_of([notice]).get(notice.pk, "") if known is None else known
        return address or _("Forgotten")

    @display(description=gettext_lazy("state"), label=_COLOURS)
    def state_now(self, notice: Notice) -> tuple[str, Any]:
        if notice.unclear_at(timezone.now()):
            return UNCLEAR, _("Unclear")
        return notice.state, notice.get_state_display()

    @display(description=gettext_lazy("licence"))
    def license_link(self, notice: Notice) -> str:
        if notice.license_id is None:
            return "-"
        try:
            page = reverse("admin:licenses_license_change", args=[notice.license_id])
        except NoReverseMatch:
            return str(notice.license_id)
        return format_html('<a href="{}">{}</a>', page, _("To the licence"))
