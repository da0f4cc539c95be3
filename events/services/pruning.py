"""Forgetting mails that are over, long after the last occasion to ask about them."""

from datetime import datetime, timedelta

from django.db.models.functions import Greatest

from events.models import Notice, NoticeState

# So long a renewal of last year can still be asked about. What waits, or is unclear, stays.
KEPT = timedelta(days=400)
_OVER = (NoticeState.SENT, NoticeState.WITHDRAWN, NoticeState.FAILED, NoticeState.BOUNCED)
CHUNK = 1_000


def prune_notices(*, at: datetime, chunk: int = CHUNK) -> int:
    """Delete mails that were over 400 days ago; return how many. Nobody is mailed again for it."""
    rows = Notice.objects.filter(state__in=_OVER)
    old = rows.annotate(last=Greatest("queued_at", "due_at")).filter(last__lt=at - KEPT)
    deleted = 0
    while ids := list(old.order_by("pk").values_list("pk", flat=True)[:chunk]):
        deleted += Notice.objects.filter(pk__in=ids).delete()[0]
    return deleted
