"""Use over time: what apps report by day, and hours and days rolled up for reading."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from licenses.models.license import License


class Grain(models.TextChoices):
    """How long a stretch of time one value stands for."""

    HOUR = "HOUR", _("Hour")
    DAY = "DAY", _("Day")


class Source(models.TextChoices):
    """Who says so: our own counters, or the sold software, which may say anything."""

    QUOTA = "QUOTA", _("Counted here")
    TOLD = "TOLD", _("Told by heartbeats")
    REPORT = "REPORT", _("Reported by day")


class UsageReport(models.Model):
    """One report of a day's use, kept so that its repeat adds nothing."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    license = models.ForeignKey(License, on_delete=models.CASCADE, related_name="usage_reports")
    day = models.DateField(_("day"))
    report_id = models.CharField(_("report id"), max_length=100)
    usage = models.JSONField(_("usage"))
    received_at = models.DateTimeField(_("received"))

    class Meta:
        verbose_name = _("usage report")
        verbose_name_plural = _("usage reports")
        constraints = [
            models.UniqueConstraint(
                fields=["license", "day", "report_id"], name="usage_report_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.report_id}"


class UsageRollup(models.Model):
    """What one licence used of one metric in an hour or a day."""

    license = models.ForeignKey(License, on_delete=models.CASCADE, related_name="usage_rollups")
    grain = models.CharField(max_length=4, choices=Grain)
    starts_at = models.DateTimeField()
    source = models.CharField(max_length=6, choices=Source)
    metric = models.CharField(max_length=100)
    value = models.FloatField()

    class Meta:
        verbose_name = _("usage roll-up")
        verbose_name_plural = _("usage roll-ups")
        constraints = [
            # In this order it is also what a licence's series are read by.
            models.UniqueConstraint(
                fields=["license", "grain", "starts_at", "source", "metric"],
                name="usage_rollup_once",
            ),
        ]
        indexes = [
            # Hours are pruned by their age.
            models.Index(
                fields=["starts_at"], condition=Q(grain="HOUR"), name="usage_rollup_hours"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric}: {self.value:g}"
