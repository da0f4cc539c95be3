"""Owing an e-mail and sending it: written with the act, handed over once, after the commit."""

import logging
import smtplib
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from email.utils import parseaddr
from enum import Enum

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.db.models import F

from events import trail, vault
from events.models import Notice, NoticeQuerySet, NoticeState
from events.notifications import Mail, kinds
from events.selectors.recipients import recipients_of

log = logging.getLogger("notices")

# How long after a failed try the next one comes; behind the last of them nobody tries again.
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 720, 1440))
BATCH = 200
_REFUSED_FOR_GOOD = 500
# The server's own word, or ours before it was asked; any other end of a try is unknown.
_SURELY_NOT_TAKEN = (
    smtplib.SMTPResponseException,
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPNotSupportedError,
)
# What a server refuses because of how we are set up, which somebody will mend.
_ABOUT_US = (
    smtplib.SMTPConnectError,
    smtplib.SMTPHeloError,
    smtplib.SMTPAuthenticationError,
    smtplib.SMTPSenderRefused,
)
_NO_REPLIES = {"Auto-Submitted": "auto-generated"}


class Outcome(Enum):
    """What came of one try."""

    SENT = "sent"
    FAILED = "failed"
    UNREACHABLE = "unreachable"
    UNCLEAR = "unclear"
    NOTHING = "nothing"


# What starts a try once the transaction is committed; the tasks put themselves here.
on_queued: list[Callable[[str], object]] = []


class _TakenByAnother(Exception):
    """Somebody else claimed it meanwhile; whatever was made for this try is undone."""


def queue(
    *,
    kind: str,
    occasion: str,
    recipient: str,
    at: datetime,
    tenant_id: uuid.UUID | None = None,
    customer_id: uuid.UUID | None = None,
    license_id: uuid.UUID | None = None,
) -> Notice:
    """
    Owe somebody a mail, inside the caller's transaction; it leaves after the commit.

    `occasion` names what it tells of: the same occasion again is the same notice, not a second.
    """
    notice, made = Notice.objects.get_or_create(
        dedup_key=f"{kind}:{occasion}",
        defaults={
            "kind": kind,
            "tenant_id": tenant_id,
            "customer_id": customer_id,
            "license_id": license_id,
            "recipient_sealed": vault.encrypt_for(trail.salt_of(customer_id), recipient),
            "queued_at": at,
            "due_at": at,
        },
    )
    if made:
        # A queue that is away fails nobody's act: the job finds the row a minute later.
        transaction.on_commit(lambda: start(notice), robust=True)
    return notice


def start(notice: Notice) -> None:
    """Let whoever sends know of a notice that waits."""
    for begin in on_queued:
        begin(str(notice.pk))


def withdraw(*, kind: str, license_id: uuid.UUID) -> int:
    """Let what still waits to be sent about a licence not be sent; return how many that were."""
    waiting = Notice.objects.filter(license_id=license_id, kind=kind, state=NoticeState.QUEUED)
    return waiting.update(state=NoticeState.WITHDRAWN)


def send_due(*, at: datetime) -> dict[str, int]:
    """Send what waits; a mail server that cannot be reached ends the round at once."""
    told = {Outcome.SENT: 0, Outcome.FAILED: 0}
    due = Notice.objects.due(at).order_by("due_at").values_list("pk", flat=True)
    for pk in list(due[:BATCH]):
        outcome = send(notice_id=pk, at=at)
        if outcome is not Outcome.NOTHING:
            told[Outcome.SENT if outcome is Outcome.SENT else Outcome.FAILED] += 1
        if outcome is Outcome.UNREACHABLE:
            break
    return {outcome.value: many for outcome, many in told.items()}


