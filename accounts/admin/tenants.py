"""Organisations that buy, and who may enter their portal."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import BaseInlineFormSet, EmailField, ModelForm
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminEmailInputWidget

from accounts.admin import address, muting
from accounts.admin.base import ScopedInline, ServiceAdmin, origin_of
from accounts.admin.password_links import send_password_link
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
    "tax_rate",
    "muted",
)


class MemberForm(ModelForm):
    """A person is named by e-mail address: who has never signed in is made on the way."""

    email = EmailField(label=gettext_lazy("E-mail"), widget=UnfoldAdminEmailInputWidget())

    class Meta:
        model = Membership
        fields = ("role",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.fields["email"].initial = self.instance.user.email
            self.fields["email"].disabled = True


class MembershipInline(ScopedInline):
    """Members: added, given another part, or shut out; each by a service."""

    model = Membership
    form = MemberForm
    read_scope = "customers:read"
    write_scope = "customers:write"
    fields = ("email", "role")
    can_delete = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).select_related("user", "tenant").order_by("id")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Not a deletion of history: the member leaves, and the trail says so.
        return self.has_change_permission(request, obj)


class TenantForm(muting.MutingForm, address.AddressForm):
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
        (
            gettext_lazy("Buying"),
            {"fields": ("currency", "payment_terms_days", "tax_id", "tax_rate")},
        ),
        (gettext_lazy("Selling on"), {"fields": ("is_reseller", "sold_by")}),
        (gettext_lazy("In the portal"), {"fields": ("language", "time_zone")}),
        muting.FIELDSET,
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
        request.new_members = [
            member for formset in formsets for member in _store_members(tenant, formset, stated)
        ]
        return tenant

    def response_add(self, request: HttpRequest, obj: Tenant, *args: Any) -> HttpResponse:
        _welcome(request)
        return super().response_add(request, obj, *args)

    def response_change(self, request: HttpRequest, obj: Tenant) -> HttpResponse:
        _welcome(request)
        return super().response_change(request, obj)


def _welcome(request: HttpRequest) -> None:
    """Whoever has no password yet gets the link to set one."""
    for member in request.new_members:
        if not member.user.has_usable_password():
            send_password_link(request, member.user)


def _store_members(
    tenant: Tenant, formset: BaseInlineFormSet, stated: dict[str, Any]
) -> list[Membership]:
    added = []
    for form in formset.forms:
        if not form.has_changed():
            continue
        row = form.cleaned_data
        is_new = form.instance._state.adding
        if row.get("DELETE"):
            if not is_new:
                people.remove_member(membership_id=form.instance.pk, **stated)
        elif is_new:
            added.append(
                people.add_member(
                    tenant_id=tenant.pk, email=row["email"], role=row["role"], **stated
                )
            )
        else:
            people.change_member(membership_id=form.instance.pk, role=row["role"], **stated)
    return added
