"""Orders: the list, and the addresses of their pages."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    ChoicesDropdownFilter,
    DropdownFilter,
)
from unfold.decorators import display

from accounts.admin.base import ScopedAdmin
from accounts.models import Customer, Tenant
from orders.admin import act_views, chips, story
from orders.admin.acts import ACT_PAGES
from orders.models import Order
from orders.models.order import PAYMENT_STATUS

# Who has more buyers of one name than this tells them apart by something else.
MOST_NAMES = 1_000


class PaymentFilter(DropdownFilter):
    """By what of them is paid."""

    title = gettext_lazy("payment")
    parameter_name = "payment"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return PAYMENT_STATUS

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        known = self.value() in dict(PAYMENT_STATUS)
        return queryset.in_payment_status(self.value()) if known else queryset


@admin.register(Order)
class OrderAdmin(ScopedAdmin):
    """Approved, fulfilled, paid and cancelled by services alone; there is no form over the row."""

    read_scope = "orders:read"
    list_display = ("state", "order_number", "buyer", "kind", "payment", "total", "created_at")
    list_display_links = ("order_number",)
    list_filter = (
        ("status", ChoicesDropdownFilter),
        PaymentFilter,
        ("kind", ChoicesDropdownFilter),
        ("tenant", AutocompleteSelectFilter),
    )
    list_select_related = ("tenant", "customer")
    search_fields = ("order_number",)
    search_help_text = gettext_lazy("Number, customer, tenant, or the id of a licence.")
    ordering = ("-id",)

    def get_urls(self) -> list[Any]:
        acts = [
            self.act_path(
                act.name, act_views.page_of(self, act, self.order_or_404), scope=act.scope
            )
            for act in ACT_PAGES.values()
        ]
        return [*acts, *super().get_urls()]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Order], search_term: str
    ) -> tuple[QuerySet[Order], bool]:
        sought = search_term.strip()
        if not sought:
            return queryset, False
        with suppress(ValueError):
            return queryset & story.orders_of(UUID(sought)), False
        # Looked up first: conditions on joined tables keep the indexes from being used.
        named = Customer.objects.filter(Q(name__icontains=sought) | Q(email__iexact=sought))
        customers = list(named.values_list("pk", flat=True)[:MOST_NAMES])
        called = Tenant.objects.filter(name__icontains=sought)
        tenants = list(called.values_list("pk", flat=True)[:MOST_NAMES])
        found = Q(order_number__startswith=sought.upper()) | Q(customer__in=customers)
        return queryset.filter(found | Q(tenant__in=tenants)), False

    def change_view(
        self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        order = self.order_or_404(object_id)
        return self.draw(
            request,
            "admin/orders/order/page.html",
            title=order.order_number,
            **story.facts_of(order, request),
        )

    def order_or_404(self, object_id: str | UUID) -> Order:
        try:
            return Order.objects.select_related(
                "tenant", "customer", "reseller", "template__product", "license"
            ).get(pk=object_id)
        except (Order.DoesNotExist, ValidationError):
            raise Http404 from None

    @display(description=gettext_lazy("status"), label=chips.ORDER_COLOURS)
    def state(self, order: Order) -> tuple[str, Any]:
        return order.status, order.get_status_display()

    @display(description=gettext_lazy("customer"), header=True)
    def buyer(self, order: Order) -> list[str]:
        return [str(order.customer), str(order.tenant)] if order.customer else [str(order.tenant)]

    @display(description=gettext_lazy("payment"), label=chips.PAYMENT_COLOURS)
    def payment(self, order: Order) -> tuple[str, Any]:
        return chips.payment_word(order)

    @display(description=gettext_lazy("total"))
    def total(self, order: Order) -> str:
        return story.total_of(order)
