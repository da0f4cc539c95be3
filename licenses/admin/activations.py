"""Devices: to be seen here, and barred."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from accounts.admin.base import ScopedAdmin
from licenses.admin import barring
from licenses.models import Activation, labels
from licenses.selectors.seats import last_sign
from licenses.states import ActivationStatus

_COLOURS = {
    ActivationStatus.ACTIVE.value: "success",
    ActivationStatus.DEACTIVATED.value: "info",
    ActivationStatus.SUSPENDED.value: "warning",
    ActivationStatus.EXPIRED.value: "danger",
}
_WORDS = dict(labels.ACTIVATION_STATUS)


@admin.register(Activation)
class ActivationAdmin(ScopedAdmin):
    """Read-only: a device activates itself, and is freed on its licence's page."""

    read_scope = "activations:read"
    list_display = (
        "device",
        "license_link",
        "state",
        "units",
        "lease_expires_at",
        "activated_at",
        "seen",
        "ip_address",
    )
    list_filter = ("activation_type",)
    list_select_related = ("license", "heartbeat", "named_user", "offline_device")
    search_fields = ("machine_name",)
    search_help_text = _("The beginning of a machine's name, or a licence's id.")
    ordering = ("-id",)
    fields = (
        "license_link",
        "machine_name",
        "user",
        "fingerprint_hint",
        "hardware_hint",
        "mac_hint",
        "activation_type",
        "valid_until",
        "known_by",
        "flags",
        "units",
        "declared_units",
        "operating_system",
        "application_version",
        "user_agent",
        "ip_address",
        "country",
        "domain",
        "activated_at",
        "seen",
        "lease_expires_at",
        "borrowed_until",
        "heartbeat_due_at",
        "deactivated_at",
        "deactivation_reason",
    )
    readonly_fields = fields
    change_form_outer_before_template = "admin/licenses/activation/acts.html"

    def get_urls(self) -> list[Any]:
        bar = self.act_path("bar", barring.bar_device(self), scope=barring.SCOPE)
        return [bar, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        told = barring.facts_of(request, object_id)
        return super().change_view(request, object_id, extra_context=told)

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[Any, bool]:
        words = search_term.strip()
        if not words:
            return queryset, False
        try:
            return queryset.filter(license_id=UUID(words)), False
        except ValueError:
            return queryset.filter(machine_name__istartswith=words), False

    @display(description=_("device"))
    def device(self, activation: Activation) -> str:
        return str(activation)

    @display(description=_("licence"))
    def license_link(self, activation: Activation) -> str:
        page = reverse("admin:licenses_license_change", args=[activation.license_id])
        license = activation.license
        return format_html(
            '<a href="{}">{} <span class="nowrap">…-{}</span></a>',
            page,
            license.product_name,
            license.key_hint,
        )

    @display(description=_("named user"))
    def user(self, activation: Activation) -> str:
        return str(activation.named_user or "")

    @display(description=_("known by"))
    def known_by(self, activation: Activation) -> Any:
        device = getattr(activation, "offline_device", None)
        if device is None:
            return ""
        return _("A key of its own") if device.has_key else _("Its fingerprint alone")

    @display(description=_("looks like two machines"))
    def flags(self, activation: Activation) -> str:
        device = getattr(activation, "offline_device", None)
        if device is None or device.clone_suspected_at is None:
            return ""
        return str(date_format(localtime(device.clone_suspected_at), "DATETIME_FORMAT"))

    @display(description=_("state"), label=_COLOURS)
    def state(self, activation: Activation) -> tuple[str, Any]:
        status = activation.status_at(timezone.now()).value
        return status, _WORDS[status]

    @display(description=_("last seen"))
    def seen(self, activation: Activation) -> Any:
        sign = last_sign(activation)
        at = date_format(localtime(sign.at), "DATETIME_FORMAT")
        return at if sign.heard else _("%s (activated)") % at
