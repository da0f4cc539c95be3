"""Buyers inside a tenant."""

from typing import Any

from django.contrib import admin
from django.forms import BaseInlineFormSet, ModelForm
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from accounts.admin import address, muting
from accounts.admin.base import ServiceAdmin, may, origin_of
from accounts.models import Customer
from accounts.selectors.reach import failing_mail
from accounts.services import people

_PLAIN = (
    "name",
    "email",
    "company",
    "contact_name",
    "phone",
    "tax_id",
    "external_id",
    "gateway_customer_id",
    "muted",
    "active",
)


class CustomerForm(muting.MutingForm, address.AddressForm):
    class Meta:
        model = Customer
        fields = ("tenant", *_PLAIN)


@admin.register(Customer)
class CustomerAdmin(ServiceAdmin):
    """Companies and people for whom licences are issued; a customer stays in its tenant."""

    read_scope = "customers:read"
    write_scope = "customers:write"
    form = CustomerForm
    list_display = ("name", "email", "company", "tenant", "active")
    list_filter = (("tenant", AutocompleteSelectFilter), "active")
    list_select_related = ("tenant",)
    search_fields = ("name", "email", "company", "external_id")
    ordering = ("-id",)
    autocomplete_fields = ("tenant",)
    fieldsets = (
        (None, {"fields": ("tenant", "name", "email", "active")}),
        (
            gettext_lazy("Company"),
            {"fields": ("company", "contact_name", "phone", "tax_id")},
        ),
        muting.FIELDSET,
        address.FIELDSET,
        (
            gettext_lazy("In other systems"),
            {"fields": ("external_id", "gateway_customer_id")},
        ),
    )

    change_form_before_template = "admin/accounts/customer/failing.html"

    def change_view(
        self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        told = {"failing": failing_mail(object_id) if may(request, "events:read") else None}
        return super().change_view(request, object_id, extra_context=told)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("tenant",) if obj else ()

    def store(
        self,
        request: HttpRequest,
        form: ModelForm,
        formsets: list[BaseInlineFormSet],
        *,
        change: bool,
    ) -> Customer:
        stated: dict[str, Any] = {"at": timezone.now(), "origin": origin_of(request)}
        fields = {name: form.cleaned_data[name] for name in _PLAIN}
        fields["billing_address"] = form.billing_address()
        if change:
            return people.update_customer(customer_id=form.instance.pk, fields=fields, **stated)
        return people.create_customer(
            tenant_id=form.cleaned_data["tenant"].pk, fields=fields, **stated
        )
