"""What vouches for keys: a product's signing key, and the stamps that a tenant's keys have had."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models import Tenant
from licenses.models.catalog import Product


class KeySigningKey(models.Model):
    """The Ed25519 key that signs a product's licence keys; replaced only if it leaked."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="key_signing_keys")
    # Stands in every key it signs: the beginning of the public key's SHA-256.
    kid = models.CharField(max_length=16, unique=True, editable=False)
    public_key = models.BinaryField(max_length=32, editable=False)
    private_ciphertext = models.TextField(editable=False)
    created_at = models.DateTimeField(editable=False)
    # Since then another signs; this one still tells its own keys from forged ones.
    replaced_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("key-signing key")
        verbose_name_plural = _("key-signing keys")
        constraints = [
            models.UniqueConstraint(
                fields=["product"],
                condition=Q(replaced_at=None),
                name="key_signing_one_in_use",
            ),
        ]

    def __str__(self) -> str:
        return self.kid


class KeyStamp(models.Model):
    """The last stamp that a tenant's STAMPED keys were given, so that none is given twice."""

    tenant = models.OneToOneField(
        Tenant, on_delete=models.PROTECT, primary_key=True, related_name="+"
    )
    # Microseconds since 1970.
    last = models.PositiveBigIntegerField()

    class Meta:
        verbose_name = _("key stamp")
        verbose_name_plural = _("key stamps")

    def __str__(self) -> str:
        return f"{self.tenant_id}: {self.last}"
