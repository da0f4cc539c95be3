"""`manage.py seed_demo`: a believable portal to look at and to try things on."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from accounts.management.refusable import RefusableCommand
from accounts.models import Tenant
from licensing_portal.demo.stage import write_down
from licensing_portal.demo.story import tell


@contextmanager
def _nothing_kept_for_debugging() -> Iterator[None]:
    # With DEBUG the text of each statement is kept; here that is a tenth of the work, for nobody.
    connection.make_debug_cursor = connection.make_cursor  # type: ignore[method-assign]
    try:
        yield
    finally:
        del connection.make_debug_cursor


class Command(RefusableCommand):
    """Fills an empty database; never adds to one that holds anything."""

    help = (
        "Fill an empty database with the demo of Tern & Vale: tenants, products and three hundred\n"
        "licences in every status. Its sign-ins are written to demo.json in VAR_DIR.\n\n"
        "    manage.py seed_demo --once"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="be content if data is there")
        parser.add_argument("--yes", action="store_true", help="also outside DEBUG")

    def handle(self, *args: Any, once: bool = False, yes: bool = False, **options: Any) -> None:
        if Tenant.objects.exists():
            if once:
                return
            raise CommandError("The database holds tenants already; the demo wants an empty one.")
        if not (settings.DEBUG or yes):
            raise CommandError(
                "DEBUG is off: add --yes if this portal is to hold made-up customers and sign-ins."
            )
        self.stdout.write("Seeding the demo (this once) ...")
        with _nothing_kept_for_debugging():
            stage, key = tell(at=timezone.now(), progress=self.stdout.write)
        path = write_down(settings.VAR_DIR, stage, key=key)
        self.stdout.write(f"Sign-ins and a licence key are in {path}")
