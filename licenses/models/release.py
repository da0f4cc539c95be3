"""Versions of a product, and when each came out."""

from django.core.validators import RegexValidator, URLValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from licenses.models.catalog import SLUG, Product

VERSION = RegexValidator(
    r"^[A-Za-z0-9][A-Za-z0-9._+~:-]{0,99}\Z",
    _("Letters, digits, `.`, `_`, `+`, `~`, `:` and `-`; at most 100."),
)
STABLE = "stable"


class Release(models.Model):
    """A version of a product; its date decides which licences' maintenance covers it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # The unique constraint below begins with it.
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="releases", db_index=False
    )
    version = models.CharField(_("version"), max_length=100, validators=[VERSION])
    # May lie before the day on which it was written here: a patch of a line that customers own
    # is dated back into their maintenance.
    released_at = models.DateTimeField(_("released"))
    channel = models.CharField(_("channel"), max_length=50, default=STABLE, validators=[SLUG])
    notes = models.TextField(_("notes"), blank=True)
    url = models.CharField(
        _("address"),
        max_length=500,
        blank=True,
        validators=[URLValidator(schemes=["http", "https"])],
    )
    # Rises with every change: a copy of the date is guarded by it.
    revision = models.PositiveBigIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        verbose_name = _("release")
        verbose_name_plural = _("releases")
        constraints = [
            models.UniqueConstraint(
                fields=["product", "version"], name="release_version_unique_in_product"
            ),
        ]
        indexes = [
            # The product's list, and the newest version that a licence covers.
            models.Index(fields=["product", "-released_at"], name="release_newest"),
        ]

    def __str__(self) -> str:
        return self.version
