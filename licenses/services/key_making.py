"""Making a signing key: its private half encrypted, its public half vouched for."""

import base64
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from events import trail, vault
from events.refusals import Refusal
from events.trail import Origin
from licenses.models import Product, RootKey, SigningKey
from licenses.services.root_keys import root_here
from licenses.signing import Purpose, certify, thumbprint

SIGNS_FOR = timedelta(days=90)
# The longest life of a document: an offline activation's.
LONGEST_DOCUMENT = timedelta(days=400)


def wait_for_others(
    purpose: Purpose, product_id: UUID | None, *, at: datetime, origin: Origin
) -> None:
    """
    Let one process at a time see to the keys of a product, or of another purpose.

    Whoever makes a key first, the others wait here and then find it.
    """
    if product_id is not None:
        Product.objects.select_for_update().get(pk=product_id)
        return
    if not RootKey.objects.exists():
        # Where no root is to be had there is no key to be made twice.
        with suppress(Refusal):
            root_here(at=at, origin=origin)
    list(RootKey.objects.order_by("pk").select_for_update())


def make_key(
    purpose: Purpose,
    product_id: UUID | None,
    *,
    active_from: datetime,
    certified: bool = True,
    at: datetime,
    origin: Origin,
) -> SigningKey:
    """
    Make a key that signs from `active_from` on, within the caller's transaction.

    Without `certified` it waits for the word of a root that is elsewhere.

    :raises SIGNING_ROOT_ABSENT: if it is to be certified and no root is on this server
    """
    key = Ed25519PrivateKey.generate()
    product = None if product_id is None else Product.objects.get(pk=product_id)
    made = SigningKey(
        purpose=purpose,
        product=product,
        kid=thumbprint(key.public_key()),
        public_key=key.public_key().public_bytes_raw(),
        private_ciphertext=vault.encrypt(base64.b64encode(key.private_bytes_raw()).decode()),
        # Whole seconds, as a certificate states them: what a root signs is what stands here.
        created_at=_second(at),
        active_from=active_from,
        signs_until=_second(active_from) + SIGNS_FOR,
        expires_at=_second(active_from) + SIGNS_FOR + LONGEST_DOCUMENT,
    )
    if certified:
        made.certificate = certify(
            key.public_key(),
            root=root_here(at=at, origin=origin),
            product_id=product.product_id if product else "",
            kinds=purpose.kinds,
            # From its making on, so that it can step in early for one that was compromised.
            not_before=made.created_at,
            signs_until=made.signs_until,
            expires_at=made.expires_at,
        )
    made.save(force_insert=True)
    note("signing_key.created", made, at=at, origin=origin, kid=(None, made.kid))
    return made


def note(
    what: str,
    key: SigningKey,
    *,
    at: datetime,
    origin: Origin,
    reason: str = "",
    **changes: tuple[object, object],
) -> None:
    """Write into the trail what became of a key."""
    trail.record(
        what,
        at=at,
        origin=origin,
        changes={**changes, "for": (None, key.whose)},
        reason=reason,
    )


def _second(at: datetime) -> datetime:
    return at.replace(microsecond=0)
