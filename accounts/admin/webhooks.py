"""Where other systems hear of events: made here, tried, switched off and on."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import BaseInlineFormSet, ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.contrib.filters.admin import AutocompleteSelectFilter, DropdownFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from accounts.admin.base import NO_STORE, ServiceAdmin, origin_of
from accounts.admin.forms import DateInput, HouseForm
from accounts.admin.refusals import tell, words_of
from accounts.selectors.webhook_words import ERRORS
from events.models import WebhookEndpoint
from events.refusals import Refusal
from events.services.webhooks import endpoints, replaying, sending

LISTENS, FAILING, OFF = (
    gettext_lazy("Listens"),
    gettext_lazy("Failing"),
    gettext_lazy("Switched off"),
)

IN_TROUBLE = "TROUBLE"


class StateFilter(DropdownFilter):
    """By whether they are told, and those that a person should look at."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("ON", LISTENS),
            ("OFF", OFF),
            (IN_TROUBLE, gettext_lazy("Failing or given up")),
        ]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[WebhookEndpoint]
    ) -> QuerySet[WebhookEndpoint]:
        match self.value():
            case "ON":
                return queryset.active()
            case "OFF":
                return queryset.exclude(disabled_at=None)
            case trouble if trouble == IN_TROUBLE:
                return queryset.in_trouble(timezone.now())
            case _:
                return queryset


class EndpointForm(ModelForm):
    """Types of events one a line, as the API names them."""

    url = forms.CharField(
        label=gettext_lazy("Address"), max_length=500, widget=UnfoldAdminTextInputWidget
    )
    event_types = forms.CharField(
        label=gettext_lazy("Hears of"),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text=gettext_lazy("One a line: license.renewed, license.* or * for everything."),
    )

    class Meta:
        model = WebhookEndpoint
        fields = ("url", "tenant", "event_types", "description")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["event_types"] = "\n".join(self.instance.event_types or ["license.*"])

    def clean_event_types(self) -> list[str]:
        text: str = self.cleaned_data["event_types"]
        return text.split()


class SinceForm(HouseForm):
    """From which day on all is sent again."""

    since = forms.DateTimeField(
        label=gettext_lazy("Since"),
        widget=DateInput,
        help_text=gettext_lazy("A day within the last 30."),
    )


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(ServiceAdmin):
    """An endpoint of a tenant hears of that tenant, one of the vendor's own of everybody."""

    read_scope = "webhooks:read"
    write_scope = "webhooks:write"
    form = EndpointForm
    list_display = ("__str__", "tenant", "heard", "standing", "failing_since", "created_at")
    list_filter = (
        StateFilter,
        ("tenant", AutocompleteSelectFilter),
    )
    list_select_related = ("tenant",)
    search_fields = ("url", "description")
    ordering = ("-id",)
    autocomplete_fields = ("tenant",)
    change_form_outer_before_template = "admin/events/webhookendpoint/acts.html"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None:
            return ("url", "tenant", "event_types", "description")
        facts = ("standing", "disabled_at", "disabled_because", "failing_since", "created_at")
        types = "event_types" if self.has_change_permission(request, obj) else "heard"
        return ("url", "tenant", types, "description", *facts)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None:
            return ()
        kept = {"url", "event_types", "description"}
        return tuple(name for name in self.get_fields(request, obj) if name not in kept)

    def get_urls(self) -> list[Any]:
        acts = {
            "test": require_POST(self.test),
            "switch": require_POST(self.switch),
            "rotate": require_POST(self.rotate),
            "replay": self.replay,
        }
        made = [self.act_path(name, act, scope=self.write_scope) for name, act in acts.items()]
        return [*made, *super().get_urls()]

    def store(
        self,
        request: HttpRequest,
        form: ModelForm,
        formsets: list[BaseInlineFormSet],
        *,
        change: bool,
    ) -> WebhookEndpoint:
        given, at, origin = dict(form.cleaned_data), timezone.now(), origin_of(request)
        if change:
            return endpoints.change_endpoint(
                endpoint_id=form.instance.pk, fields=given, at=at, origin=origin
            )
        tenant = given.pop("tenant")
        endpoint, request.plain_secret = endpoints.create_endpoint(
            **given, tenant_id=tenant.pk if tenant else None, at=at, origin=origin
        )
        return endpoint

    def response_add(self, request: HttpRequest, obj: WebhookEndpoint, *args: Any) -> HttpResponse:
        return self._show(request, obj, request.plain_secret)

    def test(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        try:
            answer = sending.send_test(endpoint_id=object_id, at=timezone.now())
        except Refusal as refusal:
            return self._refused(request, refusal)
        if answer.taken:
            messages.success(request, _("The test arrived: answer %s.") % answer.status)
        else:
            why = ERRORS.get(answer.error, answer.error)
            messages.error(request, _("The test did not arrive. %s") % why)
        return self._back_to(object_id)

    def switch(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        active = request.POST.get("active") == "1"
        try:
            endpoints.change_endpoint(
                endpoint_id=object_id,
                fields={"active": active},
                at=timezone.now(),
                origin=origin_of(request),
            )
        except Refusal as refusal:
            return self._refused(request, refusal)
        messages.success(request, _("It is switched on.") if active else _("It is switched off."))
        return self._back_to(object_id)

    def rotate(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        try:
            endpoint, secret = endpoints.rotate_secret(
                endpoint_id=object_id, at=timezone.now(), origin=origin_of(request)
            )
        except Refusal as refusal:
            return self._refused(request, refusal)
        return self._show(request, endpoint, secret)

    def replay(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        endpoint = self.get_object(request, str(object_id))
        if endpoint is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(object_id))
        form = SinceForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                many = replaying.replay_since(
                    endpoint_id=endpoint.pk,
                    since=form.cleaned_data["since"],
                    at=timezone.now(),
                    origin=origin_of(request),
                )
            except Refusal as refusal:
                tell(form, refusal)
            else:
                messages.success(request, _("%s messages are sent again.") % f"{many:,}")
                return self._back_to(endpoint.pk)
        page = "admin/events/webhookendpoint/replay.html"
        return self.draw(request, page, title=_("Send again"), endpoint=endpoint, form=form)

    def _show(self, request: HttpRequest, endpoint: WebhookEndpoint, secret: str) -> HttpResponse:
        """Show the secret, in the only answer that ever holds it."""
        page = self.draw(
            request,
            "admin/events/webhookendpoint/secret.html",
            title=_("Secret of a webhook"),
            endpoint=endpoint,
            secret=secret,
        )
        page["Cache-Control"] = NO_STORE
        return page

    def _refused(self, request: HttpRequest, refusal: Refusal) -> HttpResponse:
        messages.error(request, words_of(refusal))
        return HttpResponseRedirect(reverse("admin:events_webhookendpoint_changelist"))

    def _back_to(self, object_id: UUID) -> HttpResponse:
        page = reverse("admin:events_webhookendpoint_change", args=[object_id])
        return HttpResponseRedirect(page)

    @display(description=gettext_lazy("hears of"))
    def heard(self, endpoint: WebhookEndpoint) -> str:
        return ", ".join(endpoint.event_types)

    @display(
        description=gettext_lazy("state"),
        label={LISTENS: "success", FAILING: "warning", OFF: "danger"},
    )
    def standing(self, endpoint: WebhookEndpoint) -> Any:
        if not endpoint.active:
            return OFF
        return FAILING if endpoint.failing_since else LISTENS
