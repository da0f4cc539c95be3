"""The inbox of gateways: what they told, kept before anything is done about it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from orders.models.order import Order


class EventState(models.TextChoices):
    """What became of a message."""

    WAITING = "WAITING", _("Waits")
    APPLIED = "APPLIED", _("Applied")
    NEEDS_PERSON = "NEEDS_PERSON", _("Needs a person")
    IGNORED = "IGNORED", _("Left alone")


class GatewayEvent(models.Model):
    """One thing that a gateway told, once; `why` is the code of what became of it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    gateway = models.CharField(_("gateway"), max_length=20)
    event_id = models.CharField(_("its number there"), max_length=200)
    type = models.CharField(_("type"), max_length=60)
    # Whose turn it is follows from the order and from when it happened.
    order = models.ForeignKey(
        Order, on_delete=models.PROTECT, null=True, blank=True, related_name="gateway_events"
    )
    reference = models.CharField(_("reference"), max_length=200, blank=True)
    facts = models.JSONField(_("what was told"))
    occurred_at = models.DateTimeField(_("happened"))
    received_at = models.DateTimeField(_("received"))
    state = models.CharField(_("state"), max_length=12, choices=EventState.choices)
    why = models.CharField(_("why"), max_length=60, blank=True)
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)

    class Meta:
        verbose_name = _("message of a gateway")
        verbose_name_plural = _("messages of gateways")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["gateway", "event_id"], name="gateway_event_once"),
            models.CheckConstraint(
                condition=Q(state=EventState.WAITING.value, settled_at=None)
                | Q(~Q(state=EventState.WAITING.value), settled_at__isnull=False),
                name="gateway_event_settled_at_some_time",
            ),
        ]
        indexes = [
            # The job that applies, and what is applied with an order.
            models.Index(
                fields=["order", "occurred_at"],
                condition=Q(state=EventState.WAITING.value),
                name="gateway_event_waits",
            ),
            # What staff look at.
            models.Index(
                fields=["-id"],
                condition=Q(state=EventState.NEEDS_PERSON.value),
                name="gateway_event_for_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gateway} {self.event_id}"
