"""A root, a signing key and its documents, made from fixed secrets: no database, no clock."""

from datetime import timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from licenses.signing import Kind, Signer, certify, kinds, signed, thumbprint
from tests.clock import NOW

ROOT = Ed25519PrivateKey.from_private_bytes(b"r" * 32)
ANOTHER_ROOT = Ed25519PrivateKey.from_private_bytes(b"R" * 32)
SIGNING = Ed25519PrivateKey.from_private_bytes(b"s" * 32)
STRANGER = Ed25519PrivateKey.from_private_bytes(b"x" * 32)
DEVICE = Ed25519PrivateKey.from_private_bytes(b"d" * 32)
ROOTS = {thumbprint(ROOT.public_key()): ROOT.public_key()}
SIGNS_UNTIL = NOW + timedelta(days=90)
CERTIFIED_UNTIL = SIGNS_UNTIL + timedelta(days=400)
PRODUCT = "atlas"


def certificate(key: Ed25519PrivateKey = SIGNING, **other: Any) -> str:
    """A certificate of our root for `key`, one of its facts perhaps another."""
    facts: dict[str, Any] = {
        "root": ROOT,
        "product_id": PRODUCT,
        "kinds": kinds.OF_PRODUCTS,
        "not_before": NOW,
        "signs_until": SIGNS_UNTIL,
        "expires_at": CERTIFIED_UNTIL,
    }
    return certify(key.public_key(), **facts | other)


def signer(key: Ed25519PrivateKey = SIGNING, **other: Any) -> Signer:
    return Signer(thumbprint(key.public_key()), key, certificate(key, **other), SIGNS_UNTIL)


def document(kind: Kind = Kind.LICENSE_FILE, *, by: Signer | None = None, **claims: Any) -> str:
    """A document issued now that holds for two weeks."""
    return signed(
        kind,
        {"aud": PRODUCT, "jti": "0197", **claims},
        signer=by or signer(),
        issued_at=NOW,
        expires_at=NOW + timedelta(days=14),
    )
