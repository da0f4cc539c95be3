"""Licences: the list, and the addresses of their pages."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter
from unfold.decorators import display

from accounts.admin.base import ScopedAdmin
from accounts.models import Customer
from licenses.admin import (
    act_views,
    applying,
    changing,
    importing,
    integrity,
    issuing,
    names,
    offline_urls,
)
from licenses.admin.acts import ACT_PAGES
from licenses.admin.filters import (
    IN_GRACE,
    ExpiringFilter,
    FullFilter,
    MaintenanceFilter,
    ProductFilter,
    StatusFilter,
    UncoveredFilter,
    WaitsFilter,
)
from licenses.admin.story import facts_of
from licenses.models import License, labels
from licenses.selectors.search import licenses_matching
from licenses.states import Status
from licenses.terms import last_day

_COLOURS = {
    Status.PENDING.value: "info",
    Status.ACTIVE.value: "success",
    Status.INACTIVE.value: "default",
    Status.EXPIRED.value: "danger",
    Status.SUSPENDED.value: "warning",
    Status.REVOKED.value: "danger",
    IN_GRACE: "warning",
}

_WORDS = dict(labels.STATUS)


@admin.register(License)
class LicenseAdmin(ScopedAdmin):
    """Issued, changed and ended by services alone; there is no form over the row."""

    read_scope = "licenses:read"
    write_scope = "licenses:write"
    list_display = (
        "status_now",
        "key",
        "product_name",
        "holder",
        "tenant",
        "seats",
        "expires",
    )
    list_display_links = ("key",)
    list_filter = (
        StatusFilter,
        WaitsFilter,
        ExpiringFilter,
        ProductFilter,
        FullFilter,
        MaintenanceFilter,
        UncoveredFilter,
        ("license_type", ChoicesDropdownFilter),
        ("tenant", AutocompleteSelectFilter),
    )
    list_select_related = ("tenant", "customer")
    search_fields = ("issued_to",)
    search_help_text = gettext_lazy("Holder, customer, the end of a key, or a whole key.")
    ordering = ("-id",)
    list_before_template = "admin/licenses/license/list_before.html"

    def get_urls(self) -> list[Any]:
        acts = [
            self.act_path(act.name, act_views.page_of(self, act), scope=act.scope)
            for act in ACT_PAGES.values()
        ]
        return [
            *acts,
            self.act_path("change-terms", changing.page_of(self), scope="licenses:write"),
            self.act_path("apply-template", applying.page_of(self), scope="licenses:write"),
            self.act_path("integrity", integrity.page_of(self), scope=integrity.SCOPE),
            self.act_path(
                "free/<uuid:activation_id>",
                act_views.free_device(self),
                scope="activations:write",
                name="free",
            ),
            self.act_path("assign-user", names.assign(self), scope="activations:write"),
            self.act_path(
                "unassign-user/<uuid:user_id>",
                names.unassign(self),
                scope="activations:write",
                name="unassign-user",
            ),
            *offline_urls.of(self),
            self.page_path("import", importing.page_of(self), scope="licenses:write"),
            *super().get_urls(),
        ]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[License], search_term: str
    ) -> tuple[QuerySet[License], bool]:
        if not search_term.strip():
            return queryset, False
        customers = Customer.objects.all()
        return licenses_matching(queryset, search_term.strip(), customers=customers), False

    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        return issuing.issue(self, request)

    def change_view(
        self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        license = self.license_or_404(object_id)
        return self.draw(
            request,
            "admin/licenses/license/story.html",
            title=license.product_name,
            **facts_of(license, request, timezone.now()),
        )

    def license_or_404(self, object_id: str | UUID) -> License:
        try:
            return License.objects.with_names().get(pk=object_id)
        except (License.DoesNotExist, ValidationError):
            raise Http404 from None

    @display(description=gettext_lazy("status"), label=_COLOURS)
    def status_now(self, license: License) -> tuple[str, Any]:
        at = timezone.now()
        if license.in_grace_at(at):
            return IN_GRACE, _("In grace")
        status = license.status_at(at)
        return status.value, _WORDS[status.value]

    @display(description=gettext_lazy("key"))
    def key(self, license: License) -> str:
        return f"…-{license.key_hint}"

    @display(description=gettext_lazy("issued to"), header=True)
    def holder(self, license: License) -> list[str]:
        customer = license.customer
        other = customer.name if customer and customer.name != license.issued_to else ""
        return [license.issued_to, other]

    @display(description=gettext_lazy("seats"))
    def seats(self, license: License) -> str:
        if license.unlimited:
            return _("%d, no limit") % license.current_activations
        return f"{license.current_activations} / {license.capacity}"

    @display(description=gettext_lazy("ends"), ordering="expiry_date")
    def expires(self, license: License) -> Any:
        if license.expiry_date is None and license.duration_days:
            return _("%d days from its first device") % license.duration_days
        if license.expiry_date is None:
            return _("never")
        return last_day(license.expiry_date, timezone.get_current_timezone())
