"""The e-mails about a licence, as its page tells of them, and the links in them."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from events.models import Notice
from events.models.notice import RETURNED
from events.notifications import kinds
from events.selectors.recipients import recipients_of
from licenses.models import KeyLink, License


@dataclass(frozen=True, slots=True)
class Mailed:
    """One e-mail, to whom it went, and when the key was shown by its link."""

    notice: Notice
    address: str
    unclear: bool
    opened_at: datetime | None

    @property
    def returned(self) -> bool:
        return self.notice.state in RETURNED

    @property
    def words(self) -> Any:
        kind = kinds.get(self.notice.kind)
        return kind.words if kind else self.notice.kind


def mailed(license: License, *, at: datetime, limit: int) -> list[Mailed]:
    """Return the newest e-mails about a licence, in three queries."""
    notices = list(Notice.objects.of_license(license.pk).order_by("-id")[:limit])
    addresses = recipients_of(notices)
    links = KeyLink.objects.filter(license=license, notice__in=notices, opened_at__isnull=False)
    opened = dict(links.values_list("notice_id", "opened_at"))
    return [
        Mailed(one, addresses.get(one.pk, ""), one.unclear_at(at), opened.get(one.pk))
        for one in notices
    ]


def digest_of(token: str) -> bytes:
    """Return what stands for a link's token at rest: of 256 bits a plain hash is enough."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def link_of(token: str) -> KeyLink | None:
    """Return the link that a token opens or opened, or None if it was never given out."""
    links = KeyLink.objects.select_related("license")
    return links.filter(token_digest=digest_of(token)).first()


def mailed_to(link: KeyLink) -> str:
    """Return the address that a link was mailed to."""
    return recipients_of([link.notice]).get(link.notice_id, "")
