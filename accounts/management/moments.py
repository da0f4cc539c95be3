"""Times as they are typed on a command line."""

from datetime import UTC, datetime

from django.core.management.base import CommandError
from django.utils.dateparse import parse_date, parse_datetime


def moment_of(text: str) -> datetime:
    """Return the moment that a text names; without a zone it is UTC, a bare day its beginning."""
    try:
        moment = parse_datetime(text)
        day = parse_date(text) if moment is None else None
    except ValueError:
        moment = day = None
    if day is not None:
        moment = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - the zone comes next
    if moment is None:
        raise CommandError(f"--at: {text!r} is no time; write 2027-01-31 or 2027-01-31T09:00Z.")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
