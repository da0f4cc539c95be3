"""The counter of a locked licence's seats, as it moves when one device holds more or less."""

import uuid
from datetime import datetime, timedelta
from decimal import Decimal

from events import trail
from events.models import Event
from events.trail import Origin
from licenses import terms
from licenses.models import License
from licenses.services.forgetting import forget

TOLD = "license.seats_at"
_ONCE_IN = timedelta(days=1)


def move(license: License, units: int, *, at: datetime, origin: Origin) -> None:
    """
    Count so many units more, or fewer, of a locked licence, and tell of the share it reaches.

    Whoever takes units has looked whether they are free.
    """
    before, after = license.current_activations, license.current_activations + units
    ends_excess = units < 0 and over(license)
    license.current_activations = after
    if ends_excess:
        license.revision += 1
    license.save(update_fields=["current_activations", "revision"])
    if ends_excess:
        forget(license)
    if license.unlimited:
        return
    mark = terms.mark_reached(Decimal(before), Decimal(after), Decimal(license.max_activations))
    since = told_once_since(leased=license.leased, at=at)
    if mark is not None and not told_lately(license.pk, mark, since=since):
        trail.record(
            TOLD,
            at=at,
            # About a licence, so it names no address.
            origin=Origin(actor_kind=origin.actor_kind, request_id=origin.request_id),
            tenant_id=license.tenant_id,
            customer_id=license.customer_id,
            license_id=license.pk,
            changes={"percent": (None, mark), "current_activations": (before, after)},
        )


def told_once_since(*, leased: bool, at: datetime) -> datetime | None:
    """Return since when a share is told once only: a pool fills and empties all day."""
    return at - _ONCE_IN if leased else None


def told_lately(license_id: uuid.UUID, mark: int, *, since: datetime | None) -> bool:
    """Return whether the share was told since then; where it may be told each time, it was not."""
    if since is None:
        return False
    lately = Event.objects.of_license(license_id).filter(
        type=TOLD, recorded_at__gt=since, changes__percent__after__gte=mark
    )
    return lately.exists()


def over(license: License) -> bool:
    """
    Return whether more is taken than may be, since less was sold later.

    A snapshot says so while it lasts; hence the next reader must see when it ends.
    """
    return license.capacity is not None and license.current_activations > license.capacity
