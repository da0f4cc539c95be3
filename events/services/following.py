"""Following the trail: each event of some types is handed on, none is passed over."""

from collections.abc import Collection, Iterator

from django.db.models import Max

from events import statements
from events.models import Event, Mark
from events.statements import Writing


def unheard(name: str, types: Collection[str], *, chunk: int) -> Iterator[list[Event]]:
    """
    Yield the events of these types that `name` may not have heard of, in parts.

    Whoever takes them must not mind to be handed some twice: the mark moves once all were taken,
    and on PostgreSQL it stays behind while others write. Events get their numbers before they are
    committed, so there a lower number may appear late.
    """
    mark = Mark.objects.filter(pk=name).first() or Mark(name=name)
    now = statements.writing()
    rows = Event.objects.filter(type__in=types)
    last = mark.sequence
    while part := list(rows.filter(sequence__gt=last).order_by("sequence")[:chunk]):
        yield part
        last = part[-1].sequence
    _move(mark, last, now)


def hear_nothing_before(name: str) -> None:
    """Let all that is written so far be passed over: it is no news."""
    last = Event.objects.aggregate(last=Max("sequence"))["last"] or 0
    Mark.objects.update_or_create(
        name=name, defaults={"sequence": last, "next_sequence": last, "awaited": []}
    )


def _move(mark: Mark, last: int, now: Writing | None) -> None:
    """
    Write down how far was heard.

    Numbers up to one are all heard of when those who were writing at that number have ended:
    whoever began later draws higher ones.
    """
    if now is None:
        mark.sequence = last
    elif not now.writers:
        mark.sequence = mark.next_sequence = now.last
        mark.awaited = []
    elif now.writers.isdisjoint(mark.awaited):
        mark.sequence, mark.next_sequence = mark.next_sequence, now.last
        mark.awaited = sorted(now.writers)
    fields = ("sequence", "next_sequence", "awaited")
    told = {name: getattr(mark, name) for name in fields}
    Mark.objects.update_or_create(name=mark.name, defaults=told)
