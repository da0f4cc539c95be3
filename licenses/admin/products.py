"""Products and their features."""

from django.contrib import admin

from accounts.admin.base import ScopedAdmin, ScopedInline
from licenses.models import Feature, Product


class FeatureInline(ScopedInline):
    """What the product can do, to be granted licence by licence."""

    model = Feature
    read_scope = "catalog:read"
    fields = ("feature_id", "feature_name", "limit_type", "period", "unit")


@admin.register(Product)
class ProductAdmin(ScopedAdmin):
    """The software that is sold; it is switched off, never deleted."""

    read_scope = "catalog:read"
    list_display = ("product_name", "product_id", "product_version", "active")
    list_filter = ("active",)
    search_fields = ("product_name", "product_id")
    ordering = ("-id",)
    inlines = (FeatureInline,)
