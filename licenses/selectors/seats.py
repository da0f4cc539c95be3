"""Which devices hold a licence's seats, and which of them have fallen silent."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.db.models.functions import Coalesce

from licenses.models import Activation, License

# A device unseen for longer is the first to be offered when a seat is wanted.
UNSEEN = timedelta(days=30)
# Beyond this the longest unseen cannot be sorted out while somebody waits.
SORTABLE = 10_000


@dataclass(frozen=True, slots=True)
class SeatHolder:
    """A device that holds a seat, and when it was last heard of."""

    activation: Activation
    last_seen: datetime
    heard: bool
    unseen: bool


@dataclass(frozen=True, slots=True)
class Sign:
    """The last sign of life of a device: its activation, where it was never heard of since."""

    at: datetime
    heard: bool


def last_sign(activation: Activation) -> Sign:
    """Return when a device, read with its heartbeat, was last heard of."""
    heartbeat = getattr(activation, "heartbeat", None)
    if heartbeat is None:
        return Sign(activation.activated_at, heard=False)
    return Sign(heartbeat.last_heartbeat, heard=True)


def seat_holders(license: License, *, at: datetime, limit: int) -> list[SeatHolder]:
    """Return the devices that hold a seat, longest unseen first, at most `limit`."""
    live = _with_last_seen(license)
    sortable = license.current_activations <= SORTABLE
    rows = live.order_by("last_seen", "id") if sortable else live.order_by("-id")
    return [
        SeatHolder(
            activation=row,
            last_seen=row.last_seen,
            heard=row.heard_at is not None,
            unseen=row.last_seen < at - UNSEEN,
        )
        for row in rows[:limit]
    ]


def unseen_count(license: License, *, at: datetime) -> int:
    """Return how many of the devices have not been heard of for a month."""
    if license.current_activations > SORTABLE:
        return 0
    unseen: int = _with_last_seen(license).filter(last_seen__lt=at - UNSEEN).count()
    return unseen


def _with_last_seen(license: License) -> Any:
    """A device that was never heard of was last seen when it activated."""
    return (
        Activation.objects.filter(license=license)
        .live()
        .select_related("named_user")
        .annotate(
            heard_at=F("heartbeat__last_heartbeat"),
            last_seen=Coalesce("heartbeat__last_heartbeat", "activated_at"),
        )
    )
