"""When each job last ran, and how it went."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class JobRun(models.Model):
    """The latest run of one job of the beat table."""

    name = models.CharField(_("job"), max_length=200)
    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    ok = models.BooleanField(_("succeeded"), null=True, blank=True)
    report = models.JSONField(_("report"), default=dict, blank=True)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("job run")
        verbose_name_plural = _("job runs")
        constraints = [models.UniqueConstraint(fields=["name"], name="one_row_per_job")]

    def __str__(self) -> str:
        return self.name

    @property
    def state(self) -> str:
        """Return `running`, `ok` or `failed`."""
        return {None: "running", True: "ok", False: "failed"}[self.ok]
