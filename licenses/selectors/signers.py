"""Which key signs, and which roots vouch for it."""

import base64
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from events import vault
from licenses.models import RootKey, SigningKey
from licenses.signing import Signer

# For so long may a process go on with a key that was replaced or compromised meanwhile.
_LOOKED_UP_AGAIN = timedelta(seconds=1)


class _Known(NamedTuple):
    since: datetime
    signer: Signer


_known: dict[UUID | None, _Known] = {}


def signer_of(product_id: UUID | None, *, at: datetime) -> Signer | None:
    """
    Return the key that signs a product's documents now, or the list of revocations with None.

    Opening a private key costs more than signing with it, so a process remembers it for a second.
    """
    known = _known.get(product_id)
    fresh = known is not None and known.since <= at < known.since + _LOOKED_UP_AGAIN
    if known and fresh and at < known.signer.signs_until:
        return known.signer
    kept = known.signer.kid if known else ""
    row = SigningKey.objects.of(product_id).signing(at).first()
    if row is None:
        _known.pop(product_id, None)
        return None
    signer = known.signer if known and row.kid == kept else _opened(row)
    _known[product_id] = _Known(at, signer._replace(signs_until=row.signs_until))
    return signer


def look_again() -> None:
    """Forget which keys sign; the next document asks the database."""
    _known.clear()


def roots() -> dict[str, Ed25519PublicKey]:
    """Return every root that vouches for keys here, by its name."""
    return {
        kid: Ed25519PublicKey.from_public_bytes(bytes(raw))
        for kid, raw in RootKey.objects.values_list("kid", "public_key")
    }


def compromised() -> frozenset[str]:
    """Return the names of signing keys that are not believed any more."""
    rows = SigningKey.objects.filter(compromised_at__isnull=False)
    return frozenset(rows.values_list("kid", flat=True))


def _opened(row: SigningKey) -> Signer:
    raw = base64.b64decode(vault.decrypt(row.private_ciphertext))
    key = Ed25519PrivateKey.from_private_bytes(raw)
    return Signer(row.kid, key, row.certificate, row.signs_until)
