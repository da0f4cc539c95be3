"""How a right is bought, renewed and paid for."""

from django.apps import AppConfig
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    """Registers prices, orders and invoices, and how they hang on tenants."""

    name = "orders"
    verbose_name = _("Orders")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts import access  # noqa: PLC0415 - models exist only from here on
        from licenses.selectors.story import SENTENCES  # noqa: PLC0415

        # Loaded everywhere, since whoever approves an order also starts its fulfilment.
        from orders import models, tasks  # noqa: F401, PLC0415
        from orders.selectors import sentences  # noqa: PLC0415

        # A reseller sees what it ordered for those it sold to, but no invoice to them.
        access.hangs_on_tenant(models.Order, lambda to: Q(tenant=to) | Q(reseller=to))
        access.hangs_on_tenant(models.Invoice, lambda to: Q(tenant=to))
        access.hangs_on_tenant(models.TenantCredit, lambda to: Q(tenant=to))
        SENTENCES.update(sentences.SENTENCES)
