"""Applying a template to a licence: choose, look at what it changes, say why and confirm."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin.base import ScopedAdmin, origin_of
from accounts.admin.forms import HouseForm
from accounts.admin.refusals import WORDS, tell
from events.refusals import Refusal
from licenses.admin.plan_words import PlanWords
from licenses.models import License, LicenseTemplate
from licenses.selectors.affected import OVER_LIMIT
from licenses.services.applying import Application, apply_template, preview_template
from licenses.states import ILLEGAL, Status


class ChooseForm(HouseForm):
    """Which of the templates that this licence could have."""

    template = forms.ModelChoiceField(
        label=gettext_lazy("Template"), queryset=LicenseTemplate.objects.none()
    )

    def __init__(self, *args: Any, license: License, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["template"].queryset = _fitting(license)


class ConfirmForm(ChooseForm):
    """Why; and what was shown, so that nothing else is done."""

    template = forms.ModelChoiceField(
        queryset=LicenseTemplate.objects.none(), widget=forms.HiddenInput
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        widget=forms.Textarea,
        max_length=500,
        help_text=gettext_lazy("Kept in the trail."),
    )
    # Drawn from what the page shows, also when the form comes back.
    revision = forms.IntegerField(widget=forms.HiddenInput)
    digest = forms.CharField(widget=forms.HiddenInput)


def page_of(admin: ScopedAdmin) -> Callable[..., HttpResponse]:
    """Give the view that applies a template."""

    def view(request: HttpRequest, object_id: UUID) -> HttpResponse:
        license, at = admin.license_or_404(object_id), timezone.now()
        title, page = _("Apply a template"), {"license": license, "at": at}
        if license.status_at(at) == Status.REVOKED:
            gone = "admin/licenses/license/act.html"
            return admin.draw(
                request, gone, title=title, status=409, impossible=WORDS[ILLEGAL], **page
            )
        confirm = None
        if request.method == "POST":
            confirm = ConfirmForm(request.POST, license=license)
            if confirm.is_valid() and _applied(request, license, confirm):
                change = reverse("admin:licenses_license_change", args=[license.pk])
                return HttpResponseRedirect(change)
        chosen = request.POST or request.GET
        choose = ChooseForm(chosen if "template" in chosen else None, license=license)
        shown = _shown(license, choose)
        return admin.draw(
            request,
            "admin/licenses/license/apply_template.html",
            title=title,
            choose=choose,
            confirm=confirm or ConfirmForm(license=license),
            over_limit=OVER_LIMIT,
            **page,
            **shown,
        )

    return view


def _fitting(license: License) -> QuerySet[LicenseTemplate]:
    offered: QuerySet[LicenseTemplate] = LicenseTemplate.objects.on_offer_to(license.tenant)
    same = offered.filter(product=license.product_id, license_type=license.license_type)
    return same.order_by("template_name")


def _shown(license: License, choose: ChooseForm) -> dict[str, Any]:
    """Give what the chosen template would change, or why it cannot be applied."""
    if not (choose.is_bound and choose.is_valid()):
        return {}
    template = choose.cleaned_data["template"]
    try:
        shown: Application = preview_template(
            license_id=license.pk, template_id=template.pk, at=timezone.now()
        )
    except Refusal as refusal:
        tell(choose, refusal)
        return {}
    words = PlanWords(template, shown.changes)
    return {"application": shown, "changes": [words.of(change) for change in shown.changes]}


def _applied(request: HttpRequest, license: License, confirm: ConfirmForm) -> bool:
    stated = confirm.cleaned_data
    try:
        done = apply_template(
            license_id=license.pk,
            template_id=stated["template"].pk,
            expected_revision=stated["revision"],
            expected_digest=stated["digest"],
            reason=stated["reason"],
            at=timezone.now(),
            origin=origin_of(request),
        )
    except Refusal as refusal:
        tell(confirm, refusal)
        return False
    if done.applied:
        messages.success(request, _("It has the terms of %s now.") % done.template)
    else:
        messages.info(request, _("It had the terms of %s already.") % done.template)
    return True
