"""Forgetting a customer: a page of its own, with a reason and a confirmation."""

import uuid

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin.base import origin_of
from accounts.admin.customers import CustomerAdmin as PlainCustomerAdmin
from accounts.admin.forms import HouseForm
from accounts.admin.refusals import WORDS, tell
from accounts.models import Customer
from events.refusals import Refusal
from licenses.services.erasing import forget_customer


class ForgetForm(HouseForm):
    """Why, that it is meant, and whether although licences still work."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        widget=forms.Textarea,
        max_length=500,
        help_text=gettext_lazy("Kept in the trail: name nobody in it."),
    )
    even_with_live_licenses = forms.BooleanField(
        label=gettext_lazy("Although licences still work: these go on, for nobody by name"),
        required=False,
    )
    meant = forms.BooleanField(label=gettext_lazy("I know that nothing brings it back"))


WORDS["CUSTOMER_HAS_LICENSES"] = gettext_lazy(
    "Licences of this customer still work. End them first, or say that they are to go on."
)
admin.site.unregister(Customer)


@admin.register(Customer)
class CustomerAdmin(PlainCustomerAdmin):
    """Customers as `accounts` shows them, and the act that reaches into their licences."""

    change_form_outer_before_template = "admin/accounts/customer/forgettable.html"

    def get_urls(self) -> list[URLPattern]:
        path = self.act_path("forget", self.forget, scope=self.write_scope)
        return [path, *super().get_urls()]

    def forget(self, request: HttpRequest, object_id: uuid.UUID) -> HttpResponse:
        """Ask, and forget the person for good."""
        customer = get_object_or_404(Customer, pk=object_id)
        page = reverse("admin:accounts_customer_change", args=[customer.pk])
        form = ForgetForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                was_known = forget_customer(
                    customer_id=customer.pk,
                    reason=form.cleaned_data["reason"],
                    even_with_live_licenses=form.cleaned_data["even_with_live_licenses"],
                    at=timezone.now(),
                    origin=origin_of(request),
                )
            except Refusal as refusal:
                tell(form, refusal)
            else:
                done = _("Forgotten.") if was_known else _("There was nothing left to forget.")
                messages.success(request, done)
                return HttpResponseRedirect(page)
        return self.draw(
            request,
            "admin/accounts/customer/forget.html",
            title=_("Forget this customer"),
            customer=customer,
            form=form,
            page=page,
        )
