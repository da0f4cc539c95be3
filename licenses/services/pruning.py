"""Forgetting what only guarded against a repetition that can no longer come."""

from datetime import datetime, timedelta

from licenses.models import AppliedBatch, KeyLink, OfflineRequest

KEPT = timedelta(days=7)
# A link shows nothing after its seven days; so long its page still says when it was used.
LINKS_KEPT = timedelta(days=90)


def prune_applied_batches(*, at: datetime) -> int:
    """Delete the marks of heartbeat batches written more than a week ago; return how many."""
    deleted, _ = AppliedBatch.objects.filter(applied_at__lt=at - KEPT).delete()
    return deleted


def prune_offline_requests(*, at: datetime) -> int:
    """Delete the requests that were answered a month ago, with their answers; return how many."""
    deleted, _ = OfflineRequest.objects.over(at).delete()
    return deleted


def prune_key_links(*, at: datetime) -> int:
    """Delete links of mails that ended 90 days ago, used or not; return how many."""
    deleted, _ = KeyLink.objects.filter(expires_at__lt=at - LINKS_KEPT).delete()
    return deleted
