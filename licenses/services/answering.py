"""Signing what devices are told, so that a false server convinces nobody."""

import hashlib
import logging
from datetime import datetime, timedelta

from django.db import Error

from events.refusals import Refusal
from events.trail import SYSTEM
from licenses.selectors import signers
from licenses.services.signing_keys import signer_for
from licenses.signing import Kind, Purpose, Signer, base64url, signed

# Longer than any answer is under way; the nonce, not this, makes it the answer to one question.
HOLDS = timedelta(minutes=5)

log = logging.getLogger("signing")


def signature_of(
    body: bytes, *, nonce: str, method: str, path: str, status: int, at: datetime
) -> str | None:
    """
    Return the compact JWS that vouches for one answer to one question, or None if nothing signs.

    An answer that is not signed is still right, and no customer is locked out by our lack of a
    key: it is the device that has to decide what it believes.
    """
    signer = _signer(at)
    if signer is None:
        return None
    claims = {
        "nonce": nonce,
        # Of the body's exact bytes.
        "sha256": base64url(hashlib.sha256(body).digest()),
        "method": method,
        "path": path,
        "status": status,
    }
    return signed(Kind.ANSWER, claims, signer=signer, issued_at=at, expires_at=at + HOLDS)


def _signer(at: datetime) -> Signer | None:
    """Return the key of this second; one that is remembered outlives a database that is away."""
    if signers.is_missing(Purpose.ANSWERS, at=at):
        return None
    try:
        return signer_for(purpose=Purpose.ANSWERS, at=at, origin=SYSTEM)
    except Refusal:
        log.error("Answers go out unsigned: no key signs them, and no root here vouches for one")
    except Error:
        if known := signers.last_known(Purpose.ANSWERS, at=at):
            return known
        log.exception("Answers go out unsigned: the database tells no key")
    signers.note_missing(Purpose.ANSWERS, at=at)
    return None
