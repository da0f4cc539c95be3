"""Freeing a device: what will happen, then the act."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.portal.door import TenantView
from events.refusals import Refusal
from licenses.models import Activation
from licenses.portal import words
from licenses.selectors.seats import last_sign
from licenses.services import activation as activations


class FreeDevice(TenantView):
    """`/t/<code>/licenses/<id>/devices/<id>/free/`."""

    scope = "activations:write"
    section = "licenses"
    template_name = "portal/licenses/free_device.html"

    def get(
        self, request: HttpRequest, license_id: uuid.UUID, activation_id: uuid.UUID
    ) -> HttpResponse:
        return self._confirm(self._device(license_id, activation_id))

    def post(
        self, request: HttpRequest, license_id: uuid.UUID, activation_id: uuid.UUID
    ) -> HttpResponse:
        device = self._device(license_id, activation_id)
        if device.live:
            try:
                activations.deactivate(
                    activation_id=device.pk,
                    reason=_("Freed in the portal"),
                    at=self.at,
                    origin=self.credential.origin(request),
                )
            except Refusal as refusal:
                return self._confirm(device, refused=words.of_refusal(refusal), status=409)
            done = _("%(device)s is freed. Its seat can be taken at once.")
            if device.named_user is not None:
                done = _("%(device)s is freed. Its name keeps the seat.")
            messages.success(request, done % {"device": device})
        else:
            messages.info(request, _("%(device)s was free already.") % {"device": device})
        return redirect("portal:license", self.tenant.code, license_id)

    def _device(self, license_id: uuid.UUID, activation_id: uuid.UUID) -> Activation:
        rows = self.rows(Activation).with_names()
        device: Activation = self.find(rows, pk=activation_id, license_id=license_id)
        return device

    def _confirm(self, device: Activation, *, refused: str = "", status: int = 200) -> HttpResponse:
        context = {
            "device": device,
            "license": device.license,
            "is_held": device.live,
            "sign": last_sign(device),
            "refused": refused,
        }
        return self.page(context, status=status)
