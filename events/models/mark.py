"""How far jobs have come, so that each goes on from there."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Mark(models.Model):
    """Up to where one job has looked: in time, or along the trail."""

    name = models.CharField(_("job"), max_length=60, primary_key=True)
    moment = models.DateTimeField(_("until"), null=True, blank=True)
    # All events up to this one are heard.
    sequence = models.PositiveBigIntegerField(default=0)
    # What `sequence` becomes once those who were writing then have ended, and who these are.
    next_sequence = models.PositiveBigIntegerField(default=0)
    awaited = models.JSONField(default=list, blank=True)

    class Meta:
        verbose_name = _("mark")
        verbose_name_plural = _("marks")

    def __str__(self) -> str:
        return self.name
