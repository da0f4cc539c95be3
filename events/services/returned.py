"""Mails that did not arrive: a person says so, or has them sent again."""

import uuid
from datetime import datetime

from django.db import transaction

from events import trail
from events.models import Notice, NoticeQuerySet, NoticeState
from events.refusals import Refusal
from events.services import notices
from events.trail import Origin

# What stands as the last error of a mail that came back.
CAME_BACK = "Bounced"


@transaction.atomic
def send_again(*, notice_id: uuid.UUID, at: datetime, origin: Origin) -> Notice:
    """
    Owe a mail once more that failed, came back, or of which nobody knows whether it left.

    It goes to the same address, says what holds then, and is withdrawn if nothing of it does.

    :raises NOTICE_NOT_FOUND: there is no such mail
    :raises NOTICE_NOT_IN_TROUBLE: it waits, is on its way, or left
    """
    notice = _locked(notice_id, Notice.objects.in_trouble(at), "NOTICE_NOT_IN_TROUBLE")
    before = notice.state
    Notice.objects.filter(pk=notice.pk).update(
        state=NoticeState.QUEUED,
        due_at=at,
        claimed_at=None,
        attempts=0,
        last_error="",
        sent_at=None,
    )
    _record("notice.repeated", notice, before, NoticeState.QUEUED, at=at, origin=origin)
    transaction.on_commit(lambda: notices.start(notice), robust=True)
    notice.refresh_from_db()
    return notice


@transaction.atomic
def mark_bounced(*, notice_id: uuid.UUID, at: datetime, origin: Origin) -> Notice:
    """
    Note that a mail came back; once more changes nothing.

    :raises NOTICE_NOT_FOUND: there is no such mail
    :raises NOTICE_NOT_SENT: it never left
    """
    rows = Notice.objects.filter(pk=notice_id, state=NoticeState.BOUNCED)
    if (known := rows.first()) is not None:
        return known
    notice = _locked(notice_id, Notice.objects.may_have_left(at), "NOTICE_NOT_SENT")
    before = notice.state
    Notice.objects.filter(pk=notice.pk).update(state=NoticeState.BOUNCED, last_error=CAME_BACK)
    _record("notice.bounced", notice, before, NoticeState.BOUNCED, at=at, origin=origin)
    notice.refresh_from_db()
    return notice


def _locked(notice_id: uuid.UUID, rows: NoticeQuerySet, code: str) -> Notice:
    notice = Notice.objects.select_for_update().filter(pk=notice_id).first()
    if notice is None:
        raise Refusal("NOTICE_NOT_FOUND")
    if not rows.filter(pk=notice_id).exists():
        raise Refusal(code, state=notice.state)
    return notice


def _record(
    event: str, notice: Notice, before: str, after: str, *, at: datetime, origin: Origin
) -> None:
    trail.record(
        event,
        at=at,
        origin=origin,
        tenant_id=notice.tenant_id,
        customer_id=notice.customer_id,
        license_id=notice.license_id,
        changes={"notice_id": (None, notice.pk), "state": (before, after)},
    )
