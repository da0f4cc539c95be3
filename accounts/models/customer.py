"""Buyers inside a tenant."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models.muting import muted_topics
from accounts.models.tenant import Tenant


class Customer(models.Model):
    """A company or person, inside a tenant, for whom licences are issued."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="customers")
    name = models.CharField(_("name"), max_length=200)
    email = models.EmailField(_("e-mail"))
    company = models.CharField(_("company"), max_length=200, blank=True)
    contact_name = models.CharField(_("contact"), max_length=200, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    billing_address = models.JSONField(_("billing address"), default=dict, blank=True)
    tax_id = models.CharField(_("tax id"), max_length=40, blank=True)
    external_id = models.CharField(
        _("external id"), max_length=100, blank=True, help_text=_("Its id in your own system.")
    )
    gateway_customer_id = models.CharField(_("gateway id"), max_length=100, blank=True)
    muted = muted_topics()
    active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "external_id"],
                condition=~models.Q(external_id=""),
                name="customer_external_id_unique_in_tenant",
            ),
            models.UniqueConstraint(
                fields=["gateway_customer_id"],
                condition=~models.Q(gateway_customer_id=""),
                name="customer_gateway_id_unique",
            ),
        ]
        indexes = [
            # Search by e-mail in admin and API.
            models.Index(fields=["email"], name="customer_email"),
        ]

    def __str__(self) -> str:
        return self.name
