"""Files to carry to a device without a network, and the receipt that it sends back."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from events.refusals import Refusal
from licenses.models import Activation, License
from licenses.portal import words
from licenses.portal.forms import BringingReceipt, FileWish
from licenses.portal.offline import OwnedLicenseView, as_file
from licenses.selectors import offline_brought
from licenses.services import offline


class LicenseFile(OwnedLicenseView):
    """`/t/<code>/licenses/<id>/file/`: for any device."""

    template_name = "portal/licenses/license_file.html"

    def get(self, request: HttpRequest, license_id: uuid.UUID) -> HttpResponse:
        return self._ask(self.owned(license_id), FileWish())

    def post(self, request: HttpRequest, license_id: uuid.UUID) -> HttpResponse:
        license = self.owned(license_id)
        form = FileWish(request.POST)
        if not form.is_valid():
            return self._ask(license, form, status=400)
        try:
            made = offline.checkout(
                found=offline_brought.found_of(license),
                ttl_days=form.cleaned_data["ttl_days"] or offline.DEFAULT_DAYS,
                at=self.at,
                origin=self.credential.origin(request),
            )
        except Refusal as refusal:
            return self._ask(license, form, refused=words.of_refusal(refusal), status=409)
        return as_file(made.text, offline_brought.file_name(None, license, "lic"))

    def _ask(
        self, license: License, form: FileWish, *, refused: str = "", status: int = 200
    ) -> HttpResponse:
        context = {
            "license": license,
            "form": form,
            "refused": refused,
            "days": offline.DEFAULT_DAYS,
        }
        return self.page(context, status=status)


class DeviceFile(OwnedLicenseView):
    """`/t/<code>/licenses/<id>/devices/<id>/file/`: the device's next one."""

    template_name = "portal/licenses/device_file.html"

    def get(
        self, request: HttpRequest, license_id: uuid.UUID, activation_id: uuid.UUID
    ) -> HttpResponse:
        return self._ask(self._device(license_id, activation_id), FileWish())

    def post(
        self, request: HttpRequest, license_id: uuid.UUID, activation_id: uuid.UUID
    ) -> HttpResponse:
        device = self._device(license_id, activation_id)
        form = FileWish(request.POST)
        if not form.is_valid():
            return self._ask(device, form, status=400)
        try:
            made = offline.checkout_for(
                device,
                fingerprint=form.cleaned_data["device_fingerprint"],
                ttl_days=form.cleaned_data["ttl_days"],
                at=self.at,
                origin=self.credential.origin(request),
            )
        except Refusal as refusal:
            return self._ask(device, form, refused=words.of_refusal(refusal), status=409)
        return as_file(made.text, offline_brought.file_name(device, device.license, "lic"))

    def _device(self, license_id: uuid.UUID, activation_id: uuid.UUID) -> Activation:
        license = self.owned(license_id)
        rows = self.rows(Activation).select_related("license", "offline_device")
        device: Activation = self.find(rows, pk=activation_id, license_id=license.pk)
        return device

    def _ask(
        self, device: Activation, form: FileWish, *, refused: str = "", status: int = 200
    ) -> HttpResponse:
        context = {
            "license": device.license,
            "device": device,
            "known": getattr(device, "offline_device", None),
            "answer": offline_brought.last_answer(device, at=self.at),
            "form": form,
            "refused": refused,
            "days": offline.DEFAULT_DAYS,
        }
        return self.page(context, status=status)


class OfflineReceipt(OwnedLicenseView):
    """`/t/<code>/licenses/<id>/offline/receipt/`: a device that ended itself is freed."""

    template_name = "portal/licenses/offline_receipt.html"

    def get(self, request: HttpRequest, license_id: uuid.UUID) -> HttpResponse:
        return self.page({"license": self.owned(license_id), "form": BringingReceipt()})

    def post(self, request: HttpRequest, license_id: uuid.UUID) -> HttpResponse:
        license = self.owned(license_id)
        form = BringingReceipt(request.POST, request.FILES)
        if not form.is_valid():
            return self.page({"license": license, "form": form}, status=400)
        stated = form.cleaned_data
        try:
            device = offline.accept_receipt(
                text=offline_brought.text_of(stated["code"], stated["file"]),
                license_id=license.pk,
                at=self.at,
                origin=self.credential.origin(request),
            )
        except Refusal as refusal:
            form.add_error("code", words.of_refusal(refusal))
            return self.page({"license": license, "form": form}, status=409)
        messages.success(request, _("%(device)s holds no seat any more.") % {"device": device})
        return redirect("portal:license", self.tenant.code, license.pk)
