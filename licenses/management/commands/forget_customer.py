"""`manage.py forget_customer`: what a person may ask for, done for good."""

import uuid
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from accounts.management.refusable import RefusableCommand
from licenses.services.erasing import forget_customer


class Command(RefusableCommand):
    """Forgets one customer; the rows and their place in the trail stay."""

    help = (
        "Forget a customer: name, addresses and whatever else names the person, in rows and in\n"
        "the trail. Nothing brings it back. docs/operators.md says what goes and what stays.\n\n"
        "    manage.py forget_customer 019a… --reason 'Asked for on 3 March' --yes"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("customer", type=uuid.UUID, help="the customer's id")
        parser.add_argument("--reason", required=True, help="kept in the trail: name nobody in it")
        parser.add_argument("--yes", action="store_true", help="it is meant, and final")
        parser.add_argument(
            "--even-with-live-licenses",
            action="store_true",
            help="forget the person although licences still work; these go on",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["yes"]:
            raise CommandError("Nothing was changed. Nothing brings it back: say --yes.")
        was_known = forget_customer(
            customer_id=options["customer"],
            reason=options["reason"],
            even_with_live_licenses=options["even_with_live_licenses"],
            at=timezone.now(),
            origin=self.origin,
        )
        self.stdout.write("Forgotten." if was_known else "There was nothing left to forget.")
