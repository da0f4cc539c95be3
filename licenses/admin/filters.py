"""How a list of licences is narrowed: by what they are now, not by the stored column."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from licenses.models import License, Product, Release, labels
from licenses.selectors import glance
from licenses.selectors.releases import uncovered_by

IN_GRACE = "IN_GRACE"
RELEASES_OFFERED = 30


class Offered(DropdownFilter):
    """A filter that hears only what it offers: any other value in the address is none."""

    def value(self) -> str | None:
        value = super().value()
        return value if value in {str(offer) for offer, _word in self.lookup_choices} else None


class StatusFilter(Offered):
    """By the status that the clock gives them at this moment."""

    title = _("status")
    parameter_name = "now"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*labels.STATUS, (IN_GRACE, _("In grace"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[License]) -> QuerySet[License]:
        at = timezone.now()
        if self.value() == IN_GRACE:
            return queryset.in_grace(at)
        return queryset.in_status(self.value(), at) if self.value() else queryset


class ExpiringFilter(Offered):
    """By how soon they end."""

    title = _("ends within")
    parameter_name = "ends"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("7", _("7 days")), ("30", _("30 days")), ("90", _("90 days"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[License]) -> QuerySet[License]:
        if not self.value():
            return queryset
        at = timezone.now()
        return queryset.expiring_between(at, at + timedelta(days=int(self.value())))


class MaintenanceFilter(Offered):
    """By whether their maintenance still runs."""

    title = _("maintenance")
    parameter_name = "maintenance"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("running", _("running")), ("ended", _("ended"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[License]) -> QuerySet[License]:
        at = timezone.now()
        if self.value() == "ended":
            return queryset.without_versions_of(at)
        return queryset.filter(maintenance_expiry__gt=at) if self.value() else queryset


class UncoveredFilter(Offered):
    """By a version that they do not cover: one of the newest, or the one in the address."""

    title = _("does not cover")
    parameter_name = "uncovered"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        rows = Release.objects.select_related("product")
        shown = list(rows.order_by("-released_at", "-id")[:RELEASES_OFFERED])
        named = _as_id(request.GET.get(self.parameter_name))
        if named and named not in {row.pk for row in shown}:
            shown += rows.filter(pk=named)
        return [(str(row.pk), f"{row.product} {row.version}") for row in shown]

    def queryset(self, request: HttpRequest, queryset: QuerySet[License]) -> QuerySet[License]:
        if not self.value():
            return queryset
        release = Release.objects.get(pk=self.value())
        return uncovered_by(release, queryset)


class WaitsFilter(Offered):
    """By what keeps them from running yet."""

    title = _("waits for")
    parameter_name = "waits"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(cause, word) for cause, word in labels.PENDING_CAUSE if cause]

    def queryset(self, request: HttpRequest, queryset: QuerySet[License]) -> QuerySet[License]:
        return queryset.filter(pending_cause=self.value()) if self.value() else queryset


class ProductFilter(Offered):
    """By product; there are few, so they need no search."""

    title = _("product")
    parameter_name = "product"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(Product.objects.order_by("product_name").values_list("pk", "product_name"))

    def queryset(self, request: HttpRequest, queryset: QuerySet[License]) -> QuerySet[License]:
        return queryset.filter(product=self.value()) if self.value() else queryset


class FullFilter(Offered):
    """Those of the newest ten thousand of which every seat that was sold is taken."""

    title = _("seats")
    parameter_name = "full"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("1", _("every seat taken (newest 10,000)"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[License]) -> QuerySet[License]:
        return glance.full_of(queryset) if self.value() else queryset


def _as_id(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
