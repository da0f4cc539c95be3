"""E-mails that people are owed: which left, which wait, and which a person has to look at."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import NoReverseMatch, URLPattern, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import AutocompleteSelectFilter, DropdownFilter
from unfold.decorators import display
from unfold.views import ChangeList

from accounts.admin.base import ScopedAdmin, may, origin_of
from accounts.admin.refusals import Words, words_of
from events.models import Notice, NoticeState
from events.notifications import kinds
from events.refusals import Refusal
from events.selectors.recipients import recipients_of
from events.services import returned

UNCLEAR = "UNCLEAR"
TROUBLE = "TROUBLE"
# Neither chooses an address: whoever looks after licences may.
ACT_SCOPE = "licenses:write"
_COLOURS = {
    NoticeState.QUEUED.value: "info",
    NoticeState.SENDING.value: "info",
    NoticeState.SENT.value: "success",
    NoticeState.FAILED.value: "danger",
    NoticeState.BOUNCED.value: "danger",
    NoticeState.WITHDRAWN.value: "default",
    UNCLEAR: "danger",
}


@dataclass(frozen=True, slots=True)
class _Act:
    """What a person may do about a mail: the button, what it does, and what is said of it."""

    title: Words
    effect: Words
    done: Words
    do: Callable[..., Notice]


_ACTS = {
    "repeat": _Act(
        gettext_lazy("Send again"),
        gettext_lazy(
            "It goes to the same address, and says what holds now. If it did arrive, it arrives"
            " twice."
        ),
        gettext_lazy("It is on its way again."),
        returned.send_again,
    ),
    "bounced": _Act(
        gettext_lazy("Mark as come back"),
        gettext_lazy("The customer's page then says that mails do not reach this address."),
        gettext_lazy("Marked as come back."),
        returned.mark_bounced,
    ),
}


class StateFilter(DropdownFilter):
    """By how far they have come, and those that a person should look at."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*NoticeState.choices, (TROUBLE, gettext_lazy("Failed, come back or unclear"))]

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
    """Seen by whoever may read the trail, the newest first; sent again if need be."""

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
        "state_in_words",
        "tenant",
        "license_link",
        "queued_at",
        "sent_at",
        "attempts",
        "due_at",
        "last_error",
    )
    readonly_fields = fields
    change_form_outer_before_template = "admin/events/notice/acts.html"

    def get_urls(self) -> list[URLPattern]:
        acts = [
            self.act_path(name, _act(self, name), scope=ACT_SCOPE) for name in ("repeat", "bounced")
        ]
        return [*acts, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        may_act = may(request, ACT_SCOPE)
        told = {"acts": _acts_upon(object_id, timezone.now()) if may_act else set()}
        return super().change_view(request, object_id, extra_context=told)

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

    @display(description=gettext_lazy("state"))
    def state_in_words(self, notice: Notice) -> str:
        return str(self.state_now(notice)[1])

    @display(description=gettext_lazy("licence"))
    def license_link(self, notice: Notice) -> str:
        if notice.license_id is None:
            return "-"
        try:
            page = reverse("admin:licenses_license_change", args=[notice.license_id])
        except NoReverseMatch:
            return str(notice.license_id)
        return format_html('<a href="{}">{}</a>', page, _("To the licence"))


def _acts_upon(object_id: str, at: datetime) -> set[str]:
    """Return which acts a mail allows now."""
    try:
        rows = Notice.objects.filter(pk=UUID(object_id))
    except ValueError:
        return set()
    allowed = {"repeat": rows.in_trouble(at), "bounced": rows.may_have_left(at)}
    return {name for name, found in allowed.items() if found.exists()}


def _act(admin: ScopedAdmin, name: str) -> Callable[..., HttpResponse]:
    """Give the view that asks and then does it."""
    act = _ACTS[name]

    def view(request: HttpRequest, object_id: UUID) -> HttpResponse:
        notice = get_object_or_404(Notice, pk=object_id)
        page = reverse("admin:events_notice_change", args=[notice.pk])
        if request.method == "POST":
            try:
                act.do(notice_id=notice.pk, at=timezone.now(), origin=origin_of(request))
            except Refusal as refusal:
                messages.error(request, words_of(refusal))
            else:
                messages.success(request, act.done)
            return HttpResponseRedirect(page)
        return admin.draw(
            request,
            "admin/events/notice/act.html",
            title=act.title,
            act=act,
            notice=notice,
            address=recipients_of([notice]).get(notice.pk, ""),
            page=page,
        )

    return view
