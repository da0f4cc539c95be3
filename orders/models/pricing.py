"""The price of a template."""

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from licenses.models import LicenseTemplate
from orders.states import RefundPolicy

BILLING_CYCLE = [
    ("MONTHLY", _("Monthly")),
    ("QUARTERLY", _("Quarterly")),
    ("ANNUALLY", _("Annually")),
    ("ONE_TIME", _("Once")),
]
REFUND_POLICY = [
    (RefundPolicy.REVOKE.value, _("Revoke the licence")),
    (RefundPolicy.SUSPEND.value, _("Suspend the licence")),
    (RefundPolicy.KEEP.value, _("Keep the licence")),
]


class Pricing(models.Model):
    """What one template costs."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    template = models.OneToOneField(
        LicenseTemplate, on_delete=models.CASCADE, related_name="pricing"
    )
    base_price = models.DecimalField(_("base price"), max_digits=14, decimal_places=4)
    currency = models.CharField(_("currency"), max_length=3)
    billing_cycle = models.CharField(_("billed"), max_length=9, choices=BILLING_CYCLE)
    per_seat_price = models.DecimalField(
        _("price per seat"), max_digits=14, decimal_places=4, null=True, blank=True
    )
    maintenance_percentage = models.DecimalField(
        _("maintenance (%)"), max_digits=6, decimal_places=3, null=True, blank=True
    )

    keep_price = models.BooleanField(_("renew at the price of the last order"), default=False)
    refund_policy = models.CharField(
        _("when all is given back"),
        max_length=7,
        choices=REFUND_POLICY,
        default=RefundPolicy.REVOKE.value,
    )

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        constraints = [
            models.CheckConstraint(
                condition=Q(base_price__gte=0)
                & (Q(per_seat_price=None) | Q(per_seat_price__gte=0)),
                name="pricing_never_negative",
            ),
            models.CheckConstraint(
                condition=Q(maintenance_percentage=None) | Q(maintenance_percentage__gte=0),
                name="pricing_maintenance_never_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.base_price:,.2f}"


class VolumeDiscount(models.Model):
    """One band of quantities and what it takes off the list price."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    pricing = models.ForeignKey(Pricing, on_delete=models.CASCADE, related_name="volume_discounts")
    min_quantity = models.PositiveIntegerField(_("from"))
    max_quantity = models.PositiveIntegerField(_("to"), null=True, blank=True)
    discount_percentage = models.DecimalField(_("off (%)"), max_digits=6, decimal_places=3)
    discount_amount = models.DecimalField(
        _("off (amount)"), max_digits=14, decimal_places=4, null=True, blank=True
    )

    class Meta:
        verbose_name = _("volume discount")
        verbose_name_plural = _("volume discounts")
        constraints = [
            models.CheckConstraint(
                condition=Q(min_quantity__gte=1)
                & (Q(max_quantity=None) | Q(max_quantity__gte=models.F("min_quantity"))),
                name="volume_discount_band_in_order",
            ),
            models.CheckConstraint(
                condition=Q(discount_percentage__gte=0) & Q(discount_percentage__lte=100),
                name="volume_discount_percentage_sane",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.min_quantity}+: {Decimal(self.discount_percentage).normalize():f}%"
