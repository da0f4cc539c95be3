"""What a customer may run, and on which devices."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LicensesConfig(AppConfig):
    """Registers products, templates, licences and activations."""

    name = "licenses"
    verbose_name = _("Licences")
    default_auto_field = "django.db.models.BigAutoField"
