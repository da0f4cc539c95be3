"""How far the status sweep has come."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class StatusSweep(models.Model):
    """The one row that says up to when every status is written down; see services/lifecycle."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    swept_until = models.DateTimeField(_("swept until"))

    class Meta:
        verbose_name = _("status sweep")
        verbose_name_plural = _("status sweeps")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="status_sweep_is_one")]

    def __str__(self) -> str:
        return f"{self.swept_until:%Y-%m-%d %H:%M:%S}"
