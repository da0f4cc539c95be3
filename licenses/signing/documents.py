"""Making and reading signed documents."""

from collections.abc import Container
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from licenses.signing.certificates import (
    ALGORITHM,
    Certificate,
    Roots,
    certified,
    check_signature,
)
from licenses.signing.compact import (
    MOST_CHARACTERS,
    MOST_CHARACTERS_OF_A_LIST,
    taken_apart,
)
from licenses.signing.distrust import Distrusted
from licenses.signing.jwk import jwk_of, public_key_in
from licenses.signing.kinds import OF_DEVICES, Kind
from licenses.signing.times import moment, seconds

# By so much may the reader's clock be behind the signer's.
SKEW = timedelta(minutes=5)


class Signer(NamedTuple):
    """A signing key with what goes into the header of all that it signs."""

    kid: str
    key: Ed25519PrivateKey
    certificate: str
    signs_until: datetime


class Document(NamedTuple):
    """A document that was believed."""

    kind: Kind
    claims: dict[str, Any]
    certificate: Certificate


def signed(
    kind: Kind,
    claims: dict[str, Any],
    *,
    signer: Signer,
    issued_at: datetime,
    expires_at: datetime,
) -> str:
    """Return the document as compact JWS; `aud`, `jti` and the like are among the claims."""
    stated = {**claims, "iat": seconds(issued_at), "exp": seconds(expires_at)}
    header = {"typ": kind.value, "kid": signer.kid, "cert": signer.certificate}
    return jwt.encode(stated, signer.key, algorithm=ALGORITHM, headers=header)


def opened(
    text: str,
    kind: Kind,
    *,
    roots: Roots,
    at: datetime,
    product_id: str | None = None,
    revoked: Container[str] = frozenset(),
) -> Document:
    """
    Return a document of that kind that one of our signing keys signed and that holds at `at`.

    :param product_id: the product that it has to be for; None takes any
    :param revoked: names of signing keys that are not believed any more
    :raises Distrusted: with the first reason, in the order of the checks below
    """
    of_list = kind == Kind.REVOCATIONS
    parts = taken_apart(text, most=MOST_CHARACTERS_OF_A_LIST if of_list else MOST_CHARACTERS)
    if parts.header.get("typ") != kind:
        raise Distrusted("TYPE_MISMATCH")
    certificate = certified(str(parts.header.get("cert", "")), roots=roots)
    if parts.header.get("kid") != certificate.kid:
        raise Distrusted("CERT_INVALID")
    check_signature(text, certificate.key)
    if certificate.kid in revoked:
        raise Distrusted("KEY_REVOKED")
    if kind not in certificate.kinds:
        raise Distrusted("CERT_INVALID")
    _check_product(parts.claims, certificate, product_id)
    _check_times(parts.claims, certificate, at)
    return Document(kind, parts.claims, certificate)


def claims_by_device(
    text: str, kind: Kind, *, key: Ed25519PublicKey | None = None
) -> dict[str, Any]:
    """
    Return the claims of what a device signed: with `key`, or with the one it states itself.

    A key that only the document states proves no more than that its holder made all of it.

    :raises Distrusted: MALFORMED, TYPE_MISMATCH or SIGNATURE_INVALID
    """
    parts = taken_apart(text)
    if kind not in OF_DEVICES or parts.header.get("typ") != kind:
        raise Distrusted("TYPE_MISMATCH")
    if key is None:
        key = public_key_in(parts.header.get("jwk"))
    check_signature(text, key)
    return parts.claims


def signed_by_device(kind: Kind, claims: dict[str, Any], *, key: Ed25519PrivateKey) -> str:
    """Return what a device signs with its own key, which it states."""
    header = {"typ": kind.value, "jwk": jwk_of(key.public_key())}
    return jwt.encode(claims, key, algorithm=ALGORITHM, headers=header)


def _check_product(
    claims: dict[str, Any], certificate: Certificate, product_id: str | None
) -> None:
    stated = str(claims.get("aud", ""))
    # A product's key vouches for that product alone.
    if certificate.product_id and stated != certificate.product_id:
        raise Distrusted("CERT_INVALID")
    if product_id is not None and stated != product_id:
        raise Distrusted("PRODUCT_MISMATCH")


def _check_times(claims: dict[str, Any], certificate: Certificate, at: datetime) -> None:
    """The end is half-open: at `exp` itself a document has expired; without one it never held."""
    issued, ends = moment(claims.get("iat")), moment(claims.get("exp"))
    if not certificate.not_before <= issued <= certificate.signs_until:
        raise Distrusted("CERT_INVALID")
    if issued > at + SKEW or ("nbf" in claims and moment(claims["nbf"]) > at + SKEW):
        raise Distrusted("NOT_YET_VALID")
    if at >= ends:
        raise Distrusted("FILE_EXPIRED")
    if at >= certificate.expires_at:
        raise Distrusted("CERT_INVALID")
