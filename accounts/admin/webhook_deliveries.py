"""What endpoints were told in the last thirty days, and telling it again."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from accounts.admin.base import ScopedAdmin, origin_of
from accounts.admin.refusals import Words, words_of
from accounts.selectors.webhook_words import ERRORS
from events.models import DeliveryState, WebhookDelivery
from events.refusals import Refusal
from events.services.webhooks import replaying

_COLOURS = {
    DeliveryState.WAITING.value: "info",
    DeliveryState.SENDING.value: "info",
    DeliveryState.DELIVERED.value: "success",
    DeliveryState.FAILED.value: "danger",
}


class StateFilter(DropdownFilter):
    """By how far they have come."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(DeliveryState.choices)

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[WebhookDelivery]
    ) -> QuerySet[WebhookDelivery]:
        known = self.value() in DeliveryState.values
        return queryset.filter(state=self.value()) if known else queryset


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ScopedAdmin):
    """The newest first; each may be sent again."""

    read_scope = "webhooks:read"
    replay_scope = "webhooks:write"
    list_display = ("queued_at", "what", "endpoint", "state_now", "response_status", "attempts")
    list_display_links = ("what",)
    list_filter = (StateFilter,)
    list_select_related = ("endpoint", "event")
    search_fields = ("license_id",)
    search_help_text = gettext_lazy("The id of an endpoint, of a licence or of an event.")
    ordering = ("-id",)
    fields = (
        "what",
        "endpoint",
        "state_now",
        "license_id",
        "queued_at",
        "attempts",
        "due_at",
        "delivered_at",
        "response_status",
        "why",
        "response_excerpt",
        "duration_ms",
    )
    readonly_fields = fields
    change_form_outer_before_template = "admin/events/webhookdelivery/acts.html"

    def get_urls(self) -> list[Any]:
        replay = self.act_path("replay", require_POST(self.replay), scope=self.replay_scope)
        return [replay, *super().get_urls()]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[WebhookDelivery], search_term: str
    ) -> tuple[QuerySet[WebhookDelivery], bool]:
        if not search_term.strip():
            return queryset, False
        try:
            number = UUID(search_term.strip())
        except ValueError:
            return queryset.none(), False
        return queryset.naming(number), False

    def replay(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        delivery = self.get_object(request, str(object_id))
        if delivery is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(object_id))
        try:
            replaying.replay_one(
                endpoint_id=delivery.endpoint_id,
                delivery_id=delivery.pk,
                at=timezone.now(),
                origin=origin_of(request),
            )
        except Refusal as refusal:
            messages.error(request, words_of(refusal))
        else:
            messages.success(request, _("It is sent again within seconds."))
        page = reverse("admin:events_webhookdelivery_change", args=[delivery.pk])
        return HttpResponseRedirect(page)

    @display(description=gettext_lazy("event"))
    def what(self, delivery: WebhookDelivery) -> str:
        return delivery.event.type

    @display(description=gettext_lazy("what went wrong"))
    def why(self, delivery: WebhookDelivery) -> Words:
        return ERRORS.get(delivery.error, delivery.error) or "-"

    @display(description=gettext_lazy("state"), label=_COLOURS)
    def state_now(self, delivery: WebhookDelivery) -> tuple[str, Any]:
        return delivery.state, delivery.get_state_display()
