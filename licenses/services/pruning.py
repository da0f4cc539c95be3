"""Forgetting what only guarded against a repetition that can no longer come."""

from datetime import datetime, timedelta

from licenses.models import AppliedBatch, OfflineRequest

KEPT = timedelta(days=7)


def prune_applied_batches(*, at: datetime) -> int:
    """Delete the marks of heartbeat batches written more than a week ago; return how many."""
    deleted, _ = AppliedBatch.objects.filter(applied_at__lt=at - KEPT).delete()
    return deleted


def prune_offline_requests(*, at: datetime) -> int:
    """Delete the requests that were answered a month ago, with their answers; return how many."""
    deleted, _ = OfflineRequest.objects.over(at).delete()
    return deleted
