"""People who hold the seats of named-user licences."""

import unicodedata
from typing import Self

from django.db import models
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from licenses.models.license import License

MAX_IDENTITY = 254


def folded(name: str) -> str:
    """Return a name in the one form in which names are kept and compared."""
    composed = unicodedata.normalize("NFC", name)
    return unicodedata.normalize("NFC", composed.casefold()).strip()


class NamedUserQuerySet(models.QuerySet["NamedUser"]):
    """Which names."""

    def assigned(self) -> Self:
        return self.filter(unassigned_at=None)

    def called(self, name: str) -> Self:
        return self.filter(identity=folded(name))

    def holding_text(self, text: str) -> Self:
        return self.filter(identity__contains=folded(text))

    def with_devices(self) -> Self:
        """Tell of each name how many devices it is signed in on."""
        live = Q(activations__deactivated_at=None)
        return self.annotate(devices=Count("activations", filter=live))


NamedUserManager = models.Manager.from_queryset(NamedUserQuerySet)


class NamedUser(models.Model):
    """A name's hold on a licence: one seat, on however many devices, until it is unassigned."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # The first index below begins with it.
    license = models.ForeignKey(
        License, on_delete=models.PROTECT, related_name="named_users", db_index=False
    )
    # Case-folded, so that one person spelt in two ways never takes two seats.
    identity = models.CharField(_("name"), max_length=MAX_IDENTITY)
    assigned_at = models.DateTimeField(_("assigned"))
    unassigned_at = models.DateTimeField(_("unassigned"), null=True, blank=True)
    unassign_reason = models.CharField(_("reason"), max_length=500, blank=True)

    objects = NamedUserManager()

    class Meta:
        verbose_name = _("named user")
        verbose_name_plural = _("named users")
        constraints = [
            models.UniqueConstraint(
                fields=["license", "identity"],
                condition=Q(unassigned_at=None),
                name="named_user_assigned_once",
            ),
            models.CheckConstraint(condition=~Q(identity=""), name="named_user_has_a_name"),
        ]
        indexes = [
            # A licence's names in the API, newest first; pages read them by the constraint's index.
            models.Index(fields=["license", "-id"], name="named_user_license_newest"),
            # Names unassigned lately, for the release limit.
            models.Index(
                fields=["license", "unassigned_at"],
                condition=Q(unassigned_at__isnull=False),
                name="named_user_freed_lately",
            ),
        ]

    def __str__(self) -> str:
        return self.identity

    @property
    def assigned(self) -> bool:
        return self.unassigned_at is None
