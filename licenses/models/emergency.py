"""Codes that let a device in for a day when nothing else does."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from licenses.models.license import License

LASTS = timedelta(hours=24)
# So many may a licence have in any year.
MOST_IN_A_YEAR = 3
YEAR = timedelta(days=365)
# After so many wrong ones nobody may guess on.
MOST_WRONG_TRIES = 5


class CodeState(models.TextChoices):
    """What has become of a code."""

    WAITS = "WAITS", _("Waits for its device")
    LOCKED = "LOCKED", _("Locked: too many wrong ones were typed")
    IN_USE = "IN_USE", _("In use")
    USED = "USED", _("Was used")
    UNUSED = "UNUSED", _("Ended unused")


class EmergencyCodeQuerySet(models.QuerySet["EmergencyCode"]):
    """Which codes."""

    def of_a_year(self, at: datetime) -> Self:
        """Those that count against a licence's allowance."""
        return self.filter(issued_at__gt=at - YEAR)

    def to_be_guessed(self, at: datetime) -> Self:
        """Those that a wrong one may have been meant for."""
        return self.filter(redeemed_at=None, valid_until__gt=at)


EmergencyCodeManager = models.Manager.from_queryset(EmergencyCodeQuerySet)


class EmergencyCode(models.Model):
    """A code that lets the first device which redeems it in for a day, without a seat."""

    # Named in the signed form as its `jti`.
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # The constraint below begins with it.
    license = models.ForeignKey(
        License, on_delete=models.PROTECT, related_name="emergency_codes", db_index=False
    )
    # Counted for each licence.
    number = models.PositiveIntegerField(_("number"))
    # The form that is read over a telephone has 120 random bits; nobody can show it again.
    typed_digest = models.BinaryField(max_length=32, unique=True, editable=False)
    wrong_tries = models.PositiveSmallIntegerField(default=0, editable=False)
    reason = models.TextField(_("reason"))
    issued_at = models.DateTimeField(_("issued"))
    valid_until = models.DateTimeField(_("valid until"))
    redeemed_at = models.DateTimeField(_("redeemed"), null=True, blank=True)
    # Whose it is since then.
    fingerprint_digest = models.BinaryField(max_length=32, null=True, blank=True, editable=False)
    fingerprint_hint = models.CharField(_("fingerprint"), max_length=12, blank=True)

    objects = EmergencyCodeManager()

    class Meta:
        verbose_name = _("emergency code")
        verbose_name_plural = _("emergency codes")
        constraints = [
            # Of two that are made at once on one licence, neither overlooks the other.
            models.UniqueConstraint(
                fields=["license", "number"], name="emergency_code_numbered_once"
            ),
            models.CheckConstraint(
                condition=Q(wrong_tries__lte=MOST_WRONG_TRIES), name="emergency_code_tries"
            ),
            models.CheckConstraint(
                condition=Q(valid_until__gt=F("issued_at")), name="emergency_code_lasts"
            ),
            models.CheckConstraint(
                condition=Q(redeemed_at=None, fingerprint_digest=None)
                | Q(redeemed_at__isnull=False, fingerprint_digest__isnull=False),
                name="emergency_code_redeemed_by_a_device",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.license_id} #{self.number}"

    @property
    def locked(self) -> bool:
        """Whether its typed form is dead; the signed one, which nobody guesses, lives on."""
        return self.wrong_tries >= MOST_WRONG_TRIES

    def over_at(self, at: datetime) -> bool:
        """Return whether its day is over."""
        return at >= self.valid_until

    def state_at(self, at: datetime) -> CodeState:
        """Return what has become of it by then."""
        if self.redeemed_at is not None:
            return CodeState.USED if self.over_at(at) else CodeState.IN_USE
        if self.over_at(at):
            return CodeState.UNUSED
        return CodeState.LOCKED if self.locked else CodeState.WAITS

    def is_of_another(self, fingerprints: list[bytes]) -> bool:
        """Return whether a device redeemed it that has none of these digests."""
        held = self.fingerprint_digest
        return held is not None and bytes(held) not in fingerprints
