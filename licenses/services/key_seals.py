"""What vouches for a licence's key: stamps, checksums and the products' signing keys."""

import base64
import hashlib
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.db.models import F, Value
from django.db.models.functions import Greatest

from events import trail, vault
from events.trail import Origin
from licenses.keys import Signer
from licenses.models import KeySigningKey, KeyStamp, License, Product

_PURPOSE = "key_checksum"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


class LicenseSeal:
    """Vouches for new keys of one licence's tenant and product, inside the caller's transaction."""

    def __init__(self, license: License, *, at: datetime, origin: Origin) -> None:
        self._license = license
        self._at = at
        self._origin = origin

    def stamp(self) -> datetime:
        return next_stamps(self._license.tenant_id, 1, at=self._at)[0]

    def mac(self, message: str) -> bytes:
        return vault.digest(_PURPOSE, message)

    def signer(self) -> Signer:
        return signer_of(self._license.product_id, at=self._at, origin=self._origin)


class LicenseProof:
    """Checks keys against this installation's secrets and every signing key it has had."""

    def macs(self, message: str) -> Sequence[bytes]:
        return vault.digests(_PURPOSE, message)

    def public_key(self, kid: str) -> Ed25519PublicKey | None:
        found = KeySigningKey.objects.filter(kid=kid).values_list("public_key", flat=True).first()
        return None if found is None else Ed25519PublicKey.from_public_bytes(bytes(found))


def next_stamps(tenant_id: uuid.UUID, number: int, *, at: datetime) -> list[datetime]:
    """
    Return so many moments that no key of the tenant has had, later than all it has had.

    One statement moves the tenant's row on and holds it to the end of the transaction, so that
    issuers in the same instant wait for each other and never share a stamp.
    """
    now = (at - _EPOCH) // _TICK
    mine = KeyStamp.objects.filter(tenant_id=tenant_id)
    first = Greatest(F("last") + 1, Value(now))
    if not mine.update(last=first + number - 1):
        KeyStamp.objects.bulk_create([KeyStamp(tenant_id=tenant_id, last=0)], ignore_conflicts=True)
        mine.update(last=first + number - 1)
    last = mine.values_list("last", flat=True).get()
    return [_EPOCH + (last - number + 1 + place) * _TICK for place in range(number)]


def signer_of(product_id: uuid.UUID, *, at: datetime, origin: Origin) -> Signer:
    """Return the key that signs a product's keys, made when the first of them is needed."""
    in_use = KeySigningKey.objects.filter(product_id=product_id, replaced_at=None)
    found = in_use.first()
    if found is None:
        # Whoever else needs it first waits here, and then finds ours.
        Product.objects.select_for_update().get(pk=product_id)
        found = in_use.first() or _made(product_id, at=at, origin=origin)
    raw = base64.b64decode(vault.decrypt(found.private_ciphertext))
    return Signer(found.kid, Ed25519PrivateKey.from_private_bytes(raw))


def _made(product_id: uuid.UUID, *, at: datetime, origin: Origin) -> KeySigningKey:
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    made = KeySigningKey.objects.create(
        product_id=product_id,
        kid=hashlib.sha256(public).hexdigest()[:16],
        public_key=public,
        private_ciphertext=vault.encrypt(base64.b64encode(key.private_bytes_raw()).decode()),
        created_at=at,
    )
    trail.record(
        "signing_key.created",
        at=at,
        origin=origin,
        changes={"kid": (None, made.kid), "product": (None, product_id)},
    )
    return made
