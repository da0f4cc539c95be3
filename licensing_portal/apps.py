"""The composition root as an installed app: its commands, its job runs, its start checks."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LicensingPortalConfig(AppConfig):
    """Registers the start checks."""

    name = "licensing_portal"
    verbose_name = _("Operations")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from licensing_portal import checks  # noqa: F401, PLC0415 - registers the start checks
