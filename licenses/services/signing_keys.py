"""Signing keys: made when they are needed, and made ahead so that the next one is known in time."""

import logging
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from events.refusals import Refusal
from events.trail import SYSTEM, Origin
from licenses.models import SigningKey
from licenses.selectors import signers
from licenses.services.key_making import (
    LONGEST_DOCUMENT,
    SIGNS_FOR,
    make_key,
    note,
    wait_for_others,
)
from licenses.signing import Purpose, Signer

__all__ = ["LONGEST_DOCUMENT", "PUBLISHED_AHEAD", "SIGNS_FOR", "keep_ahead", "signer_for"]

# The next key is published so long before it signs: whoever asks weekly knows it in time.
PUBLISHED_AHEAD = timedelta(days=7)

log = logging.getLogger("signing")


class Kept(NamedTuple):
    """What keeping all keys came to: how many were made, lack a root, or failed."""

    made: int
    without_root: int
    failed: int


def signer_for(
    *,
    product_id: UUID | None = None,
    purpose: Purpose = Purpose.PRODUCT,
    at: datetime,
    origin: Origin,
) -> Signer:
    """
    Return the key that signs a product's documents, made when the first of them is needed.

    Or, of no product, the one that signs for another purpose.

    :raises SIGNING_ROOT_ABSENT: if there is none, and no root on this server to vouch for one
    """
    found = signers.signer_of(product_id, at=at, purpose=purpose)
    if found is None:
        keep_ahead(product_id=product_id, purpose=purpose, at=at, origin=origin)
        found = signers.signer_of(product_id, at=at, purpose=purpose)
    if found is None:
        raise Refusal("SIGNING_ROOT_ABSENT")
    return found


@transaction.atomic
def keep_ahead(
    *,
    product_id: UUID | None = None,
    purpose: Purpose = Purpose.PRODUCT,
    at: datetime,
    origin: Origin,
) -> SigningKey | None:
    """
    Make the key that is lacking: the first, or the next when the last one's end is near.

    Where none signs but one waits, that one steps in. Return what was made or stepped in, or None
    if nothing was lacking.

    :raises SIGNING_ROOT_ABSENT: if there is no root on this server to vouch for it
    """
    wait_for_others(purpose, product_id, at=at, origin=origin)
    if not SigningKey.objects.of(purpose, product_id).signing(at).exists():
        return step_in(purpose, product_id, at=at, origin=origin)
    rows = SigningKey.objects.of(purpose, product_id).believed(at)
    last = rows.order_by("signs_until", "id").last()
    if last is not None and last.signs_until - at <= PUBLISHED_AHEAD:
        return make_key(purpose, product_id, active_from=last.signs_until, at=at, origin=origin)
    return None


def keep_all_ahead(*, at: datetime) -> Kept:
    """
    See to the next key of whatever has or needs one; safe late, twice and in parallel.

    One that fails, as by a product that is just being changed, stops none of the others.
    """
    made = without_root = failed = 0
    for purpose, product_id in signers.uses_due(at, within=PUBLISHED_AHEAD):
        try:
            key = keep_ahead(purpose=purpose, product_id=product_id, at=at, origin=SYSTEM)
            made += key is not None
        except Refusal:
            without_root += 1
        except Exception:
            log.exception("No key was made for %s %s", purpose, product_id or "")
            failed += 1
    if without_root:
        log.warning("%s keys are due, and no root here vouches for any", without_root)
    return Kept(made, without_root, failed)


def step_in(
    purpose: Purpose, product_id: UUID | None, *, at: datetime, origin: Origin
) -> SigningKey:
    """
    Let the next key sign from now on, or a new one where none waits; within a transaction.

    :raises SIGNING_ROOT_ABSENT: if none waits, and no root on this server could vouch for one
    """
    following = SigningKey.objects.of(purpose, product_id).ahead(at).first()
    if following is None:
        return make_key(purpose, product_id, active_from=at, at=at, origin=origin)
    before, following.active_from = following.active_from, at
    following.save(update_fields=["active_from"])
    note("rotated", following, at=at, origin=origin, active_from=(before, at))
    return following
