"""Links that show a key once: made for a mail, found by their token, dead when the key moves."""

import hashlib
import secrets
from datetime import datetime

from events.models import Notice
from events.services import notices
from licenses.models import KeyLink, License
from licenses.models.key_link import LASTS

# The kind of notice that carries such a link.
KIND = "license_key"


def digest_of(token: str) -> bytes:
    """Return what stands for a token at rest: it has 256 bits, so a plain hash is enough."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def make_link(license: License, notice: Notice, *, at: datetime) -> str:
    """Return the token of a new link to a locked licence's key; an earlier link stops working."""
    _stop_links(license, at=at)
    token = secrets.token_urlsafe(32)
    KeyLink.objects.create(
        license=license,
        notice=notice,
        token_digest=digest_of(token),
        made_at=at,
        expires_at=at + LASTS,
    )
    return token


def link_of(token: str) -> KeyLink | None:
    """Return the link that a token opens or opened, or None if it was never given out."""
    links = KeyLink.objects.select_related("license")
    return links.filter(token_digest=digest_of(token)).first()


def withdraw_links(license: License, *, at: datetime) -> None:
    """Let a locked licence's key be shown by no link that was mailed, nor by one that waits."""
    notices.withdraw(kind=KIND, license_id=license.pk)
    _stop_links(license, at=at)


def _stop_links(license: License, *, at: datetime) -> None:
    unused = KeyLink.objects.filter(license=license, opened_at=None, withdrawn_at=None)
    unused.update(withdrawn_at=at)
