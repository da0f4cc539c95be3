"""Emergency codes: how many a licence may still have, making one, and what became of the others."""

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from accounts.access import owns
from accounts.portal.door import TenantView
from events.refusals import Refusal
from licenses import states
from licenses.models import License
from licenses.portal import words
from licenses.portal.forms import EmergencyForm
from licenses.portal.key import SHOWN_SECONDS
from licenses.selectors.emergencies import allowance_of, codes_of
from licenses.services.emergency import issue_code

_SHOWN = 12


class EmergencyPage(TenantView):
    """`/t/<code>/licenses/<id>/emergency/`."""

    scope = "security:write"
    asks_again = True
    section = "licenses"
    template_name = "portal/licenses/emergency.html"

    def get(self, request: HttpRequest, license_id: uuid.UUID) -> HttpResponse:
        license = self._license(license_id)
        return self._ask(license, EmergencyForm(initial={"number": self._next_number(license)}))

    def post(self, request: HttpRequest, license_id: uuid.UUID) -> HttpResponse:
        license = self._license(license_id)
        form = EmergencyForm(request.POST)
        if not form.is_valid():
            return self._ask(license, form, status=400)
        try:
            made = issue_code(
                license_id=license.pk,
                number=form.cleaned_data["number"],
                reason=form.cleaned_data["reason"],
                at=self.at,
                origin=self.credential.origin(request),
            )
        except Refusal as refusal:
            fresh = EmergencyForm(initial={"number": self._next_number(license)})
            return self._ask(license, fresh, refused=words.of_refusal(refusal), status=409)
        response = self.page({"license": license, "made": made})
        back = reverse("portal:license", args=[self.tenant.code, license.pk])
        response["Refresh"] = f"{SHOWN_SECONDS}; url={back}"
        return response

    def _ask(
        self, license: License, form: EmergencyForm, *, refused: str = "", status: int = 200
    ) -> HttpResponse:
        closed = states.refusal_in_emergency(license)
        context = {
            "license": license,
            "form": form,
            "refused": refused,
            "closed": words.of_refusal(Refusal(closed)) if closed else "",
            "allowance": allowance_of(license, at=self.at),
            "codes": codes_of(license, at=self.at, limit=_SHOWN),
        }
        return self.page(context, status=status)

    def _next_number(self, license: License) -> int:
        return allowance_of(license, at=self.at).next_number

    def _license(self, license_id: uuid.UUID) -> License:
        license: License = self.find(self.rows(License), pk=license_id)
        # Who sold it on may read it; whom it lets in is its holder's to say.
        if not owns(self.credential, license):
            raise Http404
        return license
