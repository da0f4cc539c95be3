"""`manage.py bench_fill`: very many licences to measure on."""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from accounts.management.refusable import RefusableCommand
from licenses.services.filling import fill


class Command(RefusableCommand):
    """Its keys can be computed by anyone, so it wants to be asked twice outside DEBUG."""

    help = (
        "Let there be very many licences with three features each, of the product `bench`.\n"
        "Called again for more, it adds what is missing. Whoever has this program can compute\n"
        "their keys: never where real customers are.\n\n"
        "    manage.py bench_fill --licenses 1000000"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--licenses", type=int, required=True, metavar="N")
        parser.add_argument("--seats", type=int, default=10, help="of each; default: 10")
        parser.add_argument("--yes", action="store_true", help="also outside DEBUG")

    def handle(self, *args: Any, **options: Any) -> None:
        if not (settings.DEBUG or options["yes"]):
            raise CommandError("DEBUG is off: add --yes if this is a database to measure on.")
        wanted, began, before = options["licenses"], time.monotonic(), None
        for done in fill(licenses=wanted, seats=options["seats"], at=timezone.now()):
            before = done if before is None else before
            rate = (done - before) / max(time.monotonic() - began, 0.001)
            self.stderr.write(f"{done:,} of {wanted:,} licences, {rate:,.0f} a second")
        with connection.cursor() as cursor:
            # Plans made for the empty tables would be bad ones now.
            cursor.execute("ANALYZE")
        self.stdout.write(f"{max(wanted, before or 0):,} licences.")
