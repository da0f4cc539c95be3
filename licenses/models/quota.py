"""What licences consume of the quotas they grant: one counter a licence, feature and period."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from licenses.models.license import License


class QuotaCounter(models.Model):
    """
    How much of a feature one licence has used in one period.

    Written by the statements of `services/counters` alone. A period that has ended keeps its row;
    the next one begins with a row of its own, so nothing has to be reset.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    license = models.ForeignKey(License, on_delete=models.CASCADE, related_name="quota_counters")
    feature_id = models.CharField(_("feature id"), max_length=50)
    # A day in UTC; long ago for quotas that never start anew.
    period_start = models.DateField(_("since"))
    used = models.DecimalField(_("used"), max_digits=24, decimal_places=6)
    # As much of `used` as the roll-ups know, and whether there is more: hidden from an index
    # unless it flips, so that counting stays a cheap update.
    rolled = models.DecimalField(max_digits=24, decimal_places=6, default=0)
    due = models.BooleanField(default=True)
    updated_at = models.DateTimeField()

    class Meta:
        verbose_name = _("quota counter")
        verbose_name_plural = _("quota counters")
        constraints = [
            # Two devices that open a period at once must meet in one counter.
            models.UniqueConstraint(
                fields=["license", "feature_id", "period_start"], name="quota_counter_once"
            ),
            models.CheckConstraint(condition=Q(used__gte=0), name="quota_counter_never_negative"),
        ]
        indexes = [
            # The roll-up finds what was counted since the last one.
            models.Index(fields=["id"], condition=Q(due=True), name="quota_counter_due"),
        ]

    def __str__(self) -> str:
        return f"{self.feature_id}: {self.used:f}"
