"""Watching over leases."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class LeaseWatch(models.Model):
    """When leases were last looked after; a gap says that nobody could have renewed one."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    watched_at = models.DateTimeField(_("last looked after"))

    class Meta:
        verbose_name = _("watch over leases")
        verbose_name_plural = _("watches over leases")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="lease_watch_is_one")]

    def __str__(self) -> str:
        return f"{self.watched_at:%Y-%m-%d %H:%M:%S}"
