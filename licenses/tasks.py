"""Jobs: each finds what is due and hands it to a service; safe late, twice and in parallel."""

from datetime import datetime

from celery import shared_task
from django.utils import timezone

from licenses.services import heartbeat, lifecycle, pruning


def moment(at: str | None) -> datetime:
    """Return the instant that a job is asked to act at, or now."""
    return datetime.fromisoformat(at) if at else timezone.now()


@shared_task
def catch_up_statuses(at: str | None = None) -> dict[str, int]:
    """Write down what the clock did to licences: expiry, and the end of grace."""
    return {"licenses": lifecycle.catch_up(at=moment(at))}


@shared_task
def flush_heartbeats(at: str | None = None) -> dict[str, int]:
    """Write down the heartbeats that devices left in Redis since the last time."""
    return {"rows": heartbeat.flush(at=moment(at))}


@shared_task
def prune_applied_batches(at: str | None = None) -> dict[str, int]:
    """Forget which heartbeat batches were written, once no batch can come again."""
    return {"batches": pruning.prune_applied_batches(at=moment(at))}
