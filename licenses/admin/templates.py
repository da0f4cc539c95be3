"""Templates: the terms a licence is issued with."""

from django.contrib import admin

from accounts.admin.base import ScopedAdmin
from licenses.models import LicenseTemplate


@admin.register(LicenseTemplate)
class LicenseTemplateAdmin(ScopedAdmin):
    """Changing one never alters what was sold."""

    read_scope = "templates:read"
    list_display = ("template_name", "product", "license_type", "max_activations", "active")
    search_fields = ("template_name",)
    ordering = ("-id",)
