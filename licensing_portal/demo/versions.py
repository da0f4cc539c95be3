"""The versions of the demo's products, and which of them a device would run."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from licenses.models import Product
from licenses.services import releases
from licensing_portal.demo import cast
from licensing_portal.demo.stage import BEGAN_DAYS_AGO, Stage


@dataclass(frozen=True, slots=True)
class Version:
    """A version, how many days ago it was published, and the day it counts as where another."""

    product_id: str
    version: str
    days_ago: int
    counts_as: int | None = None
    notes: str = ""

    @property
    def released(self) -> int:
        return self.days_ago if self.counts_as is None else self.counts_as


VERSIONS = (
    Version("strata-desktop", "7.9.0", 810),
    Version("strata-desktop", "8.1.4", 410, notes="Sections are drawn from several boreholes."),
    Version("strata-desktop", "8.2.1", 75, notes="Kriging runs on all cores."),
    Version(
        "strata-desktop", "8.1.5", 30, counts_as=410,
        notes="Closes a hole in the seismic import; free for everybody who owns 8.1.",
    ),
    Version("strata-compute", "5.0.3", 800),
    Version("strata-compute", "5.3.0", 380),
    Version("strata-compute", "5.4.0", 110, notes="Two accelerators share one model."),
    Version("fieldbook", "3.8.1", 790),
    Version("fieldbook", "3.10.0", 420),
    Version("fieldbook", "3.11.2", 50, notes="Photos are synchronised in the background."),
    Version("strata-connect", "1.6.2", 780),
    Version("strata-connect", "2.0.5", 200),
    Version("strata-viewer", "8.1.0", 800),
    Version("strata-viewer", "8.2.0", 75),
)  # fmt: skip


def publish(stage: Stage, version: Version, at: datetime) -> None:
    """Publish a version on its day, or on the first one of the demo."""
    fields = {
        "version": version.version,
        "released_at": stage.ago(version.released),
        "notes": version.notes,
    }
    product = Product.objects.get(product_id=version.product_id)
    releases.publish_release(product=product, fields=fields, at=at, origin=cast.SALES)


def published_when() -> Iterator[tuple[float, Version]]:
    """Yield how many days ago each version was published, none before the demo begins."""
    for version in VERSIONS:
        yield min(version.days_ago, BEGAN_DAYS_AGO - 1), version


def newest_of(stage: Stage, product_id: str, at: datetime, *, until: datetime | None = None) -> str:
    """Return the newest version that is out on that day, or that maintenance until then covers."""
    out = [
        version
        for version in VERSIONS
        if version.product_id == product_id
        and (stage.ago(version.days_ago) <= at or version.days_ago >= BEGAN_DAYS_AGO)
        and (until is None or stage.ago(version.released) < until)
    ]
    newest = max(out, key=lambda version: (-version.released, version.version))
    return newest.version
