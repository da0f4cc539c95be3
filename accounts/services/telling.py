"""Telling people what happened to what they hold: from the trail, whoever caused it."""

from collections.abc import Sequence
from datetime import datetime

from accounts.selectors.addressees import addressees
from events.models import Event
from events.notifications import kinds
from events.services import following
from events.services.owing import Owed, queue_many

NAME = "owed mails"
CHUNK = 500


def tell_of_events(*, at: datetime, chunk: int = CHUNK) -> int:
    """
    Owe the mails about all events of which nobody was told yet; return how many these are.

    Late, twice or in parallel: an event is told once to each, since it is part of the notice's key.
    """
    kind_of = {event_type: name for name, kind in kinds.items() for event_type in kind.follows}
    return sum(
        queue_many(_owed(events, kind_of), at=at)
        for events in following.unheard(NAME, kind_of, chunk=chunk)
    )


def begin_now() -> None:
    """Let all that has happened so far be told to nobody."""
    following.hear_nothing_before(NAME)


def _owed(events: Sequence[Event], kind_of: dict[str, str]) -> list[Owed]:
    """Return a mail for everybody whom each event concerns, by topics: each has its own deaf."""
    owed = []
    for topic in {kinds[kind].topic for kind in kind_of.values()}:
        told = [event for event in events if kinds[kind_of[event.type]].topic == topic]
        about = {
            event.pk: (event.tenant_id, event.customer_id) for event in told if event.tenant_id
        }
        found = addressees(about.values(), topic=topic)
        owed += [
            Owed(
                kind=kind_of[event.type],
                occasion=f"{event.event_id}:{who.mark}",
                recipient=who.email,
                tenant_id=event.tenant_id,
                customer_id=who.customer_id,
                membership_id=who.membership_id,
                license_id=event.license_id,
            )
            for event in told
            if event.pk in about
            for who in found.get(about[event.pk], [])
        ]
    return owed
