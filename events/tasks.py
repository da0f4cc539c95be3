"""Jobs: what waits to be told is told."""

import uuid
from datetime import datetime

from celery import shared_task
from django.utils import timezone

from events.services import notices, pruning


@shared_task
def send_notice(notice_id: str) -> str:
    """Send one notice, as soon as what it tells of is committed."""
    return notices.send(notice_id=uuid.UUID(notice_id), at=timezone.now()).value


@shared_task
def send_due_notices(at: str | None = None) -> dict[str, int]:
    """Send the e-mails that wait: those nobody took up, and those whose next try has come."""
    moment = datetime.fromisoformat(at) if at else timezone.now()
    return notices.send_due(at=moment)


@shared_task
def prune_notices(at: str | None = None) -> dict[str, int]:
    """Forget the e-mails that were over 400 days ago; what waits or is unclear stays."""
    moment = datetime.fromisoformat(at) if at else timezone.now()
    return {"notices": pruning.prune_notices(at=moment)}


notices.on_queued.append(send_notice.delay)
