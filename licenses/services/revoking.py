"""Publishing the list of what is not believed any more."""

import hashlib
import json
from datetime import datetime, timedelta

from django.db import transaction

from events.refusals import Refusal
from events.trail import Origin
from licenses.models import RevocationList
from licenses.selectors import revocations, signers
from licenses.services.key_making import wait_for_others
from licenses.services.signing_keys import signer_for
from licenses.signing import Kind, Purpose, signed
from licenses.signing.times import seconds

# Whoever has a network asks again so much later; one who was shown no newer list for as long as
# it holds is being kept from it.
NEXT_UPDATE = timedelta(days=1)
HOLDS = timedelta(days=7)


def current_list(*, at: datetime, origin: Origin) -> RevocationList:
    """
    Return the list as it is published, made anew if something may have been taken back since.

    While nothing can sign a new one the last one is shown, as long as it holds.

    :raises SIGNING_ROOT_ABSENT: if there is none, and no key that could sign one
    """
    shown = RevocationList.objects.first()
    if shown is not None and shown.fresh_at(at):
        return shown
    try:
        return _published(at=at, origin=origin)
    except Refusal:
        if shown is None or at >= shown.expires_at:
            raise
        return shown


@transaction.atomic
def _published(*, at: datetime, origin: Origin) -> RevocationList:
    """Look at everything under the lock, so that no version is given twice."""
    wait_for_others(Purpose.REVOCATIONS, None, at=at, origin=origin)
    row = RevocationList.objects.select_for_update().first()
    if row is not None and row.fresh_at(at):
        return row
    # Whoever compromised the key that signs it did so in another process, perhaps just now.
    signers.look_again()
    signer = signer_for(purpose=Purpose.REVOCATIONS, at=at, origin=origin)
    contents = revocations.contents(at)
    digest = hashlib.sha256(json.dumps(contents, sort_keys=True).encode()).digest()
    if row is None:
        row = RevocationList(version=0, contents_digest=b"")
    if bytes(row.contents_digest) != digest:
        # By the clock at least: a database that is restored from a backup goes on, not back.
        row.version = max(row.version + 1, seconds(at))
    row.contents_digest = digest
    row.issued_at, row.expires_at, row.stale = at, at + HOLDS, False
    row.document = signed(
        Kind.REVOCATIONS,
        {"version": row.version, "next_update": seconds(at + NEXT_UPDATE), **contents},
        signer=signer,
        issued_at=at,
        expires_at=row.expires_at,
    )
    row.save()
    return row
