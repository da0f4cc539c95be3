"""Barring the device of an activation: where, until when, and why."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin.base import ScopedAdmin, may, origin_of
from accounts.admin.forms import DateInput
from licenses.admin.act_forms import ReasonForm
from licenses.admin.act_views import ask
from licenses.models import Activation, BlacklistedDevice
from licenses.services import blacklist
from licenses.terms import end_of_day

SCOPE = "security:write"
EVERYWHERE, TENANT, PRODUCT, BOTH = "everywhere", "tenant", "product", "both"


class BarForm(ReasonForm):
    """From which licences, and for how long."""

    reach = forms.ChoiceField(label=gettext_lazy("Bar it from"), initial=EVERYWHERE)
    last_day = forms.DateField(
        label=gettext_lazy("Last day"),
        required=False,
        widget=DateInput(),
        help_text=gettext_lazy("Empty: until somebody lifts the bar."),
    )
    field_order = ("reach", "last_day", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = {"tenant": self.license.tenant, "product": self.license.product}
        self.fields["reach"].choices = [
            (EVERYWHERE, _("every licence")),
            (TENANT, _("every licence of %(tenant)s") % named),
            (PRODUCT, _("%(product)s, whoever holds it") % named),
            (BOTH, _("%(product)s of %(tenant)s") % named),
        ]

    def clean_last_day(self) -> Any:
        """Give the instant at which the bar ends, where it does."""
        day = self.cleaned_data["last_day"]
        end = end_of_day(day) if day else None
        if end is not None and end <= timezone.now():
            raise forms.ValidationError(_("It has to lie ahead."))
        return end


def bar_device(admin: ScopedAdmin) -> Callable[..., HttpResponse]:
    """Give the view that bars the device of an activation."""

    def view(request: HttpRequest, object_id: UUID) -> HttpResponse:
        rows = Activation.objects.select_related("license__tenant", "license__product")
        device = rows.filter(pk=object_id).first()
        if device is None:
            raise Http404
        license = device.license

        def do(stated: Mapping[str, Any]) -> str:
            reach = stated["reach"]
            blacklist.blacklist_device_of(
                activation_id=device.pk,
                reason=stated["reason"],
                expires_at=stated["last_day"],
                tenant_id=license.tenant_id if reach in (TENANT, BOTH) else None,
                product=license.product if reach in (PRODUCT, BOTH) else None,
                at=timezone.now(),
                origin=origin_of(request),
            )
            return _("%s is barred: its next call is refused.") % device

        return ask(
            admin,
            request,
            license,
            BarForm(request.POST or None, license=license),
            do,
            title=_("Bar %s") % device,
            effect=_(
                "The device is signed out wherever the bar reaches, its seats are free for others, "
                "and it may activate nothing there until the bar ends or is lifted."
            ),
            label=_("Bar this device"),
            grave=True,
        )

    return view


def facts_of(request: HttpRequest, object_id: str) -> dict[str, Any]:
    """Say what bars the device of an activation now, and whether the reader may bar it."""
    try:
        held = Activation.objects.select_related("license").get(pk=object_id)
    except (Activation.DoesNotExist, ValidationError):
        return {}
    bars = BlacklistedDevice.objects.barring(
        fingerprint=bytes(held.fingerprint_digest),
        tenant_id=held.license.tenant_id,
        product_id=held.license.product_id,
        at=timezone.now(),
    )
    return {
        "bars": list(bars.order_by("-id")) if may(request, "security:read") else [],
        "may_bar": may(request, SCOPE),
    }
