"""`manage.py import_licenses`: licences from another system, or from an export of this one."""

import gc
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from accounts.management.refusable import RefusableCommand
from licenses.services.importing import Progress, Unreadable, import_licenses, rows_of


class Command(RefusableCommand):
    """Tells every row that is wrong by its line; the others are imported."""

    help = (
        "Import licences from a CSV or JSON file, such as `export_licenses --reveal` writes.\n\n"
        "    manage.py import_licenses licences.csv --dry-run\n"
        "    manage.py import_licenses licences.csv\n\n"
        "A row needs tenant, product_id or template, license_type and license_model (or a\n"
        "template that has them). Keys of other systems are kept as they are. Features:\n"
        "`maps;users=5;!beta`. A file can be imported again: keys that are there already are\n"
        "told and left alone; but a row without license_key gets a new licence each time."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--format", choices=("csv", "json"), help="default: by the file's name")
        parser.add_argument(
            "--dry-run", action="store_true", help="judge everything, write nothing"
        )
        parser.add_argument(
            "--all-or-nothing", action="store_true", help="import only if every row is right"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        # What is loaded by now stays; looking through it again with every chunk costs a fifth.
        gc.freeze()
        at = timezone.now()
        form = options["format"] or options["file"].suffix.lower().lstrip(".")
        if form not in ("csv", "json"):
            raise CommandError("Say --format csv or --format json; the name does not tell.")
        dry_run = options["dry_run"]
        if options["all_or_nothing"] and not dry_run:
            _, held, wrong = self._run(options["file"], form, at=at, dry_run=True)
            if held or wrong:
                raise CommandError(f"Nothing was imported: {_counted(held, wrong)}.")
        imported, held, wrong = self._run(options["file"], form, at=at, dry_run=dry_run)
        licences = "licence" if imported == 1 else "licences"
        done = "would be imported" if dry_run else "imported"
        self.stdout.write(f"{imported:,} {licences} {done}, {_counted(held, wrong)}.")
        if wrong:
            raise CommandError("Mend the rows that are wrong and import the file again.")

    def _run(self, path: Path, form: str, *, at: datetime, dry_run: bool) -> tuple[int, int, int]:
        imported = held = wrong = 0
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                rows = rows_of(file, form=form)
                steps = import_licenses(rows=rows, at=at, origin=self.origin, dry_run=dry_run)
                for step in self._told(steps):
                    imported = step.imported
                    there = sum(fault.held for fault in step.faults)
                    held, wrong = held + there, wrong + len(step.faults) - there
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}.") from None
        except Unreadable as error:
            raise CommandError(f"{error} {imported:,} licences came before it.") from None
        return imported, held, wrong

    def _told(self, steps: Iterator[Progress]) -> Iterator[Progress]:
        """Pass the steps on, telling whoever watches how far it is and what is wrong."""
        for step in steps:
            for fault in step.faults:
                self.stderr.write(f"line {fault.line}: {fault.words}")
            if sys.stderr.isatty():
                self.stderr.write(f"{step.read:,} rows", ending="\r")
            yield step


def _counted(held: int, wrong: int) -> str:
    told = "1 row is wrong" if wrong == 1 else f"{wrong:,} rows are wrong"
    return f"{held:,} there already, {told}" if held else told
