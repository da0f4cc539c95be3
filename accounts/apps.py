"""Who: users, tenants, customers, members and API keys."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Registers the people of the installation."""

    name = "accounts"
    verbose_name = _("People")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts.services import staff_mails  # noqa: PLC0415 - models exist only from here on

        staff_mails.register(_("E-mails in trouble"))
