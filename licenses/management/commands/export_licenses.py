"""`manage.py export_licenses`: licences as CSV or JSON, for other systems and for safe keeping."""

import contextlib
import csv
import json
import sys
import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db.models import Q
from django.utils import timezone

from accounts.management.refusable import RefusableCommand
from accounts.models import Customer
from licenses.models import License
from licenses.selectors.export import CHUNK, FIELDS, cell, exported
from licenses.services.keyring import reveal_keys


class Command(RefusableCommand):
    """Streams to standard output; keys are masked unless they are asked for."""

    help = (
        "Write licences to standard output.\n\n"
        "    manage.py export_licenses --format csv > licences.csv\n"
        "    manage.py export_licenses --format json --customer buyer@brenner.example --reveal\n\n"
        "--reveal writes keys in clear, and an event for every one of them."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", choices=("csv", "json"), default="csv")
        parser.add_argument("--customer", help="id, external id or e-mail of one customer")
        parser.add_argument("--reveal", action="store_true", help="keys in clear, each an event")

    def handle(self, *args: Any, **options: Any) -> None:
        at = timezone.now()
        licenses = License.objects.with_names().order_by("id")
        if options["customer"]:
            licenses = licenses.filter(customer__in=_customers(options["customer"]))
        rows = self._told(
            exported(
                licenses,
                keys=lambda chunk: (
                    self._keys([row.pk for row in chunk], at=at) if options["reveal"] else {}
                ),
                at=at,
            )
        )
        if options["format"] == "csv":
            self._csv(rows)
        else:
            self._json(rows)

    def _keys(self, ids: list[uuid.UUID], *, at: datetime) -> dict[uuid.UUID, str]:
        return reveal_keys(license_ids=ids, reason="Exported.", at=at, origin=self.origin)

    def _told(self, rows: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Pass the rows on, telling a person who watches how many there were."""
        for done, row in enumerate(rows, 1):
            yield row
            if done % CHUNK == 0 and sys.stderr.isatty():
                self.stderr.write(f"{done:,} licences", ending="\r")

    def _csv(self, rows: Iterator[dict[str, Any]]) -> None:
        writer = csv.DictWriter(self.stdout, FIELDS, lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: cell(value) for name, value in row.items()} for row in rows)

    def _json(self, rows: Iterator[dict[str, Any]]) -> None:
        self.stdout.write("[", ending="")
        for number, row in enumerate(rows):
            self.stdout.write(",\n " if number else "\n ", ending="")
            self.stdout.write(json.dumps(row, ensure_ascii=False), ending="")
        self.stdout.write("\n]")


def _customers(name: str) -> list[uuid.UUID]:
    condition = Q(external_id=name) | Q(email__iexact=name)
    with contextlib.suppress(ValueError):
        condition = Q(pk=uuid.UUID(name))
    found = list(Customer.objects.filter(condition).values_list("pk", flat=True))
    if not found:
        raise CommandError(f"CUSTOMER_NOT_FOUND: no customer is called {name}.")
    return found
