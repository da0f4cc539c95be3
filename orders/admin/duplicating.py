"""Duplicating a template with its price."""

from collections.abc import Callable
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin.base import ScopedAdmin, origin_of
from accounts.admin.forms import HouseForm
from accounts.admin.refusals import tell
from events.refusals import Refusal
from licenses.models import LicenseTemplate
from orders.services.offers import duplicate_offer


class NewNameForm(HouseForm):
    """How the copy is called."""

    new_name = forms.CharField(label=gettext_lazy("Name of the copy"), max_length=200)


def page_of(admin: ScopedAdmin) -> Callable[..., HttpResponse]:
    """Give the view that duplicates one template."""

    def view(request: HttpRequest, object_id: UUID) -> HttpResponse:
        template = LicenseTemplate.objects.filter(pk=object_id).first()
        if template is None:
            raise Http404
        form = NewNameForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                copy = duplicate_offer(
                    template_id=template.pk,
                    new_name=form.cleaned_data["new_name"],
                    at=timezone.now(),
                    origin=origin_of(request),
                )
            except Refusal as refusal:
                tell(form, refusal)
            else:
                messages.success(request, _("This is the copy of %s.") % template)
                page = reverse("admin:licenses_licensetemplate_change", args=[copy.pk])
                return HttpResponseRedirect(page)
        return admin.draw(
            request,
            "admin/licenses/licensetemplate/duplicate.html",
            title=_("Duplicate"),
            plan=template,
            form=form,
        )

    return view
