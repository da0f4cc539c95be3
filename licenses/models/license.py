"""Licences."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models import Customer, Tenant
from licenses import keys, states, terms
from licenses.keys import KeyScheme
from licenses.models import labels
from licenses.models.catalog import Product
from licenses.models.license_queries import LicenseManager
from licenses.models.template import LicenseTemplate
from licenses.states import PendingCause, Status
from licenses.terms import MOST_BORROW_DAYS, BindTo, ExpiryBasis, LicenseType, Overage, SelfService


class License(models.Model):
    """A right to run a product, with its own copy of the terms it was sold with."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # Each index is paid for by every renewal and issue, so none stands twice: the indexes below
    # begin with tenant and customer, and most licences have no reseller.
    tenant = models.ForeignKey(
        Tenant, on_delete=models.PROTECT, related_name="licenses", db_index=False
    )
    # When it came from another tenant, whose devices and names are not this one's to see.
    tenant_since = models.DateTimeField(null=True, blank=True, editable=False)
    customer = models.ForeignKey(
        Customer,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="licenses",
        db_index=False,
    )
    reseller = models.ForeignKey(
        Tenant,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="resold_licenses",
        db_index=False,
    )
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="licenses")
    template = models.ForeignKey(
        LicenseTemplate, on_delete=models.PROTECT, null=True, blank=True, related_name="licenses"
    )

    # What was sold: a copy, so that no later change to product or template alters it.
    product_name = models.CharField(_("product"), max_length=200)
    product_version = models.CharField(_("version"), max_length=50)
    license_type = models.CharField(_("type"), max_length=12, choices=labels.LICENSE_TYPE)
    license_model = models.CharField(_("model"), max_length=12, choices=labels.LICENSE_MODEL)
    issued_to = models.CharField(_("issued to"), max_length=200)
    max_activations = models.PositiveIntegerField(_("seats"))
    overage = models.CharField(
        _("overage"), max_length=9, choices=labels.OVERAGE, default=Overage.NONE
    )
    expiry_basis = models.CharField(
        _("term counted"), max_length=16, choices=labels.EXPIRY_BASIS, default=ExpiryBasis.ISSUE
    )
    duration_days = models.PositiveIntegerField(_("term (days)"), null=True, blank=True)
    trial_period_days = models.PositiveIntegerField(_("trial (days)"), null=True, blank=True)
    grace_period_days = models.PositiveIntegerField(_("grace (days)"), default=0)
    auto_renewal = models.BooleanField(_("renews by itself"), default=False)
    heartbeat_interval_seconds = models.PositiveIntegerField(default=600)
    lease_seconds = models.PositiveIntegerField(null=True, blank=True)
    max_borrow_days = models.PositiveSmallIntegerField(null=True, blank=True)
    require_heartbeat = models.BooleanField(default=False)
    self_service = models.CharField(
        max_length=7, choices=labels.SELF_SERVICE, default=SelfService.SEE
    )
    # Emptied by the first activation, which writes what it ties the licence to as restrictions.
    bind_on_first_activation = models.CharField(
        max_length=8, choices=labels.BIND_TO, default=BindTo.NOTHING, blank=True
    )
    releases_per_30_days = models.PositiveIntegerField(null=True, blank=True)
    metadata = models.JSONField(default=dict, blank=True)

    # The key: a digest to find it by, an encrypted copy to show it again, and what a mask shows.
    key_scheme = models.CharField(
        max_length=10, choices=labels.KEY_SCHEME, default=KeyScheme.GROUPED
    )
    key_digest = models.BinaryField(max_length=32, unique=True, editable=False)
    key_digest_version = models.PositiveIntegerField(editable=False)
    key_ciphertext = models.TextField(editable=False)
    # The harmless beginning, `AGY-ACME`, from which a new key of the same form is made.
    key_head = models.CharField(max_length=31, blank=True, default="", editable=False)
    key_hint = models.CharField(_("key"), max_length=20, editable=False)

    # Facts from which the status follows. Written by services/lifecycle only.
    issued_date = models.DateTimeField(_("issued"))
    activation_date = models.DateTimeField(_("first activated"), null=True, blank=True)
    expiry_date = models.DateTimeField(_("expires"), null=True, blank=True)
    grace_ends_at = models.DateTimeField(_("grace ends"), null=True, blank=True)
    maintenance_expiry = models.DateTimeField(_("maintenance until"), null=True, blank=True)
    pending_cause = models.CharField(
        max_length=16, choices=labels.PENDING_CAUSE, default=PendingCause.NONE, blank=True
    )
    parked = models.BooleanField(_("parked"), default=False)
    hold_code = models.CharField(max_length=20, choices=labels.HOLD_CODE, default="", blank=True)
    hold_reason = models.TextField(default="", blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    # The last status that was announced; doors ask `status_at` instead.
    status = models.CharField(_("status"), max_length=9, choices=labels.STATUS)

    # How often staff have lengthened a trial or an evaluation.
    trial_extensions = models.PositiveSmallIntegerField(default=0)

    current_activations = models.PositiveIntegerField(_("seats taken"), default=0)
    # Rises with every change to terms or status, never with seats: it guards the seat statement.
    revision = models.PositiveBigIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = LicenseManager()

    class Meta:
        verbose_name = _("licence")
        verbose_name_plural = _("licences")
        constraints = [
            models.CheckConstraint(condition=Q(max_activations__gte=1), name="license_has_a_seat"),
            models.CheckConstraint(
                condition=Q(current_activations__gte=0), name="license_seats_never_negative"
            ),
            models.CheckConstraint(
                condition=Q(expiry_date__isnull=True, grace_ends_at__isnull=True)
                | Q(grace_ends_at__gte=F("expiry_date")),
                name="license_grace_follows_expiry",
            ),
            models.CheckConstraint(
                condition=~Q(license_type="PERPETUAL") | Q(expiry_date__isnull=True),
                name="license_perpetual_never_expires",
            ),
            models.CheckConstraint(
                condition=Q(heartbeat_interval_seconds__gte=1),
                name="license_heartbeat_positive",
            ),
            models.CheckConstraint(
                condition=Q(max_borrow_days=None) | Q(max_borrow_days__range=(1, MOST_BORROW_DAYS)),
                name="license_borrow_days",
            ),
            models.CheckConstraint(
                condition=Q(trial_extensions__lte=terms.MAX_TRIAL_EXTENSIONS),
                name="license_trial_extended_twice_at_most",
            ),
        ]
        # None may name the status, or a sweep would write to all of them for each row it moves.
        indexes = [
            # The tenant's list, newest first, in portal and API.
            models.Index(fields=["tenant", "-id"], name="license_tenant_newest"),
            # What a reseller sold.
            models.Index(
                fields=["reseller", "-id"],
                condition=Q(reseller__isnull=False),
                name="license_resold",
            ),
            # A customer's licences.
            models.Index(fields=["customer", "-id"], name="license_customer_newest"),
            # Lists and counts of what is rare: without these each would read every licence.
            models.Index(fields=["-id"], condition=~Q(hold_code=""), name="license_held"),
            models.Index(
                fields=["-id"], condition=Q(revoked_at__isnull=False), name="license_revoked"
            ),
            models.Index(fields=["-id"], condition=Q(parked=True), name="license_parked"),
            models.Index(fields=["-id"], condition=~Q(pending_cause=""), name="license_pending"),
            # Lists filtered and sorted by expiry, what has expired since the last sweep, and who is
            # to be reminded since the last round.
            models.Index(fields=["expiry_date", "-id"], name="license_by_expiry"),
            # Whose maintenance has ended, by itself or before a release.
            models.Index(
                fields=["maintenance_expiry", "-id"],
                condition=Q(maintenance_expiry__isnull=False),
                name="license_maintained",
            ),
            # Whose grace has ended since the last sweep.
            models.Index(
                fields=["grace_ends_at"],
                condition=Q(grace_ends_at__isnull=False),
                name="license_by_grace_end",
            ),
            # Staff search by the last symbols of a key.
            models.Index(fields=["key_hint"], name="license_key_hint"),
            # Whether any key of another system is held, which decides what can be a key at all.
            models.Index(
                fields=["id"], condition=Q(key_scheme="OPAQUE"), name="license_opaque_key"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product_name} {self.masked_key}"

    @property
    def masked_key(self) -> str:
        """The key as lists and answers show it."""
        return keys.masked(self.key_scheme, self.key_head, self.key_hint)

    @property
    def revoked(self) -> bool:
        return self.revoked_at is not None

    @property
    def held(self) -> bool:
        return bool(self.hold_code)

    def held_for(self, code: str) -> bool:
        """Return whether a hold for this cause is open, be it the gravest or not."""
        return self.held and self.holds.filter(code=code, lifted_at=None).exists()

    def status_at(self, at: datetime) -> Status:
        """Return what the licence is at that instant, whatever the column says."""
        return states.status_at(self, at)

    def in_grace_at(self, at: datetime) -> bool:
        """Return whether it has expired and yet works."""
        return states.in_grace(self, at)

    def may_work_at(self, at: datetime) -> bool:
        """Return whether it works or may yet: it was not revoked, and its time is not over."""
        if self.revoked:
            return False
        return self.expiry_date is None or at < (self.grace_ends_at or self.expiry_date)

    def suspension_code_at(self, at: datetime) -> str:
        """Return the gravest cause of its suspension, or an empty string."""
        return states.suspension_code(self, self.hold_code, at)

    @property
    def capacity(self) -> int | None:
        """Units that may be taken, or None where they never fill."""
        return terms.capacity(
            max_activations=self.max_activations, model=self.license_model, overage=self.overage
        )

    @property
    def held_by_names(self) -> bool:
        """Whether names hold its seats, each on however many devices."""
        return self.license_type == LicenseType.NAMED_USER

    @property
    def on_trial(self) -> bool:
        """Whether it is for trying out: extended or bought, never renewed."""
        return self.license_type in terms.TRIALS

    @property
    def leased(self) -> bool:
        """Whether a seat is held by a lease, which lapses in silence."""
        return self.license_type == LicenseType.CONCURRENT

    @property
    def counts_declared(self) -> bool:
        """Whether processors or cores are counted, as devices declare them."""
        return self.license_model in terms.DECLARED

    @property
    def lease_length(self) -> timedelta | None:
        """How long a device holds a seat unheard of, or None where it keeps it for good."""
        return terms.lease_length(
            self.license_type,
            lease_seconds=self.lease_seconds,
            heartbeat_interval_seconds=self.heartbeat_interval_seconds,
        )

    @property
    def unlimited(self) -> bool:
        return self.capacity is None

    @property
    def seats_left(self) -> int | None:
        """Units still free, or None where they never fill."""
        capacity = self.capacity
        return None if capacity is None else max(0, capacity - self.current_activations)

    def grace_end_for(self, expiry: datetime | None) -> datetime | None:
        """Return when grace would end if the licence expired at `expiry`."""
        return None if expiry is None else expiry + timedelta(days=self.grace_period_days)
