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
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.management.refusable import RefusableCommand
from accounts.models import Customer
from licenses.models import License
from licenses.services.keyring import reveal_keys

_CHUNK = 500
FIELDS = (
    "id", "license_key", "tenant", "customer", "issued_to", "product_id", "product_name",
    "product_version", "license_type", "license_model", "status", "max_activations", "unlimited",
    "current_activations", "issued_date", "activation_date", "expiry_date", "grace_ends_at",
    "maintenance_expiry", "auto_renewal", "suspension_code",
)  # fmt: skip


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
        rows = self._rows(licenses, at=at, reveal=options["reveal"])
        if options["format"] == "csv":
            self._csv(rows)
        else:
            self._json(rows)

    def _rows(
        self, licenses: QuerySet[License], *, at: datetime, reveal: bool
    ) -> Iterator[dict[str, Any]]:
        done = 0
        chunk = list(licenses[:_CHUNK])
        while chunk:
            keys = self._keys([license.pk for license in chunk], at=at) if reveal else {}
            for license in chunk:
                yield row_of(license, key=keys.get(license.pk), at=at)
            done += len(chunk)
            if sys.stderr.isatty():
                self.stderr.write(f"{done:,} licences", ending="\r")
            chunk = list(licenses.filter(pk__gt=chunk[-1].pk)[:_CHUNK])

    def _keys(self, ids: list[uuid.UUID], *, at: datetime) -> dict[uuid.UUID, str]:
        return reveal_keys(license_ids=ids, reason="Exported.", at=at, origin=self.origin)

    def _csv(self, rows: Iterator[dict[str, Any]]) -> None:
        writer = csv.DictWriter(self.stdout, FIELDS, lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)

    def _json(self, rows: Iterator[dict[str, Any]]) -> None:
        self.stdout.write("[", ending="")
        for number, row in enumerate(rows):
            self.stdout.write(",\n " if number else "\n ", ending="")
            self.stdout.write(json.dumps(row, ensure_ascii=False), ending="")
        self.stdout.write("\n]")


def row_of(license: License, *, key: str | None, at: datetime) -> dict[str, Any]:
    """Return a licence as an export shows it, with its key only if one is given."""
    said: dict[str, Any] = {
        "id": str(license.pk),
        "license_key": key or license.masked_key,
        "tenant": license.tenant.code,
        "customer": license.customer.email if license.customer else "",
        "product_id": license.product.product_id,
        "status": license.status_at(at).value,
        "suspension_code": license.suspension_code_at(at),
    }
    row = {name: said[name] if name in said else getattr(license, name) for name in FIELDS}
    return {name: _plain(value) for name, value in row.items() if value is not None}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _cell(value: Any) -> Any:
    """Return what a spreadsheet shows as text; a formula in it would be run."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    return value


def _customers(name: str) -> list[uuid.UUID]:
    condition = Q(external_id=name) | Q(email__iexact=name)
    with contextlib.suppress(ValueError):
        condition = Q(pk=uuid.UUID(name))
    found = list(Customer.objects.filter(condition).values_list("pk", flat=True))
    if not found:
        raise CommandError(f"CUSTOMER_NOT_FOUND: no customer is called {name}.")
    return found
