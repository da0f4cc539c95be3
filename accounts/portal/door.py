"""The one way into a tenant's pages: membership, role, the reader's clock, then the page."""

import zoneinfo
from datetime import datetime
from typing import Any, ClassVar

from allauth.account.decorators import reauthentication_required
from allauth.core.exceptions import ReauthenticationRequired
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.views import View

from accounts.access import Credential, rows_of, second_wall
from accounts.models import Membership, Tenant


class TenantView(LoginRequiredMixin, View):
    """
    A page of one tenant, for a member whose role permits `scope`.

    To somebody who is no member the organisation does not exist, whether it does or not.
    """

    scope: ClassVar[str]
    template_name: ClassVar[str]
    # Whether the member is asked for the password again, unless that was a few minutes ago.
    asks_again: ClassVar[bool] = False
    # Which entry of the menu this page belongs to.
    section: ClassVar[str] = ""

    at: datetime
    membership: Membership
    memberships: list[Membership]
    tenant: Tenant
    credential: Credential

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return self._answer(request, *args, **kwargs)
        except Http404:
            # The same page in DEBUG, where the framework would show the addresses there are.
            return render(request, "404.html", status=404)

    def _answer(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        self.at = timezone.now()
        self._enter(request, kwargs.pop("code"))
        if not self.credential.may(self.scope):
            raise PermissionDenied(self.refusal())
        if self.asks_again:
            try:
                _is_still_there(request)
            except ReauthenticationRequired:
                if request.method == "GET":
                    raise
                # Asked on the way in; what was sent too late is not done unseen afterwards.
                return redirect(request.path)
        with second_wall(self.credential), timezone.override(zone_of(self.membership)):
            response = super().dispatch(request, *args, **kwargs)
            # Rendered here: outside, the reader's zone is no longer the current one.
            response = response.render() if hasattr(response, "render") else response
        # Pressing "back" after signing out shows nothing.
        add_never_cache_headers(response)
        return response

    def rows(self, model: type[Model]) -> Any:
        """Give the rows of a model that the member may see."""
        return rows_of(self.credential, model)

    def find(self, rows: QuerySet[Any], **lookup: Any) -> Any:
        """Give one of those rows; a foreign one does not exist."""
        return get_object_or_404(rows, **lookup)

    def page(self, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        """Show the page with what every page of a tenant needs."""
        frame = {
            "at": self.at,
            "tenant": self.tenant,
            "membership": self.membership,
            "memberships": self.memberships,
            "section": self.section,
            "may": _Permissions(self.credential),
        }
        return TemplateResponse(self.request, self.template_name, frame | context, status=status)

    def refusal(self) -> str:
        """Say in words why the role does not open this page."""
        return _(
            "You are %(role)s of %(tenant)s, and that role does not allow this. Nothing was"
            " changed. An owner or admin can do it, or give you the role for it."
        ) % {"role": self.membership.get_role_display(), "tenant": self.tenant.name}

    def _enter(self, request: HttpRequest, code: str) -> None:
        self.memberships = memberships_of(request.user)
        found = [each for each in self.memberships if each.tenant.code == code]
        if not found:
            raise Http404
        self.membership = found[0]
        self.tenant = self.membership.tenant
        self.credential = Credential.of_member(self.membership)


@reauthentication_required
def _is_still_there(request: HttpRequest) -> None:
    """Refuse whoever has not shown again, lately, that they are who signed in."""


class _Permissions:
    """Lets templates ask `may.activations_write`, by the same names as staff permissions have."""

    def __init__(self, credential: Credential) -> None:
        self._credential = credential

    def __getitem__(self, name: str) -> bool:
        resource, _separator, act = name.rpartition("_")
        return self._credential.may(f"{resource}:{act}")


def memberships_of(user: Any) -> list[Membership]:
    """Give a person's parts in organisations that are open, by name."""
    rows = user.memberships.filter(tenant__active=True).select_related("tenant", "user")
    return list(rows.order_by("tenant__name", "id"))


def zone_of(membership: Membership) -> zoneinfo.ZoneInfo:
    """Give the zone a member reads times in: their own, else the tenant's, else UTC."""
    for name in (membership.user.time_zone, membership.tenant.time_zone):
        try:
            return zoneinfo.ZoneInfo(name)
        except (ValueError, zoneinfo.ZoneInfoNotFoundError, OSError):
            continue
    return zoneinfo.ZoneInfo("UTC")
