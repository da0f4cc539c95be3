"""Organisations that buy; the wall between customers."""

from decimal import Decimal

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models.muting import muted_topics


class Tenant(models.Model):
    """An organisation that buys licences, for itself or to sell on."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(
        _("code"),
        max_length=20,
        unique=True,
        validators=[RegexValidator(r"^[A-Z0-9]{2,20}$", _("2 to 20 capital letters or digits."))],
        help_text=_("2 to 20 capital letters or digits; part of portal addresses and some keys."),
    )
    name = models.CharField(_("name"), max_length=200)
    is_reseller = models.BooleanField(_("reseller"), default=False)
    sold_by = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="sold_to"
    )
    payment_terms_days = models.PositiveSmallIntegerField(_("payment terms (days)"), default=0)
    language = models.CharField(_("language"), max_length=10, default="en")
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    billing_address = models.JSONField(_("billing address"), default=dict, blank=True)
    tax_id = models.CharField(_("tax id"), max_length=40, blank=True)
    tax_rate = models.DecimalField(_("tax (%)"), max_digits=6, decimal_places=3, default=Decimal(0))
    muted = muted_topics()
    active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("tenant")
        verbose_name_plural = _("tenants")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(sold_by__isnull=True) | models.Q(is_reseller=False),
                name="tenant_reselling_has_one_level",
                violation_error_message=_("A reseller is not sold to by another reseller."),
            ),
            models.CheckConstraint(
                condition=models.Q(tax_rate__gte=0, tax_rate__lte=100),
                name="tenant_tax_rate_sane",
                violation_error_message=_("Between 0 and 100."),
            ),
        ]

    def __str__(self) -> str:
        return self.name
