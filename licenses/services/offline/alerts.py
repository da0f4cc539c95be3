"""Telling staff that an offline device may be two: by mail, once a day for each and cause."""

import uuid
from datetime import UTC, datetime

from django.conf import settings

from events.models import Notice
from events.notifications import Mail
from events.services import notices
from licenses import notifications
from licenses.models import Activation

NOTICE = "offline_alert"
CLONED, FORKED = "cloned", "forked"


def tell_staff(license_id: uuid.UUID, activation_id: uuid.UUID, what: str, *, at: datetime) -> None:
    """Owe the vendor's staff a mail; who tries all day long fills nobody's letter box."""
    notices.queue(
        kind=NOTICE,
        occasion=f"{what}:{activation_id}:{at.astimezone(UTC):%Y-%m-%d}",
        recipient=settings.VENDOR_EMAIL,
        at=at,
        license_id=license_id,
    )


def compose(notice: Notice, address: str, at: datetime) -> Mail | None:
    """Return the mail about a device, as it is called now."""
    _, what, activation_id, _ = notice.dedup_key.split(":")
    row = Activation.objects.select_related("license").filter(pk=activation_id).first()
    return None if row is None else notifications.offline_alert(row, forked=what == FORKED)
