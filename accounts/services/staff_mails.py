"""What the vendor's staff hear of by e-mail."""

from datetime import datetime, timedelta

from django.conf import settings

from accounts import notifications
from events.models import Notice, NoticeQuerySet
from events.notifications import Kind, Mail, kinds
from events.services import notices

KIND = "mail_trouble"
# As the dashboard counts them.
_LATELY = timedelta(days=7)


def tell_of_trouble(*, at: datetime) -> int:
    """Owe staff the mail of that day about mails in trouble, if there are any; return how many."""
    if not _in_trouble(at).exists():
        return 0
    occasion = f"{at:%Y%m%d}"
    known = Notice.objects.filter(dedup_key=f"{KIND}:{occasion}").exists()
    notices.queue(kind=KIND, occasion=occasion, recipient=settings.VENDOR_EMAIL, at=at)
    return 0 if known else 1


def compose(notice: Notice, address: str, at: datetime) -> Mail | None:
    """Return the mail about those in trouble now; None if somebody has seen to all of them."""
    many = _in_trouble(at).count()
    return notifications.mail_trouble(many) if many else None


def _in_trouble(at: datetime) -> NoticeQuerySet:
    # A mail about mails would be in trouble for the same cause, every day anew.
    return Notice.objects.in_trouble(at).filter(queued_at__gt=at - _LATELY).exclude(kind=KIND)


def register(words: str) -> None:
    """Let this kind be known."""
    kinds[KIND] = Kind(words, compose)
