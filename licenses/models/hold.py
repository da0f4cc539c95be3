"""What stands in the way of a licence: holds, and trials that were had before."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models import Customer
from licenses.models import labels
from licenses.models.catalog import Product
from licenses.models.license import License


class Hold(models.Model):
    """One cause for which a licence is suspended, until it is lifted."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    license = models.ForeignKey(License, on_delete=models.CASCADE, related_name="holds")
    code = models.CharField(_("cause"), max_length=20, choices=labels.HOLD_CODE)
    reason = models.TextField(_("reason"))
    placed_at = models.DateTimeField(_("since"))
    placed_by = models.CharField(_("by"), max_length=200, blank=True)
    lifted_at = models.DateTimeField(_("lifted"), null=True, blank=True)

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        constraints = [
            models.UniqueConstraint(
                fields=["license", "code"],
                condition=Q(lifted_at=None),
                name="hold_open_once_per_cause",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_code_display()}: {self.reason}"


class TrialUse(models.Model):
    """A trial that a customer or a device has had of a product; the database allows each one."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    license = models.ForeignKey(License, on_delete=models.CASCADE, related_name="trial_uses")
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    fingerprint_digest = models.BinaryField(max_length=32, null=True, editable=False)
    overridden = models.BooleanField(
        _("allowed by staff"), default=False, help_text=_("A further trial, given with a reason.")
    )
    used_at = models.DateTimeField()
    # When the licence of this trial became a paid one.
    converted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("trial use")
        verbose_name_plural = _("trial uses")
        constraints = [
            models.UniqueConstraint(
                fields=["product", "customer"],
                condition=Q(customer__isnull=False, overridden=False),
                name="trial_once_per_customer",
            ),
            models.UniqueConstraint(
                fields=["product", "fingerprint_digest"],
                condition=Q(fingerprint_digest__isnull=False, overridden=False),
                name="trial_once_per_device",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} for {self.customer or 'a device'}"
