"""Jobs of the house itself."""

from celery import shared_task
from django.core.management import call_command


@shared_task
def prune_sessions(at: str | None = None) -> None:
    """Delete sessions that have ended; `at` is ignored, since sessions know their own end."""
    call_command("clearsessions")