def send(*, notice_id: uuid.UUID, at: datetime) -> Outcome:
    """
    Send one notice, unless another does or did.

    It is claimed first. A try that surely failed gives the claim back; one whose end nobody knows
    keeps it, since sending again might send twice: that is for a person to decide.
    """
    try:
        message = _claim(notice_id, at=at)
    except Exception as error:
        log.exception("A notice could not be composed", extra={"notice": str(notice_id)})
        return _failed(notice_id, NoticeState.QUEUED, error, at=at)
    if message is None:
        return Outcome.NOTHING
    connection = get_connection()
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        _failed(notice_id, NoticeState.SENDING, error, at=at)
        return Outcome.UNREACHABLE
    try:
        connection.send_messages([message])
    except _SURELY_NOT_TAKEN as error:
        return _failed(notice_id, NoticeState.SENDING, error, at=at)
    except Exception as error:
        _claimed_rows(notice_id).update(last_error=type(error).__name__)
        log.exception("A mail's end is unknown", extra={"notice": str(notice_id)})
        return Outcome.UNCLEAR
    else:
        _claimed_rows(notice_id).update(state=NoticeState.SENT, sent_at=at, last_error="")
        return Outcome.SENT
    finally:
        with suppress(OSError, smtplib.SMTPException):
            connection.close()


def _claim(notice_id: uuid.UUID, *, at: datetime) -> EmailMultiAlternatives | None:
    """Take the notice and write its mail, together: what is owed no more is never claimed."""
    try:
        with transaction.atomic():
            notice = Notice.objects.due(at).filter(pk=notice_id).first()
            if notice is None:
                return None
            address = recipients_of([notice]).get(notice.pk, "")
            mail = kinds[notice.kind].compose(notice, address, at) if address else None
            message = None if mail is None else _message(notice, address, mail)
            state = NoticeState.WITHDRAWN if message is None else NoticeState.SENDING
            # Without an error from before: from here on one means that the end is unknown.
            taken = Notice.objects.filter(pk=notice_id, state=NoticeState.QUEUED).update(
                state=state, claimed_at=at, attempts=F("attempts") + 1, last_error=""
            )
            if not taken:
                raise _TakenByAnother
    except _TakenByAnother:
        return None
    return message


def _failed(notice_id: uuid.UUID, state: NoticeState, error: Exception, *, at: datetime) -> Outcome:
    """Note that a try surely failed, and when the next one comes, if any."""
    with transaction.atomic():
        rows = Notice.objects.filter(pk=notice_id, state=state)
        notice = rows.select_for_update().first()
        if notice is None:
            return Outcome.NOTHING
        # A notice that could not even be composed was not counted when it was claimed.
        notice.attempts += state == NoticeState.QUEUED
        again = notice.attempts <= len(WAITS) and not _final(error)
        notice.state = NoticeState.QUEUED if again else NoticeState.FAILED
        notice.due_at = at + WAITS[notice.attempts - 1] if again else notice.due_at
        notice.last_error = type(error).__name__
        notice.save(update_fields=["state", "attempts", "due_at", "last_error"])
    return Outcome.FAILED


def _final(error: Exception) -> bool:
    """Return whether the server said for good that it will not take this mail."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= _REFUSED_FOR_GOOD for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException) and not isinstance(error, _ABOUT_US):
        return bool(error.smtp_code >= _REFUSED_FOR_GOOD)
    return isinstance(error, smtplib.SMTPNotSupportedError)


def _claimed_rows(notice_id: uuid.UUID) -> NoticeQuerySet:
    return Notice.objects.filter(pk=notice_id, state=NoticeState.SENDING)


def _name(notice: Notice) -> str:
    """Return the mail's own name, by which one that comes back is known; sent again it stays."""
    _, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return f"<{notice.pk}.notice@{address.rpartition('@')[2] or 'localhost'}>"


def _way_out(mail: Mail) -> dict[str, str]:
    """Return the headers by which a mail program ends such mails in one click (RFC 8058)."""
    if not mail.unsubscribe:
        return {}
    return {
        "List-Unsubscribe": f"<{mail.unsubscribe}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def _message(notice: Notice, address: str, mail: Mail) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(
        # A line break would begin another header.
        subject=" ".join(mail.subject.split()),
        body=mail.text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[address],
        headers={**_NO_REPLIES, "Message-ID": _name(notice), **_way_out(mail)},
    )
    message.attach_alternative(mail.html, "text/html")
    # What cannot be written must fail here, where nobody can have received it.
    message.message()
    return message
