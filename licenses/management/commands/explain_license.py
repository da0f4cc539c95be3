"""`manage.py explain_license`: why a licence is what it is, in words."""

import uuid
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from accounts.management.refusable import RefusableCommand
from events import vault
from licenses.models import License
from licenses.selectors import typed_keys
from licenses.selectors.explanation import explain
from licenses.selectors.snapshots import KEY


class Command(RefusableCommand):
    """Writes nothing and shows no key."""

    help = (
        "Say why a licence is what it is now, or at another time.\n\n"
        "    manage.py explain_license 9QRA-R9D0-HK8H-D92H-3F1B\n"
        "    manage.py explain_license 9QRA-R9D0-HK8H-D92H-3F1B --at 2027-01-31"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("key", help="the licence key, or the licence's id")
        parser.add_argument("--at", help="a time as 2027-01-31T09:00Z, or a day; default: now")

    def handle(self, *args: Any, **options: Any) -> None:
        license = _found(options["key"])
        at = moment_of(options["at"]) if options["at"] else timezone.now()
        self.stdout.write("\n".join([license.masked_key, *explain(license, at=at)]))


def _found(text: str) -> License:
    try:
        license = License.objects.filter(pk=uuid.UUID(text)).first()
    except ValueError:
        key = typed_keys.canonical(text)
        if key is None:
            raise CommandError(
                "INVALID_LICENSE_KEY_FORMAT: this is no key of ours; a typing error?"
            ) from None
        license = License.objects.filter(key_digest__in=vault.digests(KEY, key)).first()
    if license is None:
        raise CommandError("LICENSE_NOT_FOUND: no licence has this key.")
    return license


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
