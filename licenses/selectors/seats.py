"""Which devices hold a licence's seats, and which of them have fallen silent."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Sum
from django.db.models.functions import Coalesce

from licenses.models import Activation, License

# A device unseen for longer is the first to be offered when a seat is wanted.
UNSEEN = timedelta(days=30)
# Beyond this the longest unseen cannot be sorted out while somebody waits.
SORTABLE = 10_000
# More pips than this are a carpet; a meter says it better.
_PIPS = 100


@dataclass(frozen=True, slots=True)
class Drawn:
    """A licence's seats as pages draw them: in use, held by a silent device, free."""

    taken: int
    capacity: int | None
    unseen: int

    @property
    def in_use(self) -> int:
        return self.taken - self.unseen

    @property
    def free(self) -> int:
        return max(0, (self.capacity or 0) - self.taken)

    @property
    def drawn(self) -> bool:
        """Whether there are few enough to be drawn one by one."""
        return self.capacity is not None and max(self.capacity, self.taken) <= _PIPS

    @property
    def pips(self) -> list[str]:
        """The look of each pip, in order."""
        return ["on"] * self.in_use + ["idle"] * self.unseen + [""] * self.free


@dataclass(frozen=True, slots=True)
class SeatHolder:
    """A device that holds a seat, and when it was last heard of."""

    activation: Activation
    last_seen: datetime
    heard: bool
    unseen: bool
    # Its lease has run out; whether its seat was taken back yet makes no difference to it.
    lapsed: bool = False


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
    holding = _with_last_seen(license.activations.holding())
    sortable = license.current_activations <= SORTABLE
    rows = holding.order_by("last_seen", "id") if sortable else holding.order_by("-id")
    return [_holder(row, at) for row in rows[:limit]]


def resting(license: License, *, at: datetime, limit: int) -> list[SeatHolder]:
    """Return devices whose lapsed lease was taken back, the latest first, at most `limit`."""
    rows = license.activations.live().filter(units=0, lease_expires_at__lte=at)
    return [_holder(row, at) for row in _with_last_seen(rows).order_by("-last_seen", "-id")[:limit]]


def drawn(license: License, *, at: datetime) -> Drawn:
    """Return a licence's seats as they are drawn; where names hold them, no device is missed."""
    taken = license.current_activations
    unseen = 0 if license.held_by_names else unseen_units(license, at=at)
    # Read a moment later than the counter: no more pips than there are seats taken.
    return Drawn(taken, license.capacity, min(unseen, taken))


def unseen_units(license: License, *, at: datetime) -> int:
    """Return how many units are held by devices that have not been heard of for a month."""
    if license.current_activations > SORTABLE:
        return 0
    silent = _with_last_seen(license.activations.holding()).filter(last_seen__lt=at - UNSEEN)
    return silent.aggregate(held=Sum("units"))["held"] or 0


def _holder(row: Any, at: datetime) -> SeatHolder:
    return SeatHolder(
        activation=row,
        last_seen=row.last_seen,
        heard=row.heard_at is not None,
        unseen=row.last_seen < at - UNSEEN,
        lapsed=row.lapsed_at(at),
    )


def _with_last_seen(rows: Any) -> Any:
    """A device that was never heard of was last seen when it activated."""
    return rows.select_related("named_user", "offline_device").annotate(
        heard_at=F("heartbeat__last_heartbeat"),
        last_seen=Coalesce("heartbeat__last_heartbeat", "activated_at"),
    )
