"""How far the trail was handed to webhook endpoints."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class WebhookFeed(models.Model):
    """How far the trail has been handed to the endpoints: one row, made with the first of them."""

    id = models.SmallIntegerField(primary_key=True, default=1, editable=False)
    # Events of all transactions below this number are handed out.
    passed = models.BigIntegerField(default=0)
    # The end of the stretch that is being handed out, and the last event of it that was.
    until = models.BigIntegerField(null=True, blank=True)
    sequence = models.BigIntegerField(default=0)
    # Older events are none of its business: a restored database numbers its transactions anew.
    beyond = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("webhook feed")
        verbose_name_plural = _("webhook feed")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="webhook_feed_is_one")]

    def __str__(self) -> str:
        return f"{self.passed} #{self.sequence}"
