"""`manage.py emergency_code`: one device is let in for a day."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from accounts.management.refusable import RefusableCommand
from licenses.management.named import license_of
from licenses.services.emergency import issue_code


class Command(RefusableCommand):
    """Prints the form that is read out alone on the last line."""

    help = (
        "Make an emergency code, which lets one device in for 24 hours; three a year.\n"
        "The last line is the form to read out, the one before it the signed form.\n\n"
        "    manage.py emergency_code 9QRA-R9D0-HK8H-D92H-3F1B \\\n"
        "        --reason 'The line stands still.'\n"
        "    CODE=$(manage.py emergency_code 9QRA-R9D0-HK8H-D92H-3F1B --reason x | tail -1)"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("key", help="the licence key, or the licence's id")
        parser.add_argument("--reason", required=True, help="kept in the trail")

    def handle(self, *args: Any, **options: Any) -> None:
        made = issue_code(
            license_id=license_of(options["key"]).pk,
            reason=options["reason"],
            at=timezone.now(),
            origin=self.origin,
        )
        license = made.license
        self.stdout.write(f"{license.product_name} for {license.issued_to}, {license.masked_key}")
        self.stdout.write(f"until: {made.valid_until:%Y-%m-%d %H:%M} UTC, code {made.row.number}")
        self.stdout.write(made.signed)
        self.stdout.write(made.typed)
