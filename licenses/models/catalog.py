"""Products and their features."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from licenses.keys import PREFIX_FORM, KeyScheme
from licenses.models import labels
from licenses.terms import Period

SLUG = RegexValidator(
    r"^[a-z0-9][a-z0-9_.-]{0,49}\Z", _("Small letters, digits, `_`, `.` and `-`; at most 50.")
)

KEY_PREFIX = RegexValidator(
    rf"^(?:{PREFIX_FORM.pattern})\Z",
    _("2 to 10 capital letters or digits, a letter first."),
)


class Product(models.Model):
    """A piece of software that is sold; named by its slug in the API."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    product_id = models.CharField(_("product id"), max_length=50, unique=True, validators=[SLUG])
    product_name = models.CharField(_("name"), max_length=200)
    product_version = models.CharField(_("version"), max_length=50)
    description = models.TextField(_("description"), blank=True)
    key_scheme = models.CharField(
        _("key scheme"), max_length=10, choices=labels.KEY_SCHEME, default=KeyScheme.GROUPED
    )
    key_prefix = models.CharField(
        _("key prefix"),
        max_length=10,
        blank=True,
        validators=[KEY_PREFIX],
        help_text=_("Keys begin so; empty: AGY, CAIO or NLS. GROUPED keys have none."),
    )
    key_version = models.CharField(
        _("key version"),
        max_length=2,
        choices=labels.KEY_VERSION,
        blank=True,
        help_text=_("Of SIGNED keys only; empty: v2."),
    )
    active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")

    def __str__(self) -> str:
        return self.product_name


class Feature(models.Model):
    """Something a product can do that is granted licence by licence."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="features")
    feature_id = models.CharField(_("feature id"), max_length=50, validators=[SLUG])
    feature_name = models.CharField(_("name"), max_length=200)
    limit_type = models.CharField(
        _("limit measures"), max_length=10, choices=labels.LIMIT_TYPE, blank=True
    )
    period = models.CharField(
        _("quota starts anew"), max_length=5, choices=labels.PERIOD, default=Period.NONE
    )
    unit = models.CharField(_("unit"), max_length=30, blank=True)

    class Meta:
        verbose_name = _("feature")
        verbose_name_plural = _("features")
        constraints = [
            models.UniqueConstraint(
                fields=["product", "feature_id"], name="feature_id_unique_in_product"
            ),
        ]

    def __str__(self) -> str:
        return self.feature_name
