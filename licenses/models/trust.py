"""The keys by which devices know our documents: roots, and the signing keys they vouch for."""

from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from licenses.models.catalog import Product


class KeyState(StrEnum):
    """Where a signing key is in its life."""

    UNCERTIFIED = "UNCERTIFIED"
    NEXT = "NEXT"
    ACTIVE = "ACTIVE"
    RETIRED = "RETIRED"
    COMPROMISED = "COMPROMISED"


class RootKey(models.Model):
    """A key that vouches for signing keys; only its public half is here."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # The thumbprint of the public key (RFC 7638).
    kid = models.CharField(max_length=43, unique=True, editable=False)
    public_key = models.BinaryField(max_length=32, editable=False)
    # Its private half lies encrypted beside this server; else on a machine that is not one.
    embedded = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(editable=False)
    # Since then it vouches for no new key; what it vouched for stays believed.
    retired_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("root key")
        verbose_name_plural = _("root keys")
        constraints = [
            # Two processes that need the first one at once make one.
            models.UniqueConstraint(
                fields=["embedded"],
                condition=Q(embedded=True, retired_at=None),
                name="root_key_one_embedded",
            ),
        ]

    def __str__(self) -> str:
        return self.kid


class SigningKeyQuerySet(models.QuerySet["SigningKey"]):
    """Which signing keys."""

    def of(self, product_id: UUID | None) -> Self:
        """Those of one product, or with None those that sign the list of revocations."""
        return self.filter(product_id=product_id)

    def certified(self) -> Self:
        return self.exclude(certificate="")

    def believed(self, at: datetime) -> Self:
        """Those of which a document may still be believed, or soon will be."""
        return self.certified().filter(compromised_at=None, expires_at__gt=at)

    def signing(self, at: datetime) -> Self:
        """Those that may sign now, the one that does first."""
        within = self.believed(at).filter(active_from__lte=at, signs_until__gt=at)
        return within.order_by("-active_from", "-id")


SigningKeyManager = models.Manager.from_queryset(SigningKeyQuerySet)


class SigningKey(models.Model):
    """An Ed25519 key that signs files and answers of one product for some weeks."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # None: it signs the list of revocations and nothing else.
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, null=True, blank=True, related_name="signing_keys"
    )
    # The thumbprint of the public key (RFC 7638).
    kid = models.CharField(max_length=43, unique=True, editable=False)
    public_key = models.BinaryField(max_length=32, editable=False)
    private_ciphertext = models.TextField(editable=False)
    # What its root says of it; empty until a root that is not on this server has signed it.
    certificate = models.TextField(blank=True, editable=False)
    created_at = models.DateTimeField(editable=False)
    active_from = models.DateTimeField(editable=False)
    signs_until = models.DateTimeField(editable=False)
    # The end of the last document that it can have signed.
    expires_at = models.DateTimeField(editable=False)
    compromised_at = models.DateTimeField(null=True, blank=True, editable=False)
    compromise_reason = models.CharField(max_length=500, blank=True, editable=False)

    objects = SigningKeyManager()

    class Meta:
        verbose_name = _("signing key")
        verbose_name_plural = _("signing keys")
        constraints = [
            models.CheckConstraint(
                condition=Q(signs_until__gte=F("active_from"))
                & Q(expires_at__gte=F("signs_until")),
                name="signing_key_life_in_order",
            ),
        ]
        indexes = [
            # selectors/signers.py: which key of a product signs now.
            models.Index(fields=["product", "-active_from"], name="signing_key_of_product"),
        ]

    def __str__(self) -> str:
        return self.kid

    def state_at(self, at: datetime) -> KeyState:
        """Return where it is in its life; dates decide, no job has to have run."""
        if self.compromised_at is not None:
            return KeyState.COMPROMISED
        if not self.certificate:
            return KeyState.UNCERTIFIED
        if at < self.active_from:
            return KeyState.NEXT
        return KeyState.ACTIVE if at < self.signs_until else KeyState.RETIRED
