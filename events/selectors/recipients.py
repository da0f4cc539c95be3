"""To whom notices go: read only where somebody is written to or staff ask."""

import uuid
from collections.abc import Iterable
from contextlib import suppress

from events import trail, vault
from events.models import Notice


def recipients_of(notices: Iterable[Notice]) -> dict[uuid.UUID, str]:
    """Return to whom notices go, by their ids, in one query; a forgotten person has no address."""
    notices = list(notices)
    people = {notice.customer_id for notice in notices if notice.customer_id}
    salts = trail.salts_by_customer(people)
    found = {}
    for notice in notices:
        salt = salts.get(notice.customer_id, b"") if notice.customer_id else trail.salt_of(None)
        with suppress(vault.VaultError):
            found[notice.pk] = vault.decrypt_for(salt, notice.recipient_sealed)
    return found
