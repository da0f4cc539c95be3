"""The names that hold a licence's seats: all of them, and freeing one."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.portal.door import TenantView
from events.refusals import Refusal
from licenses.models import License, NamedUser
from licenses.portal import words
from licenses.portal.forms import NameSearch
from licenses.services import named_users

_MOST = 200


class NamesPage(TenantView):
    """`/t/<code>/licenses/<id>/names/`."""

    scope = "activations:read"
    section = "licenses"
    template_name = "portal/licenses/names.html"

    def get(self, request: HttpRequest, license_id: uuid.UUID) -> HttpResponse:
        license = self.find(self.rows(License), pk=license_id)
        form = NameSearch(request.GET)
        sought = form.cleaned_data["q"] if form.is_valid() else ""
        assigned = self.rows(NamedUser).filter(license_id=license.pk).assigned()
        found = assigned.holding_text(sought) if sought else assigned
        rows = list(found.with_devices().order_by("identity")[:_MOST])
        return self.page(
            {
                "license": license,
                "names": rows,
                "form": form,
                "sought": sought,
                "there_are_more": len(rows) == _MOST,
                "limit": _MOST,
            }
        )


class FreeName(TenantView):
    """`/t/<code>/licenses/<id>/names/<id>/free/`."""

    scope = "activations:write"
    section = "licenses"
    template_name = "portal/licenses/free_name.html"

    def get(self, request: HttpRequest, license_id: uuid.UUID, user_id: uuid.UUID) -> HttpResponse:
        return self._confirm(self._named(license_id, user_id))

    def post(self, request: HttpRequest, license_id: uuid.UUID, user_id: uuid.UUID) -> HttpResponse:
        named = self._named(license_id, user_id)
        if not named.assigned:
            messages.info(request, _("%(name)s was unassigned already.") % {"name": named})
            return redirect("portal:license", self.tenant.code, license_id)
        try:
            named_users.unassign(
                license_id=license_id,
                named_user_id=named.pk,
                reason=_("Freed in the portal"),
                at=self.at,
                origin=self.credential.origin(request),
            )
        except Refusal as refusal:
            return self._confirm(named, refused=words.of_refusal(refusal), status=409)
        messages.success(
            request, _("The seat of %(name)s is free for another name.") % {"name": named}
        )
        return redirect("portal:license", self.tenant.code, license_id)

    def _named(self, license_id: uuid.UUID, user_id: uuid.UUID) -> NamedUser:
        rows = self.rows(NamedUser).select_related("license").with_devices()
        named: NamedUser = self.find(rows, pk=user_id, license_id=license_id)
        return named

    def _confirm(self, named: NamedUser, *, refused: str = "", status: int = 200) -> HttpResponse:
        context = {
            "named": named,
            "license": named.license,
            "is_held": named.assigned,
            "refused": refused,
        }
        return self.page(context, status=status)
