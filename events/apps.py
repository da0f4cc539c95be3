"""The trail: what happened, in one append-only table."""

from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from events import vault


class EventsConfig(AppConfig):
    """Opens the vault with the configured keys, so that every app above finds it unlocked."""

    name = "events"
    verbose_name = _("Trail")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Loaded everywhere, since whoever owes a notice also starts its sending.
        from events import tasks  # noqa: F401, PLC0415 - models exist only from here on

        vault.unlock(
            digest_keys=settings.DIGEST_KEYS,
            encryption_keys=settings.ENCRYPTION_KEYS,
            token_keys=settings.TOKEN_KEYS,
        )
