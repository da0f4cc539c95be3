"""Templates: the terms a licence is issued with."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models import Tenant
from licenses.models import labels
from licenses.models.catalog import KEY_PREFIX, Product
from licenses.restrictions import shown_values
from licenses.terms import MOST_BORROW_DAYS, BindTo, Overage, SelfService


class LicenseTemplateQuerySet(models.QuerySet["LicenseTemplate"]):
    """Which templates."""

    def on_offer_to(self, tenant: Tenant) -> Self:
        return self.filter(Q(reserved_for=None) | Q(reserved_for=tenant), active=True)


LicenseTemplateManager = models.Manager.from_queryset(LicenseTemplateQuerySet)


class LicenseTemplate(models.Model):
    """The terms a licence is issued with; changing them never alters what was sold."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    template_name = models.CharField(_("name"), max_length=200)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="templates")
    description = models.TextField(_("description"), blank=True)
    license_type = models.CharField(_("type"), max_length=12, choices=labels.LICENSE_TYPE)
    license_model = models.CharField(_("model"), max_length=12, choices=labels.LICENSE_MODEL)
    default_duration = models.PositiveIntegerField(
        _("duration (days)"),
        default=365,
        help_text=_("Not of trials and evaluations: theirs stands below."),
    )
    max_activations = models.PositiveIntegerField(_("seats"), default=1)
    overage = models.CharField(
        _("overage"), max_length=9, choices=labels.OVERAGE, default=Overage.NONE
    )
    expiry_basis = models.CharField(
        _("term counted"),
        max_length=16,
        choices=labels.EXPIRY_BASIS,
        blank=True,
        help_text=_("Empty: trials from their first activation, the rest from issue."),
    )
    auto_renewal_enabled = models.BooleanField(_("renews by itself"), default=False)
    trial_allowed = models.BooleanField(_("trial allowed"), default=False)
    trial_duration_days = models.PositiveIntegerField(
        _("trial (days)"), default=30, help_text=_("The term of trials and evaluations.")
    )
    grace_period_days = models.PositiveIntegerField(
        _("grace (days)"),
        default=30,
        help_text=_("How long it works on after its end. Trials as a rule have none: 0."),
    )
    heartbeat_interval_seconds = models.PositiveIntegerField(
        _("heartbeat every (seconds)"), default=600
    )
    lease_seconds = models.PositiveIntegerField(
        _("lease (seconds)"),
        null=True,
        blank=True,
        help_text=_("Of concurrent licences. Empty: three heartbeats."),
    )
    max_borrow_days = models.PositiveSmallIntegerField(
        _("borrowed for (days), at most"),
        null=True,
        blank=True,
        help_text=_("Of concurrent licences, to work away from the network. Empty: not at all."),
    )
    require_heartbeat = models.BooleanField(_("heartbeat required"), default=False)
    self_service = models.CharField(
        _("when full, offer"), max_length=7, choices=labels.SELF_SERVICE, default=SelfService.SEE
    )
    bind_on_first_activation = models.CharField(
        _("the first device ties it to"),
        max_length=8,
        choices=labels.BIND_TO,
        default=BindTo.NOTHING,
        blank=True,
        help_text=_("Later devices must have the same. Staff may change it on the licence."),
    )
    releases_per_30_days = models.PositiveIntegerField(
        _("devices freed in 30 days, at most"),
        null=True,
        blank=True,
        help_text=_("Empty: ten for each seat."),
    )
    key_scheme = models.CharField(
        _("key scheme"), max_length=10, choices=labels.KEY_SCHEME, blank=True
    )
    key_prefix = models.CharField(
        _("key prefix"),
        max_length=10,
        blank=True,
        validators=[KEY_PREFIX],
        help_text=_("Empty: as the product."),
    )
    reserved_for = models.ForeignKey(
        Tenant, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = LicenseTemplateManager()

    class Meta:
        verbose_name = _("template")
        verbose_name_plural = _("templates")
        constraints = [
            models.CheckConstraint(condition=Q(max_activations__gte=1), name="template_has_a_seat"),
            models.CheckConstraint(
                condition=Q(heartbeat_interval_seconds__gte=1), name="template_heartbeat_positive"
            ),
            models.CheckConstraint(
                condition=Q(lease_seconds=None) | Q(lease_seconds__gte=1),
                name="template_lease_positive",
            ),
            models.CheckConstraint(
                condition=Q(max_borrow_days=None) | Q(max_borrow_days__range=(1, MOST_BORROW_DAYS)),
                name="template_borrow_days",
                violation_error_message=_("Between 1 and 90 days."),
            ),
        ]

    def __str__(self) -> str:
        return self.template_name


class TemplateFeature(models.Model):
    """A feature as a template grants it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    template = models.ForeignKey(LicenseTemplate, on_delete=models.CASCADE, related_name="features")
    feature_id = models.CharField(_("feature id"), max_length=50)
    feature_name = models.CharField(_("name"), max_length=200)
    included = models.BooleanField(_("included"), default=True)
    default_limit = models.DecimalField(
        _("limit"), max_digits=24, decimal_places=6, null=True, blank=True
    )
    configurable = models.BooleanField(_("may be changed in an order"), default=True)
    required = models.BooleanField(_("may not be left out"), default=False)
    position = models.PositiveSmallIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("granted feature")
        verbose_name_plural = _("granted features")
        constraints = [
            models.UniqueConstraint(
                fields=["template", "feature_id"], name="template_feature_once"
            ),
        ]

    def __str__(self) -> str:
        return self.feature_name


class TemplateRestriction(models.Model):
    """Where, when or on what a template's licences may run."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    template = models.ForeignKey(
        LicenseTemplate, on_delete=models.CASCADE, related_name="restrictions"
    )
    restriction_type = models.CharField(
        _("looks at"), max_length=12, choices=labels.RESTRICTION_TYPE
    )
    operator = models.CharField(_("operator"), max_length=5, choices=labels.OPERATOR)
    configurable = models.BooleanField(_("may be changed in an order"), default=True)
    default_values = models.JSONField(_("values"), default=list, blank=True)
    # What device values were, encrypted, so that they can be digested anew under another key.
    sealed = models.JSONField(default=list, blank=True, editable=False)
    position = models.PositiveSmallIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("restriction")
        verbose_name_plural = _("restrictions")

    def __str__(self) -> str:
        return f"{self.get_operator_display()} {self.get_restriction_type_display()}"

    @property
    def shown_values(self) -> list[str]:
        """Return the values as people may see them."""
        return shown_values(self.restriction_type, self.default_values)
