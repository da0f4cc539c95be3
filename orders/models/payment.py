"""Money that came, went back, or is kept for the tenant."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models import Tenant
from orders.models.order import Order, money


class PaymentMethod(models.TextChoices):
    """By which way money came."""

    BANK_TRANSFER = "BANK_TRANSFER", _("Bank transfer")
    CARD = "CARD", _("Card")
    OTHER = "OTHER", _("Other")


class Payment(models.Model):
    """Money that came for an order; the reference says which, so a repeat is the same payment."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    order = models.ForeignKey(
        Order, on_delete=models.PROTECT, related_name="payments", db_index=False
    )
    amount = money(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    method = models.CharField(_("by"), max_length=13, choices=PaymentMethod.choices)
    reference = models.CharField(_("reference"), max_length=200)
    received_at = models.DateTimeField(_("received"))

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ["received_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["order", "reference"], name="payment_reference_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_of_something"),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.amount} ({self.reference})"


class Refund(models.Model):
    """Money that went back for an order."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="refunds")
    amount = money(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    reason = models.CharField(_("reason"), max_length=2000)
    refunded_at = models.DateTimeField(_("given back"))

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        ordering = ["refunded_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_of_something"),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.amount}"


class TenantCredit(models.Model):
    """What was paid beyond an order's total and is the tenant's; below 0 where it was used."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="credits")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="credits")
    amount = money(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    credited_at = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("credit of a tenant")
        verbose_name_plural = _("credits of tenants")
        ordering = ["credited_at", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="credit_of_something"),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.amount}"
