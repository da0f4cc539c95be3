"""Jobs: each finds what is due and hands it to a service."""

from datetime import datetime

from celery import shared_task
from django.utils import timezone

from accounts.services import repeats, staff_mails, telling


@shared_task
def prune_stored_answers(at: str | None = None) -> dict[str, int]:
    """Forget the answers that nobody repeats any more: they are kept for a day."""
    moment = datetime.fromisoformat(at) if at else timezone.now()
    return {"answers": repeats.forget_old_answers(at=moment)}


@shared_task
def tell_of_events(at: str | None = None) -> dict[str, int]:
    """Owe the e-mails about what the trail says happened since the last time."""
    moment = datetime.fromisoformat(at) if at else timezone.now()
    return {"notices": telling.tell_of_events(at=moment)}


@shared_task
def tell_of_mail_trouble(at: str | None = None) -> dict[str, int]:
    """Owe the staff one e-mail a day while there are e-mails that a person should look at."""
    moment = datetime.fromisoformat(at) if at else timezone.now()
    return {"notices": staff_mails.tell_of_trouble(at=moment)}
