"""Devices that hold a seat."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from licenses.models import labels
from licenses.models.license import License
from licenses.models.named_user import NamedUser
from licenses.states import ActivationStatus, Status, activation_status_at
from licenses.terms import ActivationType


class ActivationQuerySet(models.QuerySet["Activation"]):
    """Which activations."""

    def live(self) -> Self:
        return self.filter(deactivated_at=None)

    def holding(self) -> Self:
        """Live activations but those whose lapsed lease was taken back."""
        return self.live().filter(Q(lease_expires_at=None) | Q(units__gt=0))

    def seated(self) -> Self:
        """
        Those of which something can be had by another device.

        An offline one would not hear of it and run on: people free it, who know where it stands.
        """
        return self.holding().filter(activation_type=ActivationType.ONLINE)

    def lapsed(self, at: datetime) -> Self:
        """Leases that have run out and still hold their seat."""
        return self.live().filter(units__gt=0, lease_expires_at__lte=at)

    def in_status(self, status: str, at: datetime) -> Self:
        """Activations of which `status_at(at)` is `status`."""
        if status == ActivationStatus.DEACTIVATED:
            return self.filter(deactivated_at__isnull=False)
        licenses = License.objects.all()
        suspended = licenses.in_status(Status.SUSPENDED, at)
        eased = Q(emergency_until__isnull=False, emergency_until__gt=at)
        held = Q(license__in=suspended.exclude(hold_code=""))
        stopped = (
            held
            | Q(license__in=licenses.in_status(Status.INACTIVE, at))
            | Q(license__in=licenses.in_status(Status.REVOKED, at))
        )
        stopped = (stopped & ~eased) | (Q(license__in=licenses.closed_in_emergency()) & eased)
        ended = ~eased & (
            Q(license__in=suspended.filter(hold_code=""))
            | (
                Q(license__in=licenses.in_status(Status.EXPIRED, at))
                & ~Q(license__in=licenses.in_grace(at))
            )
            | Q(lease_expires_at__isnull=False, lease_expires_at__lte=at)
            | Q(valid_until__isnull=False, valid_until__lte=at)
            | Q(activation_type=ActivationType.EMERGENCY)
        )
        match ActivationStatus(status):
            case ActivationStatus.SUSPENDED:
                return self.live().filter(stopped)
            case ActivationStatus.EXPIRED:
                return self.live().filter(~stopped & ended)
        return self.live().filter(~stopped & ~ended)

    def with_names(self) -> Self:
        return self.select_related("license", "heartbeat", "named_user")

    def with_usage(self) -> Self:
        return self.prefetch_related("usage_totals")


ActivationManager = models.Manager.from_queryset(ActivationQuerySet)


class Activation(models.Model):
    """One device's hold on a licence."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    license = models.ForeignKey(License, on_delete=models.PROTECT, related_name="activations")
    # Whose device it is, where names hold the seats; no index but the partial one below.
    named_user = models.ForeignKey(
        NamedUser,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="activations",
        db_index=False,
        editable=False,
    )
    # Identities are kept as keyed digests; the hint is what people see of them.
    fingerprint_digest = models.BinaryField(max_length=32, editable=False)
    fingerprint_digest_version = models.PositiveIntegerField(editable=False)
    fingerprint_hint = models.CharField(_("fingerprint"), max_length=12, editable=False)
    hardware_digest = models.BinaryField(max_length=32, null=True, blank=True, editable=False)
    hardware_hint = models.CharField(_("hardware id"), max_length=12, blank=True, editable=False)
    mac_digest = models.BinaryField(max_length=32, null=True, blank=True, editable=False)
    mac_hint = models.CharField(_("MAC address"), max_length=12, blank=True, editable=False)
    # The token is made again from id and generation; only its hash is kept.
    token_digest = models.BinaryField(max_length=32, unique=True, editable=False)
    token_generation = models.PositiveIntegerField(default=1, editable=False)
    token_key_version = models.PositiveIntegerField(editable=False)

    # What it holds of the licence now: nothing once its lease has lapsed and was taken back.
    units = models.PositiveIntegerField(_("units"), default=1)
    # What it said it has where processors or cores are counted; what a lapsed lease takes again.
    declared_units = models.PositiveIntegerField(_("declared units"), null=True, blank=True)
    activation_type = models.CharField(
        _("type"), max_length=9, choices=labels.ACTIVATION_TYPE, default=ActivationType.ONLINE
    )
    machine_name = models.CharField(_("machine"), max_length=255, blank=True)
    operating_system = models.CharField(_("operating system"), max_length=255, blank=True)
    application_version = models.CharField(_("application"), max_length=100, blank=True)
    user_agent = models.CharField(_("user agent"), max_length=500, blank=True)
    ip_address = models.GenericIPAddressField(_("address"), null=True, blank=True)
    domain = models.CharField(max_length=255, blank=True)
    country = models.CharField(max_length=2, blank=True)
    metadata = models.JSONField(default=dict, blank=True)

    activated_at = models.DateTimeField(_("activated"))
    deactivated_at = models.DateTimeField(_("deactivated"), null=True, blank=True)
    deactivation_reason = models.CharField(_("reason"), max_length=500, blank=True)
    # Until when it holds its seat unheard of; None where a device keeps it for good.
    lease_expires_at = models.DateTimeField(_("lease until"), null=True, blank=True)
    borrowed_until = models.DateTimeField(_("borrowed until"), null=True, blank=True)
    # From when on it is silent; None where the licence asks for no heartbeats.
    heartbeat_due_at = models.DateTimeField(_("heartbeat due"), null=True, blank=True)
    # So long it is served by an emergency code, whatever else it holds.
    emergency_until = models.DateTimeField(_("emergency until"), null=True, blank=True)
    # So long an offline device runs on what it was given; it keeps its seat beyond that.
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    revision = models.PositiveBigIntegerField(default=1)

    objects = ActivationManager()

    class Meta:
        verbose_name = _("activation")
        verbose_name_plural = _("activations")
        constraints = [
            # The real guard against one device racing itself into two seats.
            models.UniqueConstraint(
                fields=["license", "fingerprint_digest"],
                condition=Q(deactivated_at=None),
                name="activation_one_live_per_device",
            ),
            models.CheckConstraint(
                condition=Q(named_user__isnull=True) | Q(units=0),
                name="activation_of_a_name_takes_no_seat",
            ),
            models.CheckConstraint(
                condition=~Q(activation_type=ActivationType.EMERGENCY.value)
                | Q(units=0, emergency_until__isnull=False, lease_expires_at__isnull=True),
                name="activation_in_emergency_takes_no_seat",
            ),
            models.CheckConstraint(
                condition=Q(
                    activation_type=ActivationType.OFFLINE.value,
                    valid_until__isnull=False,
                    lease_expires_at__isnull=True,
                )
                | (~Q(activation_type=ActivationType.OFFLINE.value) & Q(valid_until__isnull=True)),
                name="activation_offline_ends_and_holds_no_lease",
            ),
        ]
        indexes = [
            # A licence's devices, in portal, admin and API.
            models.Index(fields=["license", "-id"], name="activation_license_newest"),
            # Devices freed lately, for the release limit.
            models.Index(
                fields=["license", "deactivated_at"],
                condition=Q(deactivated_at__isnull=False),
                name="activation_freed_lately",
            ),
            # The reaper finds lapsed leases that still hold a seat.
            models.Index(
                fields=["lease_expires_at"],
                condition=Q(deactivated_at=None, units__gt=0, lease_expires_at__isnull=False),
                name="activation_lease_due",
            ),
            # The devices of a name.
            models.Index(
                fields=["named_user"],
                condition=Q(named_user__isnull=False),
                name="activation_of_a_name",
            ),
            # One device on many licences.
            models.Index(fields=["fingerprint_digest"], name="activation_fingerprint"),
        ]

    def __str__(self) -> str:
        return self.machine_name or f"****{self.fingerprint_hint}"

    @property
    def live(self) -> bool:
        return self.deactivated_at is None

    @property
    def units_wanted(self) -> int:
        """What it takes of the licence, or would take again; a name's device takes nothing."""
        return 0 if self.named_user_id or self.emergency_only else self.declared_units or 1

    @property
    def emergency_only(self) -> bool:
        """Whether an emergency code let it in: it holds no seat, and nothing once that is over."""
        return self.activation_type == ActivationType.EMERGENCY

    @property
    def offline(self) -> bool:
        """Whether it was activated without a network, and is heard of no more."""
        return self.activation_type == ActivationType.OFFLINE

    @property
    def units_declared(self) -> bool | None:
        """Whether it said what it has of what the licence counts; None where that is not asked."""
        counts = self.license.counts_declared
        return self.declared_units is not None if counts else None

    def lapsed_at(self, at: datetime) -> bool:
        """Return whether its lease has run out; it is taken again as long as one is free."""
        return self.live and self.lease_expires_at is not None and self.lease_expires_at <= at

    def status_at(self, at: datetime) -> ActivationStatus:
        """Return what the device's hold is worth at that instant; only its end is ever stored."""
        return activation_status_at(
            self.license,
            live=self.live,
            lease_expires_at=self.lease_expires_at,
            emergency_until=self.emergency_until,
            emergency_only=self.emergency_only,
            valid_until=self.valid_until,
            at=at,
        )
