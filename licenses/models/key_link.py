"""Links in e-mails that show a licence's key once."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from events.models import Notice
from licenses.models.license import License

LASTS = timedelta(days=7)


class KeyLink(models.Model):
    """The right to see one licence's key once, held by whoever has the link."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    license = models.ForeignKey(
        License, on_delete=models.PROTECT, related_name="key_links", db_index=False
    )
    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="+")
    token_digest = models.BinaryField(max_length=32, unique=True, editable=False)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, blank=True)
    # A newer link took its place, or the licence has another key or holder.
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("key link")
        verbose_name_plural = _("key links")
        constraints = [
            models.UniqueConstraint(
                fields=["license"],
                condition=Q(opened_at__isnull=True, withdrawn_at__isnull=True),
                name="key_link_one_open_per_license",
            ),
        ]
        indexes = [
            # A licence's page.
            models.Index(fields=["license", "-id"], name="key_link_license_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.license_id} {self.pk}"

    def works_at(self, at: datetime) -> bool:
        """Return whether it would show the key at that instant."""
        unused = self.opened_at is None and self.withdrawn_at is None
        return unused and at < self.expires_at and not self.license.revoked
