"""What devices without a network were given, and what they brought."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from licenses.models.activation import Activation
from licenses.models.license import License

# So long a request is remembered by which it was answered.
REQUEST_KEPT = timedelta(days=30)


class FileKind(models.TextChoices):
    """What a file lets run: any device, one device, or one that was activated by it."""

    LICENSE = "LICENSE", _("Licence file")
    DEVICE = "DEVICE", _("Device file")
    RESPONSE = "RESPONSE", _("Activation response")


class FileNumber(models.Model):
    """The last number that a licence's files were given; it only grows."""

    license = models.OneToOneField(
        License, on_delete=models.PROTECT, primary_key=True, related_name="+"
    )
    last = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = _("file number")
        verbose_name_plural = _("file numbers")

    def __str__(self) -> str:
        return f"{self.license_id}: {self.last}"


class IssuedFileQuerySet(models.QuerySet["IssuedFile"]):
    """Which files."""

    def in_use(self, at: datetime) -> Self:
        """Those that a device which hears of nothing still believes."""
        return self.filter(expires_at__gt=at)

    def out_of_force(self) -> Self:
        """Those that would not be made again: licence revoked or handed on, or device let go."""
        return self.filter(
            Q(license__revoked_at__isnull=False)
            | Q(license__tenant_since__gte=F("issued_at"))
            | Q(activation__deactivated_at__isnull=False)
        )


IssuedFileManager = models.Manager.from_queryset(IssuedFileQuerySet)


class IssuedFile(models.Model):
    """A signed file that was handed out; the file itself is not kept."""

    # Its `jti`.
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # The constraint below begins with it.
    license = models.ForeignKey(
        License, on_delete=models.PROTECT, related_name="files", db_index=False
    )
    # None: it is bound to no device.
    activation = models.ForeignKey(
        Activation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="files",
        db_index=False,
    )
    kind = models.CharField(_("kind"), max_length=8, choices=FileKind.choices)
    # Of two files of a licence the one with the higher number counts.
    seq = models.PositiveBigIntegerField(_("number"))
    # The signing key; a compromised one takes its files with it.
    kid = models.CharField(max_length=43, editable=False)
    # As the licence was when it was made.
    license_revision = models.PositiveBigIntegerField(editable=False)
    issued_at = models.DateTimeField(_("issued"))
    expires_at = models.DateTimeField(_("expires"))

    objects = IssuedFileManager()

    class Meta:
        verbose_name = _("issued file")
        verbose_name_plural = _("issued files")
        constraints = [
            models.UniqueConstraint(fields=["license", "seq"], name="issued_file_numbered_once"),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("issued_at")), name="issued_file_lasts"
            ),
            models.CheckConstraint(
                condition=Q(kind=FileKind.LICENSE.value, activation__isnull=True)
                | (~Q(kind=FileKind.LICENSE.value) & Q(activation__isnull=False)),
                name="issued_file_of_a_device_names_it",
            ),
        ]
        indexes = [
            # A device's files, newest first: its page, and whether a receipt is an old one.
            models.Index(
                fields=["activation", "-seq"],
                condition=Q(activation__isnull=False),
                name="issued_file_of_device",
            ),
            # selectors/offline.py: which files the list of revocations has to name.
            models.Index(fields=["expires_at"], name="issued_file_expiry"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.seq}"


class OfflineRequestQuerySet(models.QuerySet["OfflineRequest"]):
    """Which requests."""

    def over(self, at: datetime) -> Self:
        return self.filter(expires_at__lte=at)


OfflineRequestManager = models.Manager.from_queryset(OfflineRequestQuerySet)


class OfflineRequest(models.Model):
    """A device's request that was answered, so that it is answered once."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # The constraint below begins with it.
    license = models.ForeignKey(
        License, on_delete=models.PROTECT, related_name="offline_requests", db_index=False
    )
    activation = models.ForeignKey(
        Activation, on_delete=models.PROTECT, related_name="offline_requests"
    )
    nonce = models.CharField(max_length=128, editable=False)
    # What it asks for: another request under the same nonce is a replay.
    digest = models.BinaryField(max_length=32, editable=False)
    # Encrypted: whoever has request and response gets the device's token.
    response_ciphertext = models.TextField(editable=False)
    response_expires_at = models.DateTimeField(_("response expires"))
    answered_at = models.DateTimeField(_("answered"))
    expires_at = models.DateTimeField(_("kept until"))

    objects = OfflineRequestManager()

    class Meta:
        verbose_name = _("offline request")
        verbose_name_plural = _("offline requests")
        constraints = [
            models.UniqueConstraint(
                fields=["license", "nonce"], name="offline_request_answered_once"
            ),
        ]
        indexes = [
            # Pruned when they are over.
            models.Index(fields=["expires_at"], name="offline_request_age"),
        ]

    def __str__(self) -> str:
        return f"{self.activation_id} at {self.answered_at:%Y-%m-%d %H:%M}"


class OfflineDevice(models.Model):
    """What is known of a device that carries files: its key, its fingerprint, its chain of use."""

    activation = models.OneToOneField(
        Activation, on_delete=models.CASCADE, primary_key=True, related_name="offline_device"
    )
    # The Ed25519 key that it signs with; None where it has none, and is known by fingerprint alone.
    public_key = models.BinaryField(max_length=32, null=True, blank=True, editable=False)
    # Its fingerprint as files state it, salted; encrypted, since here fingerprints are digests.
    fingerprint_ciphertext = models.TextField(editable=False)
    # Entries of its chain of use that are in the books, and the hash they end in.
    usage_count = models.PositiveBigIntegerField(_("usage entries"), default=0)
    usage_head = models.BinaryField(max_length=32, blank=True, editable=False)
    usage_forks = models.PositiveIntegerField(_("forked chains"), default=0)
    # Since when it may be two machines; what made us think so stands in the trail.
    clone_suspected_at = models.DateTimeField(_("clone suspected"), null=True, blank=True)

    class Meta:
        verbose_name = _("offline device")
        verbose_name_plural = _("offline devices")
        indexes = [
            # One key on two machines.
            models.Index(
                fields=["public_key"],
                condition=Q(public_key__isnull=False),
                name="offline_device_key",
            ),
        ]

    def __str__(self) -> str:
        return str(self.activation_id)

    @property
    def has_key(self) -> bool:
        """Whether it can sign what it sends."""
        return self.public_key is not None
