"""Files for devices without a network, made on a licence's page, and the receipts they send."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.admin.base import ScopedAdmin, origin_of
from events.refusals import Refusal
from licenses.admin.act_views import back_to
from licenses.admin.offline import as_file
from licenses.admin.offline_forms import Bringing, DeviceFileWish, LicenseFileWish, tell
from licenses.models import Activation
from licenses.selectors import offline_brought
from licenses.services import offline

View = Callable[..., HttpResponse]
_BRING = "admin/licenses/license/offline_bring.html"


def license_file(admin: ScopedAdmin) -> View:
    """Give the view that makes a file for any device."""

    def view(request: HttpRequest, object_id: UUID) -> HttpResponse:
        license, at = admin.license_or_404(object_id), timezone.now()
        form = LicenseFileWish(request.POST if request.method == "POST" else None)
        if form.is_bound and form.is_valid():
            try:
                made = offline.checkout(
                    found=offline_brought.found_of(license),
                    ttl_days=form.cleaned_data["ttl_days"] or offline.DEFAULT_DAYS,
                    at=at,
                    origin=origin_of(request),
                )
            except Refusal as refusal:
                tell(form, refusal)
            else:
                return as_file(made.text, offline_brought.file_name(None, license, "lic"))
        return admin.draw(
            request,
            "admin/licenses/license/act.html",
            title=_("Make a licence file"),
            license=license,
            at=at,
            form=form,
            effect=_("It says, signed, what the licence includes today, and is bound to no device.")
            + " "
            + _("With no days named it holds for %d.") % offline.DEFAULT_DAYS,
            label=_("Download the file"),
        )

    return view


def device_file(admin: ScopedAdmin) -> View:
    """Give the view that makes a device's next file."""

    def view(request: HttpRequest, object_id: UUID, activation_id: UUID) -> HttpResponse:
        license, at = admin.license_or_404(object_id), timezone.now()
        device = Activation.objects.filter(license=license, pk=activation_id).first()
        if device is None:
            return back_to(license)
        form = DeviceFileWish(request.POST if request.method == "POST" else None)
        if form.is_bound and form.is_valid():
            try:
                made = offline.checkout_for(
                    device,
                    fingerprint=form.cleaned_data["device_fingerprint"],
                    ttl_days=form.cleaned_data["ttl_days"],
                    at=at,
                    origin=origin_of(request),
                )
            except Refusal as refusal:
                tell(form, refusal)
            else:
                return as_file(made.text, offline_brought.file_name(device, license, "lic"))
        return admin.draw(
            request,
            "admin/licenses/license/act.html",
            title=_("Make a file for %s") % device,
            license=license,
            at=at,
            form=form,
            effect=_("It fits this device alone, and its older files lose against it.")
            + " "
            + _("With no days named it holds as long as a response of today, or %d days.")
            % offline.DEFAULT_DAYS,
            label=_("Download the file"),
        )

    return view


def receipt(admin: ScopedAdmin) -> View:
    """Give the view that frees a device by the receipt that it wrote."""

    def view(request: HttpRequest, object_id: UUID) -> HttpResponse:
        license, at = admin.license_or_404(object_id), timezone.now()
        form = Bringing(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            stated = form.cleaned_data
            try:
                device = offline.accept_receipt(
                    text=offline_brought.text_of(stated["code"], stated["file"]),
                    license_id=license.pk,
                    at=at,
                    origin=origin_of(request),
                )
            except Refusal as refusal:
                tell(form, refusal, field="code")
            else:
                messages.success(request, _("%s no longer holds a seat.") % device)
                return back_to(license)
        return admin.draw(
            request,
            _BRING,
            title=_("Free a device by its receipt"),
            license=license,
            at=at,
            form=form,
            effect=_("A device without a network that was ended writes a receipt."),
            label=_("Free the device"),
        )

    return view
