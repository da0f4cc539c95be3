"""Links that show a key once: made for a mail, dead when the key moves."""

import secrets
from datetime import datetime

from events.models import Notice
from events.services import notices
from licenses.models import KeyLink, License
from licenses.models.key_link import LASTS
from licenses.selectors.mailed import digest_of

# The kind of notice that carries such a link.
KIND = "license_key"


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


def withdraw_links(license: License, *, at: datetime) -> None:
    """Let a locked licence's key be shown by no link that was mailed, nor by one that waits."""
    notices.withdraw(kind=KIND, license_id=license.pk)
    _stop_links(license, at=at)


def _stop_links(license: License, *, at: datetime) -> None:
    unused = KeyLink.objects.filter(license=license, opened_at=None, withdrawn_at=None)
    unused.update(withdrawn_at=at)
