"""Where other systems want to hear of events, and what each of them was told."""

import uuid
from datetime import datetime, timedelta
from typing import Self
from urllib.parse import urlsplit

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from events.models.asked import covers
from events.models.event import Event

# A try ends within seconds; a claim that is older was left behind by a process that is gone.
CLAIM_LASTS = timedelta(minutes=2)
# So long the log of deliveries is kept, and what is not delivered by then never is.
KEPT_FOR = timedelta(days=30)
# Who fails for less is most likely being restarted.
TROUBLED_AFTER = timedelta(hours=1)


class DisabledBecause(models.TextChoices):
    """Why nothing is sent to an endpoint any more."""

    BY_HAND = "BY_HAND", _("Switched off by a person")
    GONE = "GONE", _("It answered that it is gone for good")
    STEADY_FAILURE = "STEADY_FAILURE", _("Nothing reached it for five days")


class DeliveryState(models.TextChoices):
    """How far a delivery has come."""

    WAITING = "WAITING", _("Waits")
    SENDING = "SENDING", _("Being sent")
    DELIVERED = "DELIVERED", _("Delivered")
    FAILED = "FAILED", _("Given up")


OPEN = (DeliveryState.WAITING, DeliveryState.SENDING)


class WebhookEndpointQuerySet(models.QuerySet["WebhookEndpoint"]):
    """Which endpoints."""

    def active(self) -> Self:
        return self.filter(disabled_at=None)

    def awake(self, at: datetime) -> Self:
        """Endpoints that may be sent to: a failed try lets one rest."""
        return self.active().filter(Q(resting_until=None) | Q(resting_until__lte=at))

    def in_trouble(self, at: datetime) -> Self:
        """Endpoints that a person should look at: nothing reached them for hours or for good."""
        failing = Q(disabled_at=None, failing_since__lte=at - TROUBLED_AFTER)
        return self.filter(
            failing | Q(disabled_because__in=[DisabledBecause.GONE, DisabledBecause.STEADY_FAILURE])
        )

    def with_work(self, at: datetime) -> Self:
        due = WebhookDelivery.objects.due(at).filter(endpoint=OuterRef("pk"))
        return self.awake(at).filter(Exists(due))


WebhookEndpointManager = models.Manager.from_queryset(WebhookEndpointQuerySet)


