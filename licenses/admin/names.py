"""Assigning a name to a named-user licence, and unassigning it."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin.base import ScopedAdmin, origin_of
from licenses.admin.act_forms import ReasonForm
from licenses.admin.act_views import ask, back_to
from licenses.models.named_user import MAX_IDENTITY
from licenses.services import named_users

View = Callable[..., HttpResponse]


class AssignForm(ReasonForm):
    """Who is to have a seat."""

    user_identity = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=MAX_IDENTITY,
        help_text=gettext_lazy("As the software signs people in: an e-mail address, a login."),
    )
    field_order = ("user_identity", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = False


def assign(admin: ScopedAdmin) -> View:
    """Give the view that assigns a name ahead of its first device."""

    def view(request: HttpRequest, object_id: UUID) -> HttpResponse:
        license = admin.license_or_404(object_id)

        def do(stated: Mapping[str, Any]) -> str:
            named, is_new = named_users.assign(
                license_id=license.pk,
                identity=stated["user_identity"],
                reason=stated["reason"],
                at=timezone.now(),
                origin=origin_of(request),
            )
            return (_("%s has a seat now.") if is_new else _("%s had a seat already.")) % named

        return ask(
            admin,
            request,
            license,
            AssignForm(request.POST or None, license=license),
            do,
            title=_("Assign a name"),
            effect=_("The name takes one seat and keeps it, on however many devices."),
            label=_("Assign"),
        )

    return view


def unassign(admin: ScopedAdmin) -> View:
    """Give the view that frees a name's seat."""

    def view(request: HttpRequest, object_id: UUID, user_id: UUID) -> HttpResponse:
        license = admin.license_or_404(object_id)
        named = license.named_users.assigned().filter(pk=user_id).first()
        if named is None:
            return back_to(license)

        def do(stated: Mapping[str, Any]) -> str:
            named_users.unassign(
                license_id=license.pk,
                named_user_id=named.pk,
                reason=stated["reason"],
                at=timezone.now(),
                origin=origin_of(request),
            )
            return _("%s no longer has a seat.") % named

        return ask(
            admin,
            request,
            license,
            ReasonForm(request.POST or None, license=license),
            do,
            title=_("Unassign %s") % named,
            effect=_("The name's devices are signed out and its seat is free for another name."),
            label=_("Unassign"),
        )

    return view
