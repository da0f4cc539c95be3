"""Which e-mails owners and admins get, and the whole organisation."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.portal.door import TenantView
from accounts.roles import MANAGE_MEMBERS
from accounts.services import choices
from events.notifications import Topic

_ALL = {topic.value for topic in Topic}


class WantedForm(forms.Form):
    """Which topics are wanted; what is not ticked is muted."""

    wanted = forms.MultipleChoiceField(
        label=gettext_lazy("Send"),
        choices=Topic.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def muted(self) -> list[str]:
        return sorted(_ALL - set(self.cleaned_data["wanted"]))


class EmailsPage(TenantView):
    """`/t/<code>/e-mails/`: one form for the reader, one for everybody."""

    scope = MANAGE_MEMBERS
    section = "emails"
    template_name = "portal/emails.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show()

    def post(self, request: HttpRequest) -> HttpResponse:
        form = WantedForm(request.POST)
        if not form.is_valid():
            return self._show(status=400)
        stated: dict[str, Any] = {
            "muted": form.muted(),
            "at": self.at,
            "origin": self.credential.origin(request),
        }
        if "organisation" in request.POST:
            choices.choose_mails_of_tenant(tenant_id=self.tenant.pk, **stated)
        else:
            choices.choose_own_mails(membership_id=self.membership.pk, **stated)
        messages.success(request, _("Your choice is kept."))
        return redirect("portal:emails", self.tenant.code)

    def _show(self, *, status: int = 200) -> HttpResponse:
        forms = {"own": _form(self.membership.muted, "own")}
        forms["organisation"] = _form(self.tenant.muted, "organisation")
        return self.page({"forms": forms}, status=status)


def _form(muted: Collection[str], prefix: str) -> WantedForm:
    wanted = sorted(_ALL - set(muted))
    return WantedForm(initial={"wanted": wanted}, auto_id=f"{prefix}-%s")
