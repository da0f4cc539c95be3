"""Jobs: what waits to be told is told."""

import time
import uuid
from datetime import datetime

from celery import shared_task
from django.utils import timezone

from events.models import WebhookEndpoint
from events.services import notices, pruning
from events.services.webhooks import feeding, sending
from events.services.webhooks.sending import Outcome

# A round of webhooks ends so soon, whatever is left: the next begins when this one ends.
_ROUND_SECONDS = 5.0
_CHUNKS_AT_ONCE = 20


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
def deliver_webhooks(at: str | None = None) -> dict[str, int]:
    """Hand new events to the endpoints that asked for them, and send what waits, turn by turn."""
    moment = datetime.fromisoformat(at) if at else None
    told = {"queued": 0, "taken_back": sending.take_back(at=moment or timezone.now())}
    for _chunk in range(_CHUNKS_AT_ONCE):
        made, more = feeding.feed_next(at=moment or timezone.now())
        told["queued"] += made
        if not more:
            break
    return told | _send_in_turns(moment)


def _send_in_turns(moment: datetime | None) -> dict[str, int]:
    """Send each endpoint one event after the other, so that a slow one holds up no other."""
    told = {Outcome.DELIVERED: 0, Outcome.FAILED: 0}
    ends = time.monotonic() + _ROUND_SECONDS
    rows = WebhookEndpoint.objects.with_work(moment or timezone.now())
    turns = list(rows.order_by("?").values_list("pk", flat=True))
    while turns and time.monotonic() < ends:
        for pk in list(turns):
            outcome = sending.send_next(endpoint_id=pk, at=moment or timezone.now())
            if outcome is not Outcome.NOTHING:
                told[outcome] += 1
            if outcome is not Outcome.DELIVERED:
                turns.remove(pk)
            if time.monotonic() >= ends:
                break
    return {outcome.value: many for outcome, many in told.items()}


@shared_task
def prune_webhook_deliveries(at: str | None = None) -> dict[str, int]:
    """Forget the deliveries that are older than the log is kept."""
    moment = datetime.fromisoformat(at) if at else timezone.now()
    total = 0
    while many := sending.prune(at=moment):
        total += many
    return {"deliveries": total}


@shared_task
def prune_notices(at: str | None = None) -> dict[str, int]:
    """Forget the e-mails that were over 400 days ago; what waits or is unclear stays."""
    moment = datetime.fromisoformat(at) if at else timezone.now()
    return {"notices": pruning.prune_notices(at=moment)}


notices.on_queued.append(send_notice.delay)
