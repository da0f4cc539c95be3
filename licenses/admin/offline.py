"""Activating a device without a network on a licence's page: bring, look, take back."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from accounts.admin.base import NO_STORE, ScopedAdmin, origin_of
from events.refusals import Refusal
from licenses.admin.offline_forms import Bringing, tell
from licenses.models import Activation, License, OfflineRequest
from licenses.selectors import offline_brought
from licenses.selectors.offline_brought import Brought
from licenses.services import offline

View = Callable[..., HttpResponse]


def activate(admin: ScopedAdmin) -> View:
    """Give the view that takes a device's request, asks, and answers it."""

    def view(request: HttpRequest, object_id: UUID) -> HttpResponse:
        license, at = admin.license_or_404(object_id), timezone.now()
        form = Bringing(request.POST or None, request.FILES or None)
        if request.method != "POST" or not form.is_valid():
            return _bring(admin, request, license, form, at)
        try:
            text = offline_brought.text_of(form.cleaned_data["code"], form.cleaned_data["file"])
            mine = License.objects.filter(pk=license.pk)
            found = offline_brought.brought(text, among=mine, at=at)
        except Refusal as refusal:
            tell(form, refusal, field="code")
            return _bring(admin, request, license, form, at)
        if "confirm" in request.POST:
            return _answered(admin, request, license, found, text, form, at)
        return _confirm(admin, request, license, found, text, form, at)

    return view


def response(admin: ScopedAdmin) -> View:
    """Give the view that shows a request's response, as long as it is remembered."""

    def view(request: HttpRequest, object_id: UUID, answer_id: UUID) -> HttpResponse:
        license, at = admin.license_or_404(object_id), timezone.now()
        answer = _answer(license, answer_id, at)
        text = offline_brought.response_in(answer) if answer.activation.live else ""
        page = admin.draw(
            request,
            "admin/licenses/license/offline_response.html",
            title=_("Response for %s") % answer.activation,
            license=license,
            at=at,
            answer=answer,
            device=answer.activation,
            text=text,
            code=offline_brought.drawn(text) if text else None,
        )
        page["Cache-Control"] = NO_STORE
        return page

    return view


def response_file(admin: ScopedAdmin) -> View:
    """Give the view that hands out a response as a file."""

    def view(request: HttpRequest, object_id: UUID, answer_id: UUID) -> HttpResponse:
        license = admin.license_or_404(object_id)
        answer = _answer(license, answer_id, timezone.now())
        if not answer.activation.live:
            raise Http404
        name = offline_brought.file_name(answer.activation, license, "rsp")
        return as_file(offline_brought.response_in(answer), name)

    return view


def as_file(text: str, name: str) -> HttpResponse:
    """Give a signed text as a file to keep."""
    page = HttpResponse(text, content_type="text/plain; charset=us-ascii")
    page["Content-Disposition"] = content_disposition_header(True, name)
    page["Cache-Control"] = NO_STORE
    return page


def _answered(
    admin: ScopedAdmin,
    request: HttpRequest,
    license: License,
    found: Brought,
    text: str,
    form: Bringing,
    at: datetime,
) -> HttpResponse:
    try:
        offline.answer_request(
            license_id=license.pk, wish=found.wish, at=at, origin=origin_of(request)
        )
    except Refusal as refusal:
        tell(form, refusal)
        return _confirm(admin, request, license, found, text, form, at)
    answer = offline_brought.answer_to(found.wish, license.pk)
    page = reverse("admin:licenses_license_offline-response", args=[license.pk, answer.pk])
    return HttpResponseRedirect(page)


def _bring(
    admin: ScopedAdmin, request: HttpRequest, license: License, form: Bringing, at: datetime
) -> HttpResponse:
    return admin.draw(
        request,
        "admin/licenses/license/offline_bring.html",
        title=_("Activate a device without a network"),
        license=license,
        at=at,
        form=form,
        effect=_("Nothing is activated before you have seen which device it is."),
        label=_("Continue"),
    )


def _confirm(
    admin: ScopedAdmin,
    request: HttpRequest,
    license: License,
    found: Brought,
    text: str,
    form: Bringing,
    at: datetime,
) -> HttpResponse:
    return admin.draw(
        request,
        "admin/licenses/license/offline_confirm.html",
        title=_("Is this the device?"),
        license=license,
        at=at,
        brought=found,
        text=text,
        form=form,
    )


def _answer(license: License, answer_id: UUID, at: datetime) -> OfflineRequest:
    devices = Activation.objects.filter(license=license)
    answer = offline_brought.answer_of(license, answer_id, devices=devices, at=at)
    if answer is None:
        raise Http404
    return answer
