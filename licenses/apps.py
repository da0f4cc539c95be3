"""What a customer may run, and on which devices."""

from django.apps import AppConfig
from django.conf import settings
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


def _here(ended_at: str) -> Q:
    """Return the condition for what did not end before its licence came to its tenant."""
    came = "license__tenant_since"
    return Q((ended_at, None)) | Q((came, None)) | Q((f"{ended_at}__gt", F(came)))


class LicensesConfig(AppConfig):
    """Registers products, templates, licences and activations, and how they hang on tenants."""

    name = "licenses"
    # The theme's breadcrumbs begin with it; the side menu calls this part so too.
    verbose_name = _("Rights")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts import access  # noqa: PLC0415 - models exist only from here on
        from accounts.admin.base import search_leads  # noqa: PLC0415
        from events.notifications import Kind, kinds  # noqa: PLC0415
        from licenses import hot, models, pages  # noqa: PLC0415
        from licenses.admin.whole_keys import lead  # noqa: PLC0415
        from licenses.selectors import charts  # noqa: PLC0415
        from licenses.services import delivery, emergency, key_links, life_mails  # noqa: PLC0415
        from licenses.services.offline import alerts  # noqa: PLC0415

        hot.use(hot.open_store(settings.REDIS_URL))

        access.hangs_on_tenant(models.License, lambda to: Q(tenant=to) | Q(reseller=to))
        access.hangs_on_tenant(
            models.Activation,
            lambda to: (Q(license__tenant=to) | Q(license__reseller=to)) & _here("deactivated_at"),
        )
        # Names are people of the buyer's: whoever sold the licence on does not see them.
        access.hangs_on_tenant(
            models.NamedUser, lambda to: Q(license__tenant=to) & _here("unassigned_at")
        )
        access.hangs_on_tenant(models.BlacklistedDevice, lambda to: Q(tenant=to))
        access.belongs_to_vendor(models.Product, lambda _to: Q(active=True))
        access.belongs_to_vendor(models.Feature, lambda _to: Q(product__active=True))
        access.belongs_to_vendor(models.Release, lambda _to: Q(product__active=True))
        access.belongs_to_vendor(
            models.LicenseTemplate,
            lambda to: Q(active=True) & (Q(reserved_for=None) | Q(reserved_for=to)),
        )
        kinds[key_links.KIND] = Kind(_("Licence key"), delivery.compose)
        kinds[alerts.NOTICE] = Kind(_("Offline device may be two"), alerts.compose)
        kinds[emergency.NOTICE] = Kind(_("Emergency code"), emergency.compose)
        life_mails.register()
        search_leads.append(lead)
        pages.panels.append(
            pages.Panel(
                title=_("Usage"),
                template="admin/licenses/license/usage.html",
                scope="licenses:read",
                facts=charts.shown_of,
            )
        )
