"""The composition root as an installed app: its commands, its job runs, its start checks."""

import gc

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LicensingPortalConfig(AppConfig):
    """Registers the start checks, and words for every refusal on a page."""

    name = "licensing_portal"
    verbose_name = _("Operations")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts.admin.refusals import WORDS  # noqa: PLC0415
        from licensing_portal import checks  # noqa: F401, PLC0415 - registers the start checks
        from licensing_portal.api.codes import CODES  # noqa: PLC0415

        # Pages say in the API's words what nobody has said better for them.
        for code, meaning in CODES.items():
            WORDS.setdefault(code, meaning.message)
        # What is loaded by now is no garbage, and nobody need look at it again.
        gc.freeze()
        gc.enable()
