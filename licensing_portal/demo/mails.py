"""The e-mails of the demo: licences that were delivered, one of them to a mistyped address."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from events.models import Notice, NoticeState
from events.trail import Origin
from licenses.models import KeyLink, License
from licenses.selectors import mailed
from licenses.services import delivery, key_links
from licensing_portal.demo import cast

_TAKEN_AFTER = timedelta(seconds=4)


@dataclass(frozen=True, slots=True)
class Delivery:
    """Of which template's licence the key went to whom, and after how many days it was seen."""

    template: str
    email: str
    days_ago: float
    opened_after: float | None = None
    arrives: bool = True


_FLOATING = "Strata Desktop Professional Floating"
DELIVERIES: Sequence[Delivery] = (
    Delivery("Fieldbook Named", "petersen@brenner.example", 84.9, opened_after=0.06),
    Delivery(_FLOATING, "raghunathan@brenner.exmaple", 2.6, arrives=False),
    Delivery(_FLOATING, "raghunathan@brenner.example", 2.5),
)


def deliver(license: License, mail: Delivery, *, at: datetime) -> KeyLink | None:
    """Mail a licence's key, without a mail server, and return the link in it if it arrives."""
    notice = delivery.deliver_key(
        license_id=license.pk,
        email=mail.email,
        at=at,
        origin=cast.SALES,
        reason="Asked for by telephone.",
    )
    row = Notice.objects.filter(pk=notice.pk)
    if not mail.arrives:
        row.update(state=NoticeState.FAILED, attempts=1, last_error="SMTPRecipientsRefused")
        return None
    taken_at = at + _TAKEN_AFTER
    row.update(state=NoticeState.SENT, attempts=1, claimed_at=at, sent_at=taken_at)
    return mailed.link_of(key_links.make_link(license, notice, at=taken_at))


def open_link(at: datetime, *, link_id: uuid.UUID) -> None:
    """Look at a key as whoever was mailed it does."""
    delivery.open_link(link_id=link_id, at=at, origin=Origin(actor_kind="link"))
