"""Fixed secrets and contents, so that keys can be made without a database."""

import hashlib
import hmac
import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from licenses.keys import Contents, Signer

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
SECRET = b"a secret of thirty-two characters"
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KID = hashlib.sha256(PRIVATE.public_key().public_bytes_raw()).hexdigest()[:16]


class FixedSeal:
    """Vouches for keys with secrets that everybody may know, and checks them."""

    def __init__(self, secret: bytes = SECRET) -> None:
        self.secret = secret
        self._ticks = itertools.count()

    def stamp(self) -> datetime:
        return NOON + timedelta(microseconds=next(self._ticks))

    def mac(self, message: str) -> bytes:
        return hmac.digest(self.secret, message.encode(), "sha256")

    def signer(self) -> Signer:
        return Signer(KID, PRIVATE)

    def macs(self, message: str) -> Sequence[bytes]:
        return [self.mac(message)]

    def public_key(self, kid: str) -> Ed25519PublicKey | None:
        return PRIVATE.public_key() if kid == KID else None


def contents(**fields: Any) -> Contents:
    given: dict[str, Any] = {
        "tenant": "BRENNER",
        "customer": "0190b0c4-0000-7000-8000-000000000001",
        "product": "strata",
        "license_type": "SUBSCRIPTION",
        "license_model": "PER_DEVICE",
        "max_activations": 3,
        "features": ("reports", "exports"),
        "issued_at": NOON,
        "expires_at": NOON + timedelta(days=365),
    }
    return Contents(**given | fields)