class WebhookEndpoint(models.Model):
    """An address of another system that is told of events, signed with a secret it shares."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(
        "accounts.Tenant",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Empty for one of the vendor's own, which hears of every tenant."),
    )
    url = models.CharField(_("address"), max_length=500)
    description = models.CharField(_("what it is for"), max_length=200, blank=True)
    # Types of events: exact, `license.*`, or `*` for all.
    event_types = models.JSONField(_("events"), default=list)
    secret_sealed = models.TextField(editable=False)
    # After a rotation both secrets sign for a while, so that the receiver can change over.
    previous_secret_sealed = models.TextField(blank=True, editable=False)
    previous_until = models.DateTimeField(null=True, blank=True, editable=False)
    disabled_at = models.DateTimeField(_("switched off"), null=True, blank=True)
    disabled_because = models.CharField(
        _("why"), max_length=14, choices=DisabledBecause.choices, blank=True
    )
    # Failed tries since the last that went well.
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True)
    resting_until = models.DateTimeField(null=True, blank=True)
    # What was written down before is not told unasked.
    listens_since = models.DateTimeField()
    created_at = models.DateTimeField(_("made"))

    objects = WebhookEndpointManager()

    class Meta:
        verbose_name = _("webhook endpoint")
        verbose_name_plural = _("webhook endpoints")
        constraints = [
            models.CheckConstraint(
                condition=Q(disabled_at=None, disabled_because="")
                | (Q(disabled_at__isnull=False) & ~Q(disabled_because="")),
                name="webhook_endpoint_off_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(previous_until=None, previous_secret_sealed="")
                | (Q(previous_until__isnull=False) & ~Q(previous_secret_sealed="")),
                name="webhook_endpoint_old_secret_ends",
            ),
        ]

    def __str__(self) -> str:
        return self.description or urlsplit(self.url).netloc

    @property
    def active(self) -> bool:
        """Whether it is told of what happens."""
        return self.disabled_at is None

    def hears(self, event: Event) -> bool:
        """Return whether an event is its to be told, and of a type that it asked for."""
        return self.may_hear(event) and any(covers(asked, event.type) for asked in self.event_types)

    def may_hear(self, event: Event) -> bool:
        return self.tenant_id is None or self.tenant_id == event.tenant_id


class WebhookDeliveryQuerySet(models.QuerySet["WebhookDelivery"]):
    """Which deliveries; whatever depends on the time is told it."""

    def due(self, at: datetime) -> Self:
        return self.filter(state=DeliveryState.WAITING, due_at__lte=at)

    def left_behind(self, at: datetime) -> Self:
        return self.filter(state=DeliveryState.SENDING, claimed_at__lte=at - CLAIM_LASTS)

    def naming(self, number: uuid.UUID) -> Self:
        """Deliveries to the endpoint, of the licence or of the event with this id."""
        named = Q(endpoint=number) | Q(license_id=number) | Q(event__event_id=number)
        return self.filter(named)

    def first_of_their_licenses(self) -> Self:
        """Deliveries that overtake nothing: all earlier ones of the same licence have ended."""
        earlier = WebhookDelivery.objects.filter(
            endpoint=OuterRef("endpoint"),
            license_id=OuterRef("license_id"),
            event__lt=OuterRef("event"),
            state__in=OPEN,
        )
        return self.filter(Q(license_id=None) | ~Exists(earlier))


WebhookDeliveryManager = models.Manager.from_queryset(WebhookDeliveryQuerySet)


class WebhookDelivery(models.Model):
    """One event that one endpoint is told: at least once, and in order for each licence."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    endpoint = models.ForeignKey(
        WebhookEndpoint, on_delete=models.PROTECT, related_name="deliveries", db_index=False
    )
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="+", db_index=False)
    license_id = models.UUIDField(null=True, blank=True)
    state = models.CharField(
        _("state"), max_length=9, choices=DeliveryState.choices, default=DeliveryState.WAITING
    )
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    queued_at = models.DateTimeField(_("queued"))
    due_at = models.DateTimeField(_("next try"))
    claimed_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)
    # Of the last try.
    response_status = models.PositiveSmallIntegerField(_("answer"), null=True, blank=True)
    response_excerpt = models.CharField(_("what it said"), max_length=500, blank=True)
    error = models.CharField(_("what went wrong"), max_length=40, blank=True)
    duration_ms = models.PositiveIntegerField(_("took"), null=True, blank=True)

    objects = WebhookDeliveryManager()

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        constraints = [
            models.UniqueConstraint(
                fields=["endpoint", "event"], name="webhook_delivery_once_per_endpoint"
            ),
            models.CheckConstraint(
                condition=~Q(state=DeliveryState.SENDING) | Q(claimed_at__isnull=False),
                name="webhook_delivery_sending_is_claimed",
            ),
            models.CheckConstraint(
                condition=~Q(state=DeliveryState.DELIVERED) | Q(delivered_at__isnull=False),
                name="webhook_delivery_at_some_time",
            ),
        ]
        indexes = [
            # What is to be sent to an endpoint next.
            models.Index(
                fields=["endpoint", "due_at"],
                condition=Q(state=DeliveryState.WAITING),
                name="webhook_delivery_due",
            ),
            # Whether an earlier event of the same licence is still to be told.
            models.Index(
                fields=["endpoint", "license_id", "event"],
                condition=Q(state__in=OPEN),
                name="webhook_delivery_open",
            ),
            # Claims that were left behind.
            models.Index(
                fields=["claimed_at"],
                condition=Q(state=DeliveryState.SENDING),
                name="webhook_delivery_claimed",
            ),
            # An endpoint's log, newest first.
            models.Index(fields=["endpoint", "-id"], name="webhook_delivery_newest"),
            # The job that prunes the log.
            models.Index(fields=["queued_at"], name="webhook_delivery_queued"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} ({self.state})"

    @property
    def next_try(self) -> datetime | None:
        """When it is sent, if it is still to be delivered."""
        return self.due_at if self.state in OPEN else None
