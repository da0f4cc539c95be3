"""What one licence grants, and what it limits."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from licenses import terms
from licenses.models import labels
from licenses.models.license import License
from licenses.restrictions import shown_values


class Entitlement(models.Model):
    """A feature as granted by one licence, with its limit."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    license = models.ForeignKey(License, on_delete=models.CASCADE, related_name="entitlements")
    feature_id = models.CharField(_("feature id"), max_length=50)
    feature_name = models.CharField(_("feature"), max_length=200)
    enabled = models.BooleanField(_("enabled"), default=True)
    limit_value = models.DecimalField(
        _("limit"), max_digits=24, decimal_places=6, null=True, blank=True
    )
    limit_type = models.CharField(max_length=10, choices=labels.LIMIT_TYPE, blank=True)
    period = models.CharField(max_length=5, choices=labels.PERIOD, default=terms.Period.NONE)
    expires_at = models.DateTimeField(_("until"), null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("entitlement")
        verbose_name_plural = _("entitlements")
        constraints = [
            models.UniqueConstraint(fields=["license", "feature_id"], name="entitlement_once"),
        ]

    def __str__(self) -> str:
        return self.feature_name


class Restriction(models.Model):
    """Where, when or on what one licence may run."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    license = models.ForeignKey(License, on_delete=models.CASCADE, related_name="restrictions")
    restriction_type = models.CharField(max_length=12, choices=labels.RESTRICTION_TYPE)
    operator = models.CharField(max_length=5, choices=labels.OPERATOR)
    # In the form in which they are compared; those that name a device are digests with a hint.
    values = models.JSONField(default=list)
    # What device values were, encrypted, so that they can be digested anew under another key.
    sealed = models.JSONField(default=list, blank=True, editable=False)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("restriction")
        verbose_name_plural = _("restrictions")

    def __str__(self) -> str:
        return f"{self.get_operator_display()} {self.get_restriction_type_display()}"

    @property
    def shown_values(self) -> list[str]:
        """Return the values as people may see them."""
        return shown_values(self.restriction_type, self.values)
