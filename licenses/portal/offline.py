"""Activating a device without a network: bring its request, look, take the response back."""

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import content_disposition_header

from accounts.access import owns
from accounts.portal.door import TenantView
from events.refusals import Refusal
from licenses.models import Activation, License, OfflineRequest
from licenses.portal import words
from licenses.portal.forms import Bringing
from licenses.selectors import offline_brought
from licenses.selectors.offline_brought import Brought
from licenses.services import offline

_FULL = "ACTIVATION_LIMIT_EXCEEDED"


class OwnedLicenseView(TenantView):
    """A page about a licence that is the tenant's own; one it merely sold on is not there."""

    scope = "activations:write"
    section = "licenses"

    def owned(self, license_id: uuid.UUID) -> License:
        license: License = self.find(self.rows(License), pk=license_id)
        if not owns(self.credential, license):
            raise Http404
        return license


class ActivateOffline(OwnedLicenseView):
    """
    `/t/<code>/licenses/<id>/offline/`.

    The request travels with the form from step to step: nothing is kept before it is answered.
    """

    template_name = "portal/licenses/offline_request.html"
    confirming = "portal/licenses/offline_confirm.html"

    def get(self, request: HttpRequest, license_id: uuid.UUID) -> HttpResponse:
        return self.page({"license": self.owned(license_id), "form": Bringing()})

    def post(self, request: HttpRequest, license_id: uuid.UUID) -> HttpResponse:
        license = self.owned(license_id)
        form = Bringing(request.POST, request.FILES)
        if not form.is_valid():
            return self.page({"license": license, "form": form}, status=400)
        try:
            text = offline_brought.text_of(form.cleaned_data["code"], form.cleaned_data["file"])
            found = offline_brought.brought(text, among=self.rows(License), at=self.at)
        except Refusal as refusal:
            return self._asked_again(license, form, refusal)
        if found.license.pk != license.pk:
            return self._elsewhere(license, form, found.license)
        if "confirm" not in request.POST:
            return self._confirm(found, text)
        return self._answered(found, text)

    def _answered(self, found: Brought, text: str) -> HttpResponse:
        license = found.license
        try:
            offline.answer_request(
                license_id=license.pk,
                wish=found.wish,
                at=self.at,
                origin=self.credential.origin(self.request),
            )
        except Refusal as refusal:
            return self._confirm(found, text, refusal=refusal)
        answer = offline_brought.answer_to(found.wish, license.pk)
        return redirect("portal:offline-response", self.tenant.code, license.pk, answer.pk)

    def _confirm(self, found: Brought, text: str, refusal: Refusal | None = None) -> HttpResponse:
        self.template_name = self.confirming
        full = not found.fits and not found.answered
        context = {
            "license": found.license,
            "brought": found,
            "text": text,
            "is_full": full or (refusal is not None and refusal.code == _FULL),
            "refused": words.of_refusal(refusal) if refusal else "",
        }
        return self.page(context, status=409 if refusal else 200)

    def _asked_again(self, license: License, form: Bringing, refusal: Refusal) -> HttpResponse:
        form.add_error("code", words.of_refusal(refusal))
        return self.page({"license": license, "form": form}, status=400)

    def _elsewhere(self, license: License, form: Bringing, other: License) -> HttpResponse:
        other = other if owns(self.credential, other) else license
        if other.pk == license.pk:
            return self._asked_again(license, form, Refusal("LICENSE_NOT_FOUND"))
        return self.page({"license": license, "form": form, "other": other}, status=409)


class OfflineResponse(OwnedLicenseView):
    """`/t/<code>/licenses/<id>/offline/<id>/`: as long as the request is remembered."""

    template_name = "portal/licenses/offline_response.html"

    def get(
        self, request: HttpRequest, license_id: uuid.UUID, answer_id: uuid.UUID
    ) -> HttpResponse:
        license, answer = self.answer(license_id, answer_id)
        context: dict[str, Any] = {
            "license": license,
            "answer": answer,
            "device": answer.activation,
        }
        if answer.activation.live:
            text = offline_brought.response_in(answer)
            context |= {
                "text": text,
                "code": offline_brought.drawn(text),
                "file_name": _file_name(answer, license),
            }
        return self.page(context)

    def answer(self, license_id: uuid.UUID, answer_id: uuid.UUID) -> tuple[License, OfflineRequest]:
        license = self.owned(license_id)
        devices = self.rows(Activation)
        answer = offline_brought.answer_of(license, answer_id, devices=devices, at=self.at)
        if answer is None:
            raise Http404
        return license, answer


class OfflineResponseFile(OfflineResponse):
    """`/t/<code>/licenses/<id>/offline/<id>/file/`."""

    def get(
        self, request: HttpRequest, license_id: uuid.UUID, answer_id: uuid.UUID
    ) -> HttpResponse:
        license, answer = self.answer(license_id, answer_id)
        if not answer.activation.live:
            raise Http404
        return as_file(offline_brought.response_in(answer), _file_name(answer, license))


def as_file(text: str, name: str) -> HttpResponse:
    """Give a signed text as a file to keep."""
    response = HttpResponse(text, content_type="text/plain; charset=us-ascii")
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


def _file_name(answer: OfflineRequest, license: License) -> str:
    return offline_brought.file_name(answer.activation, license, "rsp")
