"""Ed25519 public keys as JSON Web Keys (RFC 8037), and the name that each key has by itself."""

import hashlib
import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from licenses.signing.compact import encoded, exactly
from licenses.signing.distrust import Distrusted

# Points of small order, in every encoding that decodes to one: under such a key a signature
# can be made that fits any message (RFC 7748, 7; "Taming the many EdDSAs", 2020, table 6).
_P = 2**255 - 19
_SMALL_ORDER = (
    0,
    1,
    _P - 1,
    _P,
    _P + 1,
    0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826,
    0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7,
)
_SIGN_BIT = 1 << 255


def jwk_of(key: Ed25519PublicKey) -> dict[str, str]:
    """Return the key as a JWK, without a name."""
    return {"kty": "OKP", "crv": "Ed25519", "x": encoded(key.public_bytes_raw())}


def public_key_in(jwk: Any) -> Ed25519PublicKey:
    """
    Return the key that a JWK states.

    :raises Distrusted: MALFORMED if it is no Ed25519 key, or one under which anything verifies
    """
    if not isinstance(jwk, dict) or (jwk.get("kty"), jwk.get("crv")) != ("OKP", "Ed25519"):
        raise Distrusted("MALFORMED")
    raw = exactly(jwk.get("x"))
    if len(raw) != 32 or int.from_bytes(raw, "little") & ~_SIGN_BIT in _SMALL_ORDER:
        raise Distrusted("MALFORMED")
    return Ed25519PublicKey.from_public_bytes(raw)


def thumbprint(key: Ed25519PublicKey) -> str:
    """Return the key's name: its JWK's SHA-256 thumbprint (RFC 7638), 43 characters."""
    canonical = json.dumps(jwk_of(key), separators=(",", ":"), sort_keys=True)
    return encoded(hashlib.sha256(canonical.encode()).digest())
