"""
TOKEN keys, `NLS-{base64url(JWT)}-{8 hex}`: what was sold, signed with the product's Ed25519 key.

The token has no `exp`: a key is checked by its signature and never by its age, since renewal
does not change it. The last part is a public checksum that catches a truncated or mistyped key.
"""

import base64
import binascii
import re
import secrets
import zlib
from typing import Any

import jwt
from jwt.types import Options

from licenses.keys.contents import Contents, Proof, Seal
from licenses.keys.signed import listed

PREFIX = "NLS"
TYPE = "license-key+jwt"
_ALGORITHM = "EdDSA"
_FORM = re.compile(r"[A-Z][A-Z0-9]{1,9}-[A-Za-z0-9]+-[0-9a-f]{8}")
_NEVER_BY_AGE = Options(
    verify_exp=False, verify_nbf=False, verify_iat=False, verify_aud=False, verify_iss=False
)


def make(contents: Contents, seal: Seal) -> str:
    """Return a new key; its `jti` makes it another one than any of the same terms."""
    kid, key = seal.signer()
    token = jwt.encode(
        _claims(contents), key, algorithm=_ALGORITHM, headers={"kid": kid, "typ": TYPE}
    )
    # A JWT's text encodes to letters and digits only, so the hyphens split a key safely.
    body = f"{contents.prefix or PREFIX}-{base64.urlsafe_b64encode(token.encode()).decode()}"
    return f"{body.rstrip('=')}-{_checksum(body.rstrip('='))}"


def parse(text: str) -> str | None:
    """Return the key as it is, or None if it has another form or was cut or mistyped."""
    if not _FORM.fullmatch(text):
        return None
    body, _, checksum = text.rpartition("-")
    return text if _checksum(body) == checksum else None


def is_genuine(key: str, proof: Proof) -> bool:
    """Return whether the token was signed by the product's key that it names, however long ago."""
    return claims_of(key, proof) is not None


def claims_of(key: str, proof: Proof) -> dict[str, Any] | None:
    """Return what the key says of itself if it is genuine, else None."""
    try:
        token = _exactly(key.split("-")[1]).decode("ascii")
        # Spare bits of base64 would let a changed text decode to the same signature.
        for part in token.split("."):
            _exactly(part)
        header = jwt.get_unverified_header(token)
        public = proof.public_key(str(header.get("kid")))
        if public is None or header.get("typ") != TYPE:
            return None
        claims: dict[str, Any] = jwt.decode(
            token, public, algorithms=[_ALGORITHM], options=_NEVER_BY_AGE
        )
    except (jwt.PyJWTError, ValueError):
        return None
    return claims


def head(key: str) -> str:
    """Return the prefix, which masks show."""
    return key.partition("-")[0]


def hint(key: str) -> str:
    """Return the last four symbols, by which people recognise the key."""
    return key[-4:]


def mask(head: str, hint: str) -> str:
    """Return the form in which lists show a key of that hint."""
    return f"{head}-****-{hint}"


def _claims(contents: Contents) -> dict[str, Any]:
    claims = {
        "jti": secrets.token_hex(8),
        "iat": int(contents.issued_at.timestamp()),
        "sub": contents.customer,
        "tenant": contents.tenant,
        "product": contents.product,
        "license_type": contents.license_type,
        "license_model": contents.license_model,
        "max_activations": contents.max_activations,
        "features": listed(contents.features).decode(),
    }
    if contents.ends_known:
        end = contents.expires_at
        claims["expires"] = "perpetual" if end is None else int(end.timestamp())
    return claims


def _exactly(part: str) -> bytes:
    """
    Return what a part of base64url stands for.

    :raises ValueError: if another text would stand for the same
    """
    try:
        raw = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except binascii.Error:
        raise ValueError("not base64url") from None
    if base64.urlsafe_b64encode(raw).decode().rstrip("=") != part:
        raise ValueError("not in its shortest form")
    return raw


def _checksum(body: str) -> str:
    return f"{zlib.crc32(body.encode()):08x}"
