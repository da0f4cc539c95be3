"""Signing keys that go before their time: replaced, or not believed any more."""

import logging
from datetime import datetime
from uuid import UUID

from django.db import transaction

from events.refusals import Refusal
from events.trail import Origin
from licenses.models import RevocationList, SigningKey
from licenses.selectors import signers
from licenses.services import reasons
from licenses.services.key_making import note, wait_for_others
from licenses.services.signing_keys import step_in
from licenses.signing import Purpose

log = logging.getLogger("signing")


@transaction.atomic
def rotate_now(*, key_id: UUID, reason: str, at: datetime, origin: Origin) -> SigningKey:
    """
    Let the next key sign at once in the place of this one, which stays believed for what it signed.

    Return the key that signs now. Where this one signs no more, nothing changes.

    :raises VALIDATION_ERROR: if no reason is given
    :raises SIGNING_KEY_NOT_FOUND: if there is no such key
    :raises SIGNING_ROOT_ABSENT: if none waits, and no root on this server could vouch for one
    """
    reasons.demand(reason)
    key = _locked(key_id, at=at, origin=origin)
    purpose = Purpose(key.purpose)
    signing = list(SigningKey.objects.of(purpose, key.product_id).signing(at))
    if signing and key not in signing:
        return signing[0]
    following = step_in(purpose, key.product_id, at=at, origin=origin)
    for row in signing:
        row.signs_until = at
        row.save(update_fields=["signs_until"])
        note(
            "signing_key.rotated",
            row,
            at=at,
            origin=origin,
            reason=reason,
            kid=(row.kid, following.kid),
        )
    transaction.on_commit(signers.look_again)
    return following


@transaction.atomic
def compromise(*, key_id: UUID, reason: str, at: datetime, origin: Origin) -> SigningKey:
    """
    Believe nothing any more that a key signed, and name it in the list of revocations.

    If it is the one that signs, the next steps in at once, or a new one where a root is on this
    server; else nothing is signed until a root elsewhere certifies one. Twice is once: the first
    reason stands. Devices that are offline learn of it with the list.

    :raises VALIDATION_ERROR: if no reason is given
    :raises SIGNING_KEY_NOT_FOUND: if there is no such key
    """
    reasons.demand(reason)
    key = _locked(key_id, at=at, origin=origin)
    if key.compromised_at is not None:
        return key
    key.compromised_at, key.compromise_reason = at, reason
    key.save(update_fields=["compromised_at", "compromise_reason"])
    note("signing_key.compromised", key, at=at, origin=origin, reason=reason, kid=(key.kid, None))
    purpose = Purpose(key.purpose)
    if not SigningKey.objects.of(purpose, key.product_id).signing(at).exists():
        _replace(purpose, key.product_id, at=at, origin=origin)
    # Whoever asks for the list next gets one that names it.
    RevocationList.objects.update(stale=True)
    transaction.on_commit(signers.look_again)
    return key


def _locked(key_id: UUID, *, at: datetime, origin: Origin) -> SigningKey:
    """Return a key, when nobody else sees to those of its purpose."""
    key = SigningKey.objects.filter(pk=key_id).first()
    if key is None:
        raise Refusal("SIGNING_KEY_NOT_FOUND")
    wait_for_others(Purpose(key.purpose), key.product_id, at=at, origin=origin)
    return SigningKey.objects.select_related("product").get(pk=key_id)


def _replace(purpose: Purpose, product_id: UUID | None, *, at: datetime, origin: Origin) -> None:
    try:
        step_in(purpose, product_id, at=at, origin=origin)
    except Refusal:
        log.error("Nothing signs for %s %s now: a root has to certify a key", purpose, product_id)
