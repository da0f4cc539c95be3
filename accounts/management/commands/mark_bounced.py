"""Notes which e-mails came back."""

import re
import sys
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from accounts.management.refusable import RefusableCommand
from events.refusals import Refusal
from events.services import returned

# As our mails name themselves; whoever returns one quotes its headers.
_OURS = re.compile(r"<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.notice@", re.IGNORECASE)
_MOST_READ = 1_000_000


class Command(RefusableCommand):
    """Repeats safely; what is not ours, or never left, is told and passed over."""

    help = (
        "Mark e-mails as come back, by their ids or by the report of a mail server.\n\n"
        "    manage.py mark_bounced 019ac3f0-0000-7000-8000-000000000000\n"
        "    manage.py mark_bounced - < report.eml\n\n"
        "With `-` every mail of ours that the report quotes is marked, so that a mailbox\n"
        "for returned mails can be piped into it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("ids", nargs="+", metavar="ID", help="of an e-mail, or - for a report")

    def handle(self, *args: Any, **options: Any) -> None:
        found = _quoted() if options["ids"] == ["-"] else [_named(text) for text in options["ids"]]
        marked = 0
        for pk in dict.fromkeys(found):
            try:
                returned.mark_bounced(notice_id=pk, at=timezone.now(), origin=self.origin)
            except Refusal as refusal:
                self.stderr.write(f"{pk}: {refusal.code}")
            else:
                marked += 1
        self.stdout.write(f"Marked as come back: {marked}.")


def _quoted() -> list[UUID]:
    return [UUID(one) for one in _OURS.findall(sys.stdin.read(_MOST_READ))]


def _named(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise CommandError(f"{text} is no id of an e-mail.") from None
