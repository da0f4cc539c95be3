"""Organisations that buy, and who may enter their portal."""

from typing import Any

from django.contrib import admin
from django.forms import BaseInlineFormSet, ModelForm
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts.admin import address
from accounts.admin.base import ScopedInline, ServiceAdmin, origin_of
from accounts.models import Membership, Tenant
from accounts.services import people

_PLAIN = (
    "code",
    "name",
    "active",
    "is_reseller",
    "sold_by",
    "payment_terms_days",
    "currency",
    "language",
    "time_zone",
    "tax_id",
)


class MembershipInline(ScopedInline):
    """Members: added, given another part, or shut out; each by a service."""

    model = Membership
    read_scope = "customers:read"
    write_scope = "customers:write"
    fields = ("user", "role")
    autocomplete_fields = ("user",)
    can_delete = True

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Not a deletion of history: the member leaves, and the trail says so.
        return self.has_change_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ()


class TenantForm(address.AddressForm):
    class Meta:
        model = Tenant
        fields = _PLAIN


@admin.register(Tenant)
class TenantAdmin(ServiceAdmin):
    """The wall between customers. It is switched off, never deleted."""

    read_scope = "customers:read"
    write_scope = "customers:write"
    form = TenantForm
    list_display = ("name", "code", "is_reseller", "sold_by", "currency", "active")
    list_filter = ("active", "is_reseller")
    list_select_related = ("sold_by",)
    search_fields = ("name", "code")
    ordering = ("-id",)
    autocomplete_fields = ("sold_by",)
    inlines = (MembershipInline,)
    fieldsets = (
        (None, {"fields": ("name", "code", "active")}),
        (gettext_lazy("Buying"), {"fields": ("currency", "payment_terms_days", "tax_id")}),
        (gettext_lazy("Selling on"), {"fields": ("is_reseller", "sold_by")}),
        (gettext_lazy("In the portal"), {"fields": ("language", "time_zone")}),
        address.FIELDSET,
    )

    def store(
        self,
        request: HttpRequest,
        form: ModelForm,
        formsets: list[BaseInlineFormSet],
        *,
        change: bool,
    ) -> Tenant:
        stated: dict[str, Any] = {"at": timezone.now(), "origin": origin_of(request)}
        fields = {name: form.cleaned_data[name] for name in _PLAIN}
        fields["billing_address"] = form.billing_address()
        if change:
            tenant = people.update_tenant(tenant_id=form.instance.pk, fields=fields, **stated)
        else:
            tenant = people.create_tenant(fields=fields, **stated)
        for formset in formsets:
            _store_members(tenant, formset, stated)
        return tenant


def _store_members(tenant: Tenant, formset: BaseInlineFormSet, stated: dict[str, Any]) -> None:
    for form in formset.forms:
        if not form.has_changed():
            continue
        row = form.cleaned_data
        is_new = form.instance._state.adding
        if row.get("DELETE"):
            if not is_new:
                people.remove_member(membership_id=form.instance.pk, **stated)
        elif is_new:
            people.add_member(
                tenant_id=tenant.pk, email=row["user"].email, role=row["role"], **stated
            )
        else:
            people.change_member(membership_id=form.instance.pk, role=row["role"], **stated)
