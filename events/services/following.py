"""Following the trail: each event of some types is handed on, none is passed over."""

from collections.abc import Collection, Iterator

from django.db.models import Max, Q

from events import statements
from events.models import Event, EventQuerySet, Mark
from events.statements import Transactions


def unheard(name: str, types: Collection[str], *, chunk: int) -> Iterator[list[Event]]:
    """
    Yield the events of these types that were not handed to `name` before, in parts.

    The mark moves once all of them were taken: whoever is killed on the way is handed some twice.
    Events get their numbers before they are committed, so on PostgreSQL a lower number may appear
    late: what counts there is which transactions have ended.
    """
    mark = Mark.objects.filter(pk=name).first() or Mark(name=name)
    running = statements.transactions()
    rows = Event.objects.filter(type__in=types, sequence__gt=mark.sequence)
    if running is not None:
        rows = _ended(rows, mark, running)
    last = mark.sequence
    while part := list(rows.filter(sequence__gt=last).order_by("sequence")[:chunk]):
        yield part
        last = part[-1].sequence
    _move(mark, last, running)


def hear_nothing_before(name: str) -> None:
    """Let all that is written so far be passed over: it is no news."""
    last = Event.objects.aggregate(last=Max("sequence"))["last"] or 0
    Mark.objects.update_or_create(name=name, defaults={"sequence": last, "next_sequence": last})


def _ended(rows: EventQuerySet, mark: Mark, running: Transactions) -> EventQuerySet:
    ended = Q(transaction_id__gte=mark.transaction_id, transaction_id__lt=running.settled_before)
    # What a trial run wrote itself counts as ended: it is taken back together with what follows.
    return rows.filter(ended | Q(transaction_id=running.own))


def _move(mark: Mark, last: int, running: Transactions | None) -> None:
    """
    Write down how far was heard.

    A transaction that runs now may hold numbers below `last`. The floor rises to it when all that
    were running have ended: whatever begins later gets higher numbers.
    """
    if running is None:
        mark.sequence = last
    else:
        if running.settled_before >= mark.next_transaction_id:
            mark.sequence = mark.next_sequence
            mark.next_sequence = max(last, mark.next_sequence)
            mark.next_transaction_id = running.next
        mark.transaction_id = running.settled_before
    mark.save()
