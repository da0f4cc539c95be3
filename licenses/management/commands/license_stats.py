"""`manage.py license_stats`: how many licences there are, in which status, on how many devices."""

import json
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from accounts.management.refusable import RefusableCommand
from licenses.selectors.numbers import Numbers, numbers


class Command(RefusableCommand):
    """Statuses are what the clock says now, not what was last written down."""

    help = (
        "Count licences by status and product, seats and devices. Seats taken are those that\n"
        "devices hold now, of licences in whatever status.\n\n"
        "    manage.py license_stats\n"
        "    manage.py license_stats --json | jq .by_status.ACTIVE"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="for other programs")

    def handle(self, *args: Any, **options: Any) -> None:
        found = numbers(at=timezone.now())
        if options["json"]:
            self.stdout.write(json.dumps(found.as_dict(), indent=2, ensure_ascii=False))
        else:
            self._table(found)

    def _table(self, found: Numbers) -> None:
        rows: list[tuple[str, int]] = [
            ("licences", found.licenses),
            *((f"  {status}", many) for status, many in found.by_status.items()),
            ("in grace", found.in_grace),
            ("ending in 30 days", found.ending_in_30_days),
            ("seats taken", found.seats_taken),
            ("devices", found.devices),
            *((f"  {name}", many) for name, many in found.by_product.items()),
        ]
        width = max(len(name) for name, _ in rows)
        for name, many in rows:
            self.stdout.write(f"{name:<{width}}  {many:>9,}")
