"""Documents as an attacker makes them: taken apart and put together again, signed or not."""

import base64
import hashlib
import hmac
import json
from collections.abc import Container
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from licenses.signing import Distrusted, Kind, opened
from licenses.signing.certificates import Roots
from tests.clock import NOW
from tests.licenses.signing.trusted import ROOTS, SIGNING, document

CLAIMS: dict[str, Any] = {
    "aud": "atlas",
    "iat": int(NOW.timestamp()),
    "exp": int(NOW.timestamp()) + 60,
}


def distrust(
    text: str,
    kind: Kind = Kind.LICENSE_FILE,
    *,
    at: datetime = NOW,
    roots: Roots = ROOTS,
    product_id: str | None = None,
    revoked: Container[str] = frozenset(),
) -> str:
    """The code with which a document is refused, or an empty text if it is believed."""
    try:
        opened(text, kind, roots=roots, at=at, product_id=product_id, revoked=revoked)
    except Distrusted as distrusted:
        return distrusted.code
    return ""


def base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def plain(piece: str) -> bytes:
    return base64.urlsafe_b64decode(piece + "=" * (-len(piece) % 4))


def header_of(text: str) -> dict[str, Any]:
    header: dict[str, Any] = json.loads(plain(text.split(".")[0]))
    return header


def put_together(
    header: bytes | dict[str, Any], claims: bytes | dict[str, Any], key: Ed25519PrivateKey = SIGNING
) -> str:
    """A JWS over exactly these bytes, which no library would write, and its genuine signature."""
    raw = (one if isinstance(one, bytes) else json.dumps(one).encode() for one in (header, claims))
    text = ".".join(map(base64url, raw))
    return f"{text}.{base64url(key.sign(text.encode()))}"


def with_claims(claims: bytes | dict[str, Any], **header: Any) -> str:
    """A document that our own key signed, whatever it says."""
    return put_together(header_of(document()) | header, claims)


def sealed_by_hmac(secret: bytes, **header: Any) -> str:
    """A document under HS256, for which an attacker takes a public key as the secret."""
    pieces = (header_of(document()) | {"alg": "HS256"} | header, CLAIMS)
    text = ".".join(base64url(json.dumps(piece).encode()) for piece in pieces)
    return f"{text}.{base64url(hmac.digest(secret, text.encode(), hashlib.sha256))}"
