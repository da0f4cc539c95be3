"""Which versions of a product came out when, and which of them a licence covers."""

from dataclasses import dataclass
from datetime import datetime

from licenses.facts import ReleaseFacts
from licenses.models import License, Release
from licenses.models.license_queries import LicenseQuerySet
from licenses.models.release import STABLE


@dataclass(frozen=True, slots=True)
class Coverage:
    """How far a licence's maintenance goes, in versions."""

    until: datetime
    # The newest that it covers, and the newest that came out after; None where there is none.
    newest: Release | None
    beyond: Release | None


def release_of(product_id: str, version: str) -> ReleaseFacts:
    """Return what the database holds of a version, past every cache: one statement."""
    rows = Release.objects.filter(product__product_id=product_id, version=version)
    revision, released_at = rows.values_list("revision", "released_at").first() or (0, None)
    return ReleaseFacts(product_id, version, revision, released_at)


def coverage_of(license: License, *, at: datetime) -> Coverage | None:
    """Return which stable versions that are out a licence covers; None where it covers all."""
    until = license.maintenance_expiry
    if until is None:
        return None
    out = Release.objects.filter(
        product=license.product_id, channel=STABLE, released_at__lte=at
    ).order_by("-released_at", "-id")
    return Coverage(
        until=until,
        newest=out.filter(released_at__lt=until).first(),
        beyond=out.filter(released_at__gte=until).first(),
    )


def uncovered_by(release: Release, licenses: LicenseQuerySet) -> LicenseQuerySet:
    """Return those of the licences that may not run a version: their maintenance ended before."""
    return licenses.filter(product=release.product_id).without_versions_of(release.released_at)
