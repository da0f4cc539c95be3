"""
SIGNED keys, `CAIO-{VERSION}-{CUSTOMER}-{FEATURES}-{EXPIRATION}-{SIGNATURE}`.

`v2` is signed with the product's Ed25519 key, so whoever holds the public half can check it
without asking; `v1` carries an HMAC that only this installation can check. Parts are base32
without padding, in which no hyphen occurs.
"""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence

from cryptography.exceptions import InvalidSignature

from licenses.keys.contents import Contents, Proof, Seal

PREFIX = "CAIO"
HMAC, ED25519 = "v1", "v2"
PERPETUAL = "perpetual"
# The end was not known at issue: the key alone proves no term, its licence file does.
UNKNOWN_END = "0"
# Beyond this the ids of the features are not carried but their hash.
MOST_FEATURE_BYTES = 200
_KID_BYTES, _SALT_BYTES = 8, 8
# Each a multiple of five bytes, so that base32 has no spare bits which could be changed unseen:
# 8 salt + 32 HMAC, and 8 key id + 8 salt + 64 signature.
_SIGNATURE_SYMBOLS = {HMAC: 64, ED25519: 128}
_FORM = re.compile(
    r"[A-Z][A-Z0-9]{1,9}-(?P<version>v[12])-[A-Z2-7]+-[A-Z2-7]*-(?:perpetual|[0-9]{1,12})"
    r"-(?P<signature>[A-Z2-7]+)"
)


def make(contents: Contents, seal: Seal) -> str:
    """Return a new key; its salt makes it another one than any of the same terms."""
    version = contents.version or ED25519
    stated = "-".join(
        (
            contents.prefix or PREFIX,
            version,
            encoded(contents.customer.encode()),
            encoded(listed(contents.features)),
            _expiration(contents),
        )
    )
    salt = secrets.token_bytes(_SALT_BYTES)
    if version == HMAC:
        return f"{stated}-{encoded(salt + seal.mac(_message(stated, salt)))}"
    kid, key = seal.signer()
    signature = key.sign(_message(stated, salt).encode())
    return f"{stated}-{encoded(bytes.fromhex(kid) + salt + signature)}"


def parse(text: str) -> str | None:
    """Return the key as it is, for every letter of it is signed; None if it has another form."""
    found = _FORM.fullmatch(text)
    if found is None or len(found["signature"]) != _SIGNATURE_SYMBOLS[found["version"]]:
        return None
    return text


def is_genuine(key: str, proof: Proof) -> bool:
    """Return whether what the key states was signed as it stands there."""
    stated, _, last = key.rpartition("-")
    raw = _decoded(last)
    if stated.split("-")[1] == HMAC:
        salt, mac = raw[:_SALT_BYTES], raw[_SALT_BYTES:]
        return any(hmac.compare_digest(one, mac) for one in proof.macs(_message(stated, salt)))
    kid, salt, signature = raw[:8], raw[8:16], raw[16:]
    public = proof.public_key(kid.hex())
    if public is None:
        return False
    try:
        public.verify(signature, _message(stated, salt).encode())
    except InvalidSignature:
        return False
    return True


def head(key: str) -> str:
    """Return prefix and version, which masks show."""
    return "-".join(key.split("-", 2)[:2])


def hint(key: str) -> str:
    """Return the last four symbols, by which people recognise the key."""
    return key[-4:]


def mask(head: str, hint: str) -> str:
    """Return the form in which lists show a key of that hint."""
    return f"{head}-****-{hint}"


def listed(features: Sequence[str]) -> bytes:
    """Return the feature ids as a key carries them: sorted, or their hash where they are many."""
    ids = ",".join(sorted(features)).encode()
    if len(ids) <= MOST_FEATURE_BYTES:
        return ids
    # No feature id holds a colon.
    return b"sha256:" + hashlib.sha256(ids).hexdigest().encode()


def encoded(part: bytes) -> str:
    """Return a part in base32 without padding."""
    return base64.b32encode(part).decode().rstrip("=")


def _decoded(part: str) -> bytes:
    return base64.b32decode(part + "=" * (-len(part) % 8))


def _expiration(contents: Contents) -> str:
    if not contents.ends_known:
        return UNKNOWN_END
    return PERPETUAL if contents.expires_at is None else str(int(contents.expires_at.timestamp()))


def _message(stated: str, salt: bytes) -> str:
    return f"{stated}-{encoded(salt)}"
