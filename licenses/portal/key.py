"""A licence's whole key: shown once, on asking, and told to the trail."""

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import owns
from accounts.portal.door import TenantView
from licenses.models import License
from licenses.services import keyring

# A forgotten window leads back to the licence by itself.
SHOWN_SECONDS = 300


class KeyPage(TenantView):
    """`/t/<code>/licenses/<id>/key/`."""

    scope = "licenses:reveal"
    asks_again = True
    section = "licenses"
    template_name = "portal/licenses/key.html"

    def get(self, request: HttpRequest, license_id: uuid.UUID) -> HttpResponse:
        return self.page({"license": self._license(license_id)})

    def post(self, request: HttpRequest, license_id: uuid.UUID) -> HttpResponse:
        license = self._license(license_id)
        key = keyring.reveal_key(
            license_id=license.pk,
            reason=_("Shown in the portal"),
            at=self.at,
            origin=self.credential.origin(request),
        )
        response = self.page({"license": license, "key": key})
        back = reverse("portal:license", args=[self.tenant.code, license.pk])
        response["Refresh"] = f"{SHOWN_SECONDS}; url={back}"
        return response

    def _license(self, license_id: uuid.UUID) -> License:
        license: License = self.find(self.rows(License), pk=license_id)
        # Who sold it on sees that it is there, never its key.
        if not owns(self.credential, license):
            raise Http404
        return license
