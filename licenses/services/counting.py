"""The counter of a locked licence's seats, as it moves when one device holds more or less."""

from datetime import datetime
from decimal import Decimal

from events import trail
from events.trail import Origin
from licenses import terms
from licenses.models import License
from licenses.services.forgetting import forget


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
    if mark is not None:
        trail.record(
            "license.seats_at",
            at=at,
            # About a licence, so it names no address.
            origin=Origin(actor_kind=origin.actor_kind, request_id=origin.request_id),
            tenant_id=license.tenant_id,
            customer_id=license.customer_id,
            license_id=license.pk,
            changes={"percent": (None, mark), "current_activations": (before, after)},
        )


def over(license: License) -> bool:
    """
    Return whether more is taken than may be, since less was sold later.

    A snapshot says so while it lasts; hence the next reader must see when it ends.
    """
    return license.capacity is not None and license.current_activations > license.capacity
