"""Ending every hold on a licence at once."""

from datetime import datetime

from events.trail import Origin
from licenses.models import License
from licenses.services import freeing, named_seats


def empty(license: License, *, reason: str, at: datetime, origin: Origin) -> None:
    """
    Sign out every device and unassign every name of a locked licence, an event each.

    The caller stores the licence.
    """
    freeing.release_all(license, reason=reason, at=at, origin=origin)
    named_seats.take_all_away(license, reason=reason, at=at, origin=origin)
