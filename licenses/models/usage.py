"""What devices report of themselves: the last heartbeat and running totals, in narrow tables."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from licenses.models.activation import Activation

# Running totals of one process, whose growth is added up; anything else told is a gauge, of which
# the last value and the highest are kept.
COUNTERS = frozenset({"total_runtime_hours", "api_calls_count", "data_processed_mb"})
FEATURE_USAGE = "feature_usage"
LAST_USED_AT = "last_used_at"


def is_counter(metric: str) -> bool:
    """Return whether a metric is added up."""
    return metric in COUNTERS or metric.startswith(f"{FEATURE_USAGE}.")


class Heartbeat(models.Model):
    """When a device was last heard of; apart from its activation, so that it stays cheap."""

    activation = models.OneToOneField(
        Activation, on_delete=models.CASCADE, primary_key=True, related_name="heartbeat"
    )
    last_heartbeat = models.DateTimeField(_("last heartbeat"))

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")

    def __str__(self) -> str:
        return f"{self.activation_id} at {self.last_heartbeat:%Y-%m-%d %H:%M:%S}"


class UsageTotal(models.Model):
    """What one device used of one metric, as its heartbeats told."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    activation = models.ForeignKey(
        Activation, on_delete=models.CASCADE, related_name="usage_totals"
    )
    metric = models.CharField(_("metric"), max_length=100)
    # Counters: the process's own running total when last heard, and the sum over all processes.
    last_value = models.FloatField(default=0)
    total = models.FloatField(_("total"), default=0)
    peak = models.FloatField(_("peak"), default=0)
    # As much of `total` as the roll-ups know, and whether devices have told more since.
    rolled = models.FloatField(default=0, db_default=0)
    due = models.BooleanField(default=True, db_default=True)
    updated_at = models.DateTimeField()

    class Meta:
        verbose_name = _("usage total")
        verbose_name_plural = _("usage totals")
        constraints = [
            models.UniqueConstraint(fields=["activation", "metric"], name="usage_total_once"),
        ]
        indexes = [
            # The roll-up finds what was told since the last one.
            models.Index(fields=["id"], condition=Q(due=True), name="usage_total_due"),
        ]

    def __str__(self) -> str:
        return f"{self.metric}: {self.total:g}"


class AppliedBatch(models.Model):
    """A batch of buffered heartbeats that was written, so that it is never written twice."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    applied_at = models.DateTimeField()

    class Meta:
        verbose_name = _("applied batch")
        verbose_name_plural = _("applied batches")
        indexes = [
            # Pruned after a week.
            models.Index(fields=["applied_at"], name="applied_batch_age"),
        ]

    def __str__(self) -> str:
        return str(self.id)
