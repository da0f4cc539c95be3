"""Is what runs what was bought?"""

from django.apps import AppConfig
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ComplianceConfig(AppConfig):
    """Registers incidents, how they hang on tenants, and their card on a licence's page."""

    name = "compliance"
    verbose_name = _("Compliance")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts import access  # noqa: PLC0415 - models exist only from here on
        from compliance.models import Incident  # noqa: PLC0415
        from compliance.selectors import incidents  # noqa: PLC0415
        from licenses import pages  # noqa: PLC0415
        from licenses.selectors.story import SENTENCES  # noqa: PLC0415

        access.hangs_on_tenant(Incident, lambda to: Q(tenant=to))
        SENTENCES.update(incidents.SENTENCES)
        pages.panels.append(
            pages.Panel(
                title=_("Incidents"),
                template="admin/compliance/incident/panel.html",
                scope="compliance:read",
                facts=incidents.shown_of,
            )
        )
