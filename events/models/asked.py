"""Types of events as they are asked for: exact, all of a kind as `license.*`, or `*` for all."""

from django.db.models import Q

EVERYTHING = "*"
# What a test is called; it is no event, and no trail holds it.
TEST = "webhook.test"
_ANY_OF = ".*"


def covering(asked: list[str]) -> Q:
    """Return the condition under which an event is of a type that was asked for."""
    wanted = Q(type__in=asked)
    for text in asked:
        if text == EVERYTHING:
            return Q()
        if text.endswith(_ANY_OF):
            wanted |= Q(type__startswith=text.removesuffix("*"))
    return wanted


def covers(asked: str, event_type: str) -> bool:
    """Return whether what was asked for (exact, `license.*` or `*`) covers a type of event."""
    if asked.endswith(_ANY_OF):
        return event_type.startswith(asked.removesuffix("*"))
    return asked in (EVERYTHING, event_type)
