"""What gateways told, and what became of it; what needs a person is looked after here."""

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
from accounts.admin.refusals import WORDS
from orders.models import EventState, GatewayEvent
from orders.services import inbox

_COLOURS = {
    EventState.WAITING.value: "warning",
    EventState.IGNORED.value: "info",
    EventState.APPLIED.value: "success",
    EventState.NEEDS_PERSON.value: "danger",
}
# Beside what refusals say of themselves.
_WHY = {
    "ALREADY_APPLIED": gettext_lazy("It was applied under another number."),
    "DISPUTE_NOT_OPENED": gettext_lazy("No such dispute was opened."),
    "ORDERS_DIFFER": gettext_lazy("It names two orders."),
    "ORDER_NOT_FULFILLED": gettext_lazy("The order has brought about nothing to hold."),
    "OVERTAKEN": gettext_lazy("A payment came since."),
    "UNKNOWN_PRICE": gettext_lazy("No template has such a price."),
    "UNKNOWN_TYPE": gettext_lazy("It is of no concern here."),
}


class StateFilter(DropdownFilter):
    """By what became of them."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(EventState.choices)

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[GatewayEvent]
    ) -> QuerySet[GatewayEvent]:
        known = self.value() in EventState.values
        return queryset.filter(state=self.value()) if known else queryset


@admin.register(GatewayEvent)
class GatewayEventAdmin(ScopedAdmin):
    """The newest first; nothing of them is changed."""

    read_scope = "orders:read"
    close_scope = "payments:write"
    list_display = (
        "received_at",
        "type",
        "event_id",
        "told_of",
        "reference",
        "state_now",
        "because",
    )
    list_display_links = ("type",)
    list_filter = (StateFilter,)
    list_select_related = ("order",)
    search_fields = ("event_id__exact", "order__order_number__exact")
    search_help_text = gettext_lazy("The number of a message, or of an order.")
    ordering = ("-id",)
    fields = (
        "gateway",
        "event_id",
        "type",
        "told_of",
        "amount",
        "reference",
        "occurred_at",
        "received_at",
        "state",
        "because",
        "settled_at",
    )
    readonly_fields = fields
    change_form_outer_before_template = "admin/orders/gatewayevent/acts.html"

    def get_urls(self) -> list[Any]:
        close = self.act_path("close", require_POST(self.close), scope=self.close_scope)
        return [close, *super().get_urls()]

    def close(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        message = self.get_object(request, str(object_id))
        if message is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(object_id))
        inbox.close(message_id=message.pk, at=timezone.now(), origin=origin_of(request))
        messages.success(request, _("It needs nobody any more."))
        page = reverse("admin:orders_gatewayevent_change", args=[message.pk])
        return HttpResponseRedirect(page)

    @display(description=gettext_lazy("order"))
    def told_of(self, event: GatewayEvent) -> str:
        named = (event.facts["order_number"], event.facts["invoice_number"])
        return event.order.order_number if event.order else " ".join(filter(None, named)) or "-"

    @display(description=gettext_lazy("why"))
    def because(self, event: GatewayEvent) -> Any:
        return _WHY.get(event.why) or WORDS.get(event.why, "-")

    @display(description=gettext_lazy("amount"))
    def amount(self, event: GatewayEvent) -> str:
        return f"{event.facts['currency']} {event.facts['amount'] or ''}".strip() or "-"

    @display(description=gettext_lazy("state"), label=_COLOURS)
    def state_now(self, event: GatewayEvent) -> tuple[str, Any]:
        return event.state, EventState(event.state).label
