"""Noting devices that fell silent: advice for whoever asks why, which takes nothing from them."""

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from events import trail
from events.models import Event, Mark
from licenses.models import Activation, License
from licenses.states import Status

NAME = "silent devices"
CHUNK = 5_000
# A heartbeat may lie in the buffer for a while, or be on its way.
_PATIENCE = timedelta(hours=1)
_FIRST_LOOK = timedelta(days=1)
# The first and the last id of it.
Page = tuple[uuid.UUID, uuid.UUID]


@transaction.atomic
def note_silent(*, at: datetime, is_now: bool = True, chunk: int = CHUNK) -> int:
    """
    Write an event for each device from which a heartbeat has been missing since the last look.

    Only of licences that would let it work. All or nothing, and one at a time: a device is noted
    once for each silence. With `is_now` false a day is looked at, whenever the last look was.
    Every device is looked at, page by page: no index may name a column that each heartbeat moves.
    """
    # Its own row is the lock: whoever comes second waits, and finds nothing left.
    mark, _ = Mark.objects.get_or_create(name=NAME)
    mark = Mark.objects.select_for_update().get(pk=NAME)
    until = at - _PATIENCE
    since = until - _FIRST_LOOK
    if is_now and mark.moment is not None:
        since = mark.moment
    noted = sum(
        _note(page, since=since, until=until, at=at) for page in _pages(chunk) if since < until
    )
    if is_now and since < until:
        mark.moment = until
        mark.save()
    return noted


def _pages(chunk: int) -> Iterator[Page]:
    """Yield the ends of pages of all devices, in order of their ids."""
    rest = Activation.objects.order_by("pk")
    last = uuid.UUID(int=0)
    while ids := list(rest.filter(pk__gt=last).values_list("pk", flat=True)[:chunk]):
        yield ids[0], ids[-1]
        last = ids[-1]


def _note(
    page: tuple[uuid.UUID, uuid.UUID], *, since: datetime, until: datetime, at: datetime
) -> int:
    silent = Activation.objects.live().filter(
        pk__range=page,
        heartbeat_due_at__gt=since,
        heartbeat_due_at__lte=until,
        license__in=License.objects.in_status(Status.ACTIVE, at),
    )
    found = silent.order_by("pk").values_list(
        "pk", "license_id", "license__tenant_id", "license__customer_id", "heartbeat_due_at"
    )
    events = [Event(**_told(*row, at=at)) for row in found]
    Event.objects.bulk_create(events, batch_size=500)
    return len(events)


def _told(
    device: uuid.UUID,
    license_id: uuid.UUID,
    tenant_id: uuid.UUID,
    customer_id: uuid.UUID | None,
    due: datetime | None,
    *,
    at: datetime,
) -> dict[str, Any]:
    return trail.columns(
        "activation.silent",
        at=at,
        occurred_at=due,
        origin=trail.SYSTEM,
        tenant_id=tenant_id,
        customer_id=customer_id,
        license_id=license_id,
        activation_id=device,
    )
