"""How many devices and names a customer may free by itself, in 30 days."""

from datetime import datetime, timedelta

from django.db.models import Q

from events.models import Event
from events.refusals import Refusal
from events.trail import Origin
from licenses import ways_out
from licenses.models import License
from licenses.services.named_seats import UNASSIGNED

# Another name signed in on the device: its seat is where it was, so nothing was freed.
USER_CHANGED = "USER_CHANGED"
# A device that an emergency code had let in got a seat: it held none that could be freed.
ACTIVATED = "ACTIVATED"
# Those whose releases are limited; what the vendor frees is the vendor's business.
_SELF_SERVED = ("device", "member")
_PERIOD = timedelta(days=30)
_SEATS_PER_SEAT = 10


def check_release_limit(license: License, *, at: datetime, origin: Origin) -> None:
    """
    Let a release pass if the licence, whose row is locked, has one left.

    :raises RELEASE_LIMIT: if too many were freed in 30 days by devices and members themselves
    """
    if origin.actor_kind not in _SELF_SERVED:
        return
    limit = license.releases_per_30_days
    if limit is None:
        limit = _SEATS_PER_SEAT * license.max_activations
    since = at - _PERIOD
    # Whoever freed them: seldom so many that the trail need be asked how many freed themselves.
    freed = license.activations.filter(deactivated_at__gt=since).count()
    freed += license.named_users.filter(unassigned_at__gt=since).count()
    if freed < limit:
        return
    no_seat_freed = Q(reason__in=(USER_CHANGED, ACTIVATED, UNASSIGNED))
    devices = Q(type="activation.deactivated") & ~no_seat_freed
    told = Event.objects.of_license(license.pk).filter(
        # What another tenant freed before the licence came to this one is not this one's.
        Q(tenant_id=license.tenant_id),
        devices | Q(type="named_user.unassigned"),
        actor_kind__in=_SELF_SERVED,
        recorded_at__gt=since,
    )
    if (count := told.count()) < limit:
        return
    if limit == 0:
        # Time gives none back; the vendor may.
        raise Refusal(
            "RELEASE_LIMIT", limit=limit, next_action="contact_vendor", retry_after=86_400
        )
    # One more is left once that many of the oldest are out of the period.
    last = told.order_by("recorded_at").values_list("recorded_at", flat=True)[count - limit]
    again = ways_out.seconds_until(last + _PERIOD, at)
    raise Refusal("RELEASE_LIMIT", limit=limit, retry_after=again)
