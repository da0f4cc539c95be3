"""What a root says of a signing key: whose it is, what it may sign, and when."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from licenses.signing.compact import taken_apart
from licenses.signing.distrust import Distrusted
from licenses.signing.jwk import jwk_of, public_key_in, thumbprint
from licenses.signing.kinds import Kind
from licenses.signing.times import moment, seconds

ALGORITHM = "EdDSA"
# Root keys that are believed, by their names.
Roots = Mapping[str, Ed25519PublicKey]


class Certificate(NamedTuple):
    """A signing key as its root vouches for it."""

    kid: str
    key: Ed25519PublicKey
    root: str
    # Empty: of the whole installation, not of one product.
    product_id: str
    kinds: frozenset[str]
    not_before: datetime
    # The last moment at which it may sign; what it signed by then is believed until `expires_at`.
    signs_until: datetime
    expires_at: datetime


def certify(
    key: Ed25519PublicKey,
    *,
    root: Ed25519PrivateKey,
    product_id: str,
    kinds: Iterable[Kind],
    not_before: datetime,
    signs_until: datetime,
    expires_at: datetime,
) -> str:
    """Return the certificate by which a root vouches for a signing key."""
    claims: dict[str, Any] = {
        "sub": thumbprint(key),
        "cnf": {"jwk": jwk_of(key)},
        "use": sorted(kinds),
        "nbf": seconds(not_before),
        "signs_until": seconds(signs_until),
        "exp": seconds(expires_at),
    }
    if product_id:
        claims["aud"] = product_id
    header = {"typ": Kind.CERTIFICATE.value, "kid": thumbprint(root.public_key())}
    return jwt.encode(claims, root, algorithm=ALGORITHM, headers=header)


def certified(text: str, *, roots: Roots) -> Certificate:
    """
    Return the signing key that a certificate vouches for, at whatever time.

    :raises Distrusted: KEY_UNKNOWN if its root is none of ours; CERT_INVALID if it is no
        certificate, or says another name than its key has
    """
    try:
        parts = taken_apart(text)
        if parts.header.get("typ") != Kind.CERTIFICATE:
            raise Distrusted("CERT_INVALID")
        root = roots.get(str(parts.header.get("kid")))
        if root is None:
            raise Distrusted("KEY_UNKNOWN")
        check_signature(text, root)
        return _certificate(parts.claims, str(parts.header["kid"]))
    except Distrusted as distrust:
        code = "KEY_UNKNOWN" if distrust.code == "KEY_UNKNOWN" else "CERT_INVALID"
        raise Distrusted(code) from None


def check_signature(text: str, key: Ed25519PublicKey) -> None:
    """
    Let a JWS pass whose signature is the key's; the algorithm is ours, whatever the header says.

    :raises Distrusted: SIGNATURE_INVALID if it is not
    """
    try:
        jwt.api_jws.decode_complete(text, key, algorithms=[ALGORITHM])
    except jwt.PyJWTError:
        raise Distrusted("SIGNATURE_INVALID") from None


def _certificate(claims: dict[str, Any], root: str) -> Certificate:
    confirmed = claims.get("cnf")
    key = public_key_in(confirmed.get("jwk") if isinstance(confirmed, dict) else None)
    kinds = claims.get("use")
    # The name is the key's own: a genuine certificate beside another key would show here.
    if claims.get("sub") != thumbprint(key) or not isinstance(kinds, list):
        raise Distrusted("CERT_INVALID")
    return Certificate(
        kid=thumbprint(key),
        key=key,
        root=root,
        product_id=str(claims.get("aud", "")),
        kinds=frozenset(map(str, kinds)),
        not_before=moment(claims.get("nbf")),
        signs_until=moment(claims.get("signs_until")),
        expires_at=moment(claims.get("exp")),
    )
