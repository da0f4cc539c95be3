"""The keys by which devices know our documents: roots, and the signing keys they vouch for."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self
from uuid import UUID

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from licenses.models.catalog import Product
from licenses.signing.kinds import Purpose

# By so much may the list of revocations be behind, but for signing keys, which it names at once.
LOOKED_AT_EVERY = timedelta(minutes=1)


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

    def of(self, purpose: Purpose, product_id: UUID | None = None) -> Self:
        """Those for one purpose, and where that is a product's documents, of that product."""
        return self.filter(purpose=purpose, product_id=product_id)

    def certified(self) -> Self:
        return self.exclude(certificate="")

    def believed(self, at: datetime) -> Self:
        """Those of which a document may still be believed, or soon will be."""
        return self.certified().filter(compromised_at=None, expires_at__gt=at)

    def signing(self, at: datetime) -> Self:
        """Those that may sign now, the one that does first."""
        within = self.believed(at).filter(active_from__lte=at, signs_until__gt=at)
        return within.order_by("-active_from", "-id")

    def ahead(self, at: datetime) -> Self:
        """Those that may sign as soon as they are needed, the first to come first."""
        waiting = self.believed(at).filter(active_from__gt=at)
        return waiting.order_by("active_from", "id")

    def in_state(self, state: KeyState, at: datetime) -> Self:
        """Those of which `state_at` says that."""
        if state == KeyState.COMPROMISED:
            return self.filter(compromised_at__isnull=False)
        trusted = self.filter(compromised_at=None)
        if state == KeyState.UNCERTIFIED:
            return trusted.filter(certificate="")
        certified = trusted.exclude(certificate="")
        if state == KeyState.NEXT:
            return certified.filter(active_from__gt=at)
        begun = certified.filter(active_from__lte=at)
        if state == KeyState.ACTIVE:
            return begun.filter(signs_until__gt=at)
        return begun.filter(signs_until__lte=at)

    def to_be_certified(self, at: datetime) -> Self:
        """Those that wait for the word of a root that is elsewhere."""
        waiting = self.filter(certificate="", compromised_at=None, signs_until__gt=at)
        return waiting.order_by("purpose", "product_id", "active_from", "id")


SigningKeyManager = models.Manager.from_queryset(SigningKeyQuerySet)


class SigningKey(models.Model):
    """An Ed25519 key that signs for some weeks: a product's documents, or for another purpose."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    purpose = models.CharField(
        max_length=12,
        choices=[(purpose.value, purpose.value) for purpose in Purpose],
        editable=False,
    )
    # Whose documents it signs; a key for another purpose is of the whole installation.
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
            models.CheckConstraint(
                condition=Q(purpose=Purpose.PRODUCT.value, product__isnull=False)
                | Q(~Q(purpose=Purpose.PRODUCT.value), product=None),
                name="signing_key_product_where_due",
            ),
        ]
        indexes = [
            # selectors/signers.py: which key of a product signs now.
            models.Index(fields=["product", "-active_from"], name="signing_key_of_product"),
        ]

    def __str__(self) -> str:
        return self.kid

    @property
    def whose(self) -> str:
        """The product by its own name, or the purpose where it is of none."""
        return self.product.product_id if self.product else self.purpose

    def state_at(self, at: datetime) -> KeyState:
        """Return where it is in its life; dates decide, no job has to have run."""
        if self.compromised_at is not None:
            return KeyState.COMPROMISED
        if not self.certificate:
            return KeyState.UNCERTIFIED
        if at < self.active_from:
            return KeyState.NEXT
        return KeyState.ACTIVE if at < self.signs_until else KeyState.RETIRED


class RevocationList(models.Model):
    """The list of what is not believed any more, as it was published last: one row."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # There is one; whoever publishes first makes it.
    only = models.BooleanField(default=True, unique=True, editable=False)
    # It only grows: a reader that has seen a higher one is being shown an old list.
    version = models.PositiveBigIntegerField(editable=False)
    # The SHA-256 of what it names; while that stays, so does the version.
    contents_digest = models.BinaryField(max_length=32, editable=False)
    document = models.TextField(editable=False)
    issued_at = models.DateTimeField(editable=False)
    expires_at = models.DateTimeField(editable=False)
    # Something was taken back since, which whoever asks next has to be told.
    stale = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("list of revocations")
        verbose_name_plural = _("lists of revocations")
        constraints = [
            models.CheckConstraint(condition=Q(only=True), name="revocation_list_one"),
        ]

    def __str__(self) -> str:
        return str(self.version)

    def fresh_at(self, at: datetime) -> bool:
        """Return whether it needs no other look at what it names."""
        return not self.stale and self.issued_at <= at < self.issued_at + LOOKED_AT_EVERY
