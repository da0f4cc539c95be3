"""`manage.py explain_license`: why a licence is what it is, in words."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from accounts.management.moments import moment_of
from accounts.management.refusable import RefusableCommand
from licenses.management.named import license_of
from licenses.selectors.explanation import explain


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
        license = license_of(options["key"])
        at = moment_of(options["at"]) if options["at"] else timezone.now()
        self.stdout.write("\n".join([license.masked_key, *explain(license, at=at)]))
