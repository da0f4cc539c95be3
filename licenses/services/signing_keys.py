"""Signing keys: made when they are needed, and made ahead so that the next one is known in time."""

import base64
from datetime import datetime, timedelta
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import transaction

from events import trail, vault
from events.refusals import Refusal
from events.trail import Origin
from licenses.models import Product, SigningKey
from licenses.selectors import signers
from licenses.services.root_keys import root_here
from licenses.signing import Signer, certify, kinds, thumbprint

SIGNS_FOR = timedelta(days=90)
# The next key is published so long before it signs: whoever asks weekly knows it in time.
PUBLISHED_AHEAD = timedelta(days=7)
# The longest life of a document: an offline activation's.
LONGEST_DOCUMENT = timedelta(days=400)


def signer_for(*, product_id: UUID | None, at: datetime, origin: Origin) -> Signer:
    """
    Return the key that signs a product's documents, made when the first of them is needed.

    With None it is the one that signs the list of revocations.

    :raises SIGNING_ROOT_ABSENT: if there is none, and no root on this server to vouch for one
    """
    found = signers.signer_of(product_id, at=at)
    if found is None:
        keep_ahead(product_id=product_id, at=at, origin=origin)
        found = signers.signer_of(product_id, at=at)
    if found is None:
        raise Refusal("SIGNING_ROOT_ABSENT")
    return found


@transaction.atomic
def keep_ahead(*, product_id: UUID | None, at: datetime, origin: Origin) -> SigningKey | None:
    """
    Make the key that a product lacks: the first, or the next when the last one's end is near.

    Return what was made, or None if nothing was lacking.

    :raises SIGNING_ROOT_ABSENT: if there is no root on this server to vouch for it
    """
    _wait_for_others(product_id)
    last = SigningKey.objects.of(product_id).believed(at).order_by("-signs_until", "-id").first()
    if last is None or last.signs_until <= at:
        return _made(product_id, active_from=at, at=at, origin=origin)
    if last.signs_until - at <= PUBLISHED_AHEAD:
        return _made(product_id, active_from=last.signs_until, at=at, origin=origin)
    return None


def _wait_for_others(product_id: UUID | None) -> None:
    """Whoever makes a key first, the others wait here and then find it."""
    if product_id is not None:
        Product.objects.select_for_update().get(pk=product_id)


def _made(
    product_id: UUID | None, *, active_from: datetime, at: datetime, origin: Origin
) -> SigningKey:
    key = Ed25519PrivateKey.generate()
    signs_until = active_from + SIGNS_FOR
    expires_at = signs_until + LONGEST_DOCUMENT
    product = Product.objects.get(pk=product_id) if product_id else None
    made = SigningKey.objects.create(
        product=product,
        kid=thumbprint(key.public_key()),
        public_key=key.public_key().public_bytes_raw(),
        private_ciphertext=vault.encrypt(base64.b64encode(key.private_bytes_raw()).decode()),
        certificate=certify(
            key.public_key(),
            root=root_here(at=at, origin=origin),
            product_id=product.product_id if product else "",
            kinds=kinds.OF_PRODUCTS if product else kinds.OF_THE_LIST,
            # From its making on, so that it can step in early for one that was compromised.
            not_before=at,
            signs_until=signs_until,
            expires_at=expires_at,
        ),
        created_at=at,
        active_from=active_from,
        signs_until=signs_until,
        expires_at=expires_at,
    )
    trail.record(
        "signing_key.created",
        at=at,
        origin=origin,
        changes={"kid": (None, made.kid), "product": (None, product and product.product_id)},
    )
    return made
