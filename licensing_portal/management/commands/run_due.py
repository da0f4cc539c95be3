"""`manage.py run_due`: every job of the beat table once, without a broker."""

from typing import Any

from celery import Task
from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from accounts.management.moments import moment_of
from accounts.management.refusable import RefusableCommand
from licensing_portal.celery import BEAT, app

# What these do cannot be taken back by the database.
BEYOND_THE_DATABASE = {
    "licenses.tasks.flush_heartbeats",
    "licenses.tasks.keep_signing_keys",
    "licenses.tasks.reap_leases",
    "licenses.tasks.sign_out_barred",
    "events.tasks.send_due_notices",
    "events.tasks.deliver_webhooks",
}


class Command(RefusableCommand):
    """One failing job stops none of the others."""

    help = (
        "Run every job of the beat table once, in this process.\n\n"
        "    manage.py run_due\n"
        "    manage.py run_due --at 2027-01-31T00:00Z --dry-run\n\n"
        "A time in the future moves licences as if it had come: it needs DEBUG or\n"
        "--yes-move-time, unless it is only tried."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--at", help="a time as 2027-01-31T09:00Z, or a day; default: now")
        parser.add_argument("--dry-run", action="store_true", help="tell, and take it all back")
        parser.add_argument("--yes-move-time", action="store_true", help="a future --at is meant")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        at = moment_of(options["at"]) if options["at"] else now
        dry_run = options["dry_run"]
        meant = settings.DEBUG or options["yes_move_time"] or dry_run
        if at > now and not meant:
            raise CommandError("--at is in the future: add --yes-move-time, or --dry-run.")
        app.autodiscover_tasks(force=True)
        failed = [
            name
            for name, entry in BEAT.items()
            if not self._run(name, app.tasks[entry["task"]], at.isoformat(), dry_run=dry_run)
        ]
        if failed:
            raise CommandError(f"Failed: {', '.join(failed)}.")

    def _run(self, name: str, task: Task, at: str, *, dry_run: bool) -> bool:
        """Run one job and say what it reports; return whether it went well."""
        if dry_run and task.name in BEYOND_THE_DATABASE:
            self.stdout.write(f"{name}: would run; not tried, since it could not be taken back")
            return True
        try:
            report = _taken_back(task, at) if dry_run else _done(task, at)
        except Exception as error:
            self.stderr.write(f"{name}: {type(error).__name__}: {error}")
            return False
        self.stdout.write(f"{name}: {_in_words(report)}{', taken back' if dry_run else ''}")
        return True


def _done(task: Task, at: str) -> Any:
    # Through the task, so that its run is written down.
    return task.apply(kwargs={"at": at}, throw=True).get()


def _taken_back(task: Task, at: str) -> Any:
    with transaction.atomic():
        report = task.run(at=at)
        transaction.set_rollback(True)
    return report


def _in_words(report: Any) -> str:
    if not isinstance(report, dict):
        return "done"
    return ", ".join(f"{many:,} {what}" for what, many in report.items())
