"""Devices that are barred."""

import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models import Tenant
from licenses.models.activation import Activation, ActivationQuerySet
from licenses.models.catalog import Product


class BlacklistedDeviceQuerySet(models.QuerySet["BlacklistedDevice"]):
    """Which bars."""

    def in_force(self, at: datetime) -> Self:
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=at))

    def over(self, at: datetime) -> Self:
        return self.filter(expires_at__lte=at)

    def barring(
        self, *, fingerprint: bytes, tenant_id: object, product_id: object, at: datetime
    ) -> Self:
        """Those that keep a device from the licences of one tenant for one product."""
        return self.in_force(at).filter(
            Q(tenant=None) | Q(tenant_id=tenant_id),
            Q(product=None) | Q(product_id=product_id),
            fingerprint_digest=fingerprint,
        )

    def named_by(self, tenant_id: uuid.UUID | None) -> Self:
        """Those of a tenant, or the vendor's own."""
        return self.filter(tenant=None) if tenant_id is None else self.filter(tenant_id=tenant_id)

    def with_devices_left(self) -> Self:
        """Those of which a device still holds a seat that it must not hold."""
        left = Activation.objects.live().filter(
            license__tenant_id=Coalesce(OuterRef("tenant_id"), F("license__tenant_id")),
            license__product_id=Coalesce(OuterRef("product_id"), F("license__product_id")),
            fingerprint_digest=OuterRef("fingerprint_digest"),
        )
        return self.filter(Exists(left))

    def with_names(self) -> Self:
        return self.select_related("tenant", "product")


BlacklistedDeviceManager = models.Manager.from_queryset(BlacklistedDeviceQuerySet)


class BlacklistedDevice(models.Model):
    """A device that may activate nothing: of the vendor's, of one tenant, of one product."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # Whose licences it may not use; none: everybody's.
    tenant = models.ForeignKey(
        Tenant,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("tenant"),
    )
    # Which product it may not use; none: all of them.
    product = models.ForeignKey(
        Product,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("product"),
    )
    fingerprint_digest = models.BinaryField(max_length=32, editable=False)
    fingerprint_hint = models.CharField(_("fingerprint"), max_length=12, editable=False)
    reason = models.TextField(_("reason"))
    expires_at = models.DateTimeField(_("until"), null=True, blank=True)
    created_at = models.DateTimeField(_("since"))
    barred_by = models.CharField(_("by"), max_length=200, blank=True)

    objects = BlacklistedDeviceManager()

    class Meta:
        verbose_name = _("barred device")
        verbose_name_plural = _("barred devices")
        constraints = [
            models.UniqueConstraint(
                fields=["fingerprint_digest"],
                condition=Q(tenant=None, product=None),
                name="blacklisted_once_vendor_wide",
            ),
            models.UniqueConstraint(
                fields=["tenant", "fingerprint_digest"],
                condition=Q(tenant__isnull=False, product=None),
                name="blacklisted_once_per_tenant",
            ),
            models.UniqueConstraint(
                fields=["product", "fingerprint_digest"],
                condition=Q(tenant=None, product__isnull=False),
                name="blacklisted_once_per_product",
            ),
            models.UniqueConstraint(
                fields=["tenant", "product", "fingerprint_digest"],
                condition=Q(tenant__isnull=False, product__isnull=False),
                name="blacklisted_once_per_tenant_and_product",
            ),
        ]
        indexes = [
            # Looked at by every activation.
            models.Index(fields=["fingerprint_digest"], name="blacklisted_fingerprint"),
        ]

    def __str__(self) -> str:
        return f"****{self.fingerprint_hint}"

    def bars_at(self, at: datetime) -> bool:
        """Return whether it bars anything at that instant: its end needs no job."""
        return self.expires_at is None or at < self.expires_at

    def devices_left(self) -> ActivationQuerySet:
        """Return the live activations that it ends."""
        rows = Activation.objects.live().filter(fingerprint_digest=bytes(self.fingerprint_digest))
        if self.tenant_id:
            rows = rows.filter(license__tenant_id=self.tenant_id)
        if self.product_id:
            rows = rows.filter(license__product_id=self.product_id)
        return rows
