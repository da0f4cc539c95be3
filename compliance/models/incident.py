"""Incidents: suspicious activity that devices and integrators reported."""

from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from licenses.models import License

MAX_DESCRIPTION = 2000
# What is reported again within so long, while nobody has closed it, is the same incident.
REPEATED_WITHIN = timedelta(hours=24)


class ActivityType(models.TextChoices):
    """What seems to go on."""

    MULTIPLE_ACTIVATIONS = "MULTIPLE_ACTIVATIONS", _("Multiple activations")
    UNUSUAL_LOCATION = "UNUSUAL_LOCATION", _("Unusual location")
    TAMPERING_ATTEMPT = "TAMPERING_ATTEMPT", _("Tampering attempt")
    API_ABUSE = "API_ABUSE", _("API abuse")


class IncidentStatus(models.TextChoices):
    """Whether somebody has looked into it."""

    OPEN = "OPEN", _("Open")
    CLOSED = "CLOSED", _("Closed")


class IncidentQuerySet(models.QuerySet["Incident"]):
    """Which incidents."""

    def open(self) -> Self:
        return self.filter(closed_at=None)

    def in_status(self, status: str) -> Self:
        return self.filter(closed_at__isnull=status == IncidentStatus.OPEN)


IncidentManager = models.Manager.from_queryset(IncidentQuerySet)


class Incident(models.Model):
    """Suspicious activity as it was reported: once, or again and again."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # Whose licence it was then; none where the vendor's own key names nobody. The indexes below
    # begin with both.
    tenant = models.ForeignKey(
        "accounts.Tenant",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("tenant"),
    )
    license = models.ForeignKey(
        License,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="incidents",
        db_index=False,
        verbose_name=_("licence"),
    )
    # As in the trail, by their ids. The customer's key seals the address.
    customer_id = models.UUIDField(null=True, blank=True)
    activation_id = models.UUIDField(null=True, blank=True)
    activity_type = models.CharField(_("activity"), max_length=24, choices=ActivityType.choices)
    description = models.CharField(_("description"), max_length=MAX_DESCRIPTION)
    # Of the newest report; keys and tokens in it are masked before it gets here.
    evidence = models.JSONField(_("evidence"), default=dict, blank=True)
    reporter_kind = models.CharField(_("reported by"), max_length=20)
    reporter_id = models.CharField(max_length=64, blank=True)
    address_sealed = models.TextField(blank=True)
    reported_at = models.DateTimeField(_("first reported"))
    last_reported_at = models.DateTimeField(_("last reported"))
    report_count = models.PositiveIntegerField(_("reports"), default=1)
    # What a report of the same is known by, as long as it is counted here.
    gathers = models.BinaryField(max_length=32, null=True, editable=False)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    closed_by = models.CharField(_("closed by"), max_length=254, blank=True)
    notes = models.CharField(_("notes"), max_length=2000, blank=True)

    objects = IncidentManager()

    class Meta:
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        constraints = [
            # Reports that come at once find their incident by it.
            models.UniqueConstraint(fields=["gathers"], name="incident_gathers_once"),
            models.CheckConstraint(
                condition=Q(closed_at=None) | Q(gathers=None),
                name="incident_closed_gathers_nothing",
            ),
            models.CheckConstraint(
                condition=Q(report_count__gte=1, last_reported_at__gte=F("reported_at")),
                name="incident_reported_at_least_once",
            ),
        ]
        indexes = [
            # A tenant's list in the API, newest first.
            models.Index(fields=["tenant", "-id"], name="incident_tenant_newest"),
            # A licence's page, and the list of one licence.
            models.Index(fields=["license", "-id"], name="incident_license_newest"),
            # The dashboard's count and the admin's list of what is open.
            models.Index(fields=["-id"], condition=Q(closed_at=None), name="incident_open_newest"),
        ]

    def __str__(self) -> str:
        return str(ActivityType(self.activity_type).label)

    @property
    def status(self) -> IncidentStatus:
        return IncidentStatus.OPEN if self.closed_at is None else IncidentStatus.CLOSED
