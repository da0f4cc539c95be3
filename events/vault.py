"""Keyed digests, encryption at rest and the key rings: the only place that touches key material."""

import base64
import hashlib
import hmac
import os
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MIN_SECRET_BYTES = 32


class VaultError(Exception):
    """Key material is missing or does not fit what it should open."""


@dataclass(frozen=True, slots=True)
class _Secret:
    key: bytes
    version: int


@dataclass(frozen=True, slots=True)
class _Rings:
    digest: tuple[_Secret, ...]
    token: tuple[_Secret, ...]
    personal: tuple[_Secret, ...]
    fernet: MultiFernet


_rings: _Rings | None = None


def version_of(secret: bytes) -> int:
    """
    Return the short public number by which rows remember a secret, 1 to 32767.

    It is taken from the secret's own hash, so no number has to be kept in the configuration.
    """
    return int.from_bytes(hashlib.sha256(b"version\0" + secret).digest()[:2], "big") % 32767 + 1


def unlock(
    *, digest_keys: Sequence[str], encryption_keys: Sequence[str], token_keys: Sequence[str]
) -> None:
    """
    Open the vault with three rings, each newest first.

    :raises VaultError: if a ring is empty, a secret is short, or two secrets share a version
    """
    global _rings
    digest = _ring("DIGEST_KEY", digest_keys)
    token = _ring("TOKEN_KEYS", token_keys)
    personal = _ring("ENCRYPTION_KEYS", encryption_keys)
    fernets = [
        Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"fernet\0" + secret.key).digest()))
        for secret in personal
    ]
    _rings = _Rings(digest=digest, token=token, personal=personal, fernet=MultiFernet(fernets))


def digest(purpose: str, text: str) -> bytes:
    """Return the keyed digest (32 bytes) that stands for `text` in rows written today."""
    return _mac(_open().digest[0], purpose, text)


def digests(purpose: str, text: str) -> list[bytes]:
    """Return the digests of `text` under every key of the ring, newest first, to look rows up."""
    return [_mac(secret, purpose, text) for secret in _open().digest]


def digest_version() -> int:
    """Return the version of the digest key that rows written today remember."""
    return _open().digest[0].version


def token_version() -> int:
    """Return the version of the token key that activations made today remember."""
    return _open().token[0].version


def token_mac(message: bytes, *, version: int) -> bytes:
    """
    Return the MAC (32 bytes) of a token's message under the token key of that version.

    :raises VaultError: if that key has left the ring
    """
    return hmac.digest(_by_version(_open().token, version).key, b"token\0" + message, "sha256")


def encrypt(text: str) -> str:
    """Return `text` encrypted under the newest key of the ring."""
    return _open().fernet.encrypt(text.encode()).decode()


def decrypt(ciphertext: str) -> str:
    """
    Return what `encrypt` was given, whichever key of the ring was newest then.

    :raises VaultError: if no key of the ring opens it
    """
    try:
        return _open().fernet.decrypt(ciphertext.encode()).decode()
    except InvalidToken:
        raise VaultError("no key of the ring opens this") from None


def rotate(ciphertext: str) -> str:
    """
    Return the same secret encrypted under the newest key.

    :raises VaultError: if no key of the ring opens it
    """
    try:
        return _open().fernet.rotate(ciphertext.encode()).decode()
    except InvalidToken:
        raise VaultError("no key of the ring opens this") from None


def new_salt() -> bytes:
    """Return the random half (16 bytes) of a person's key; deleting it forgets the person."""
    return os.urandom(16)


def encrypt_for(salt: bytes, text: str) -> str:
    """Return `text` encrypted so that it can be read only as long as the person's salt exists."""
    secret = _open().personal[0]
    nonce = os.urandom(12)
    sealed = AESGCM(_personal_key(secret, salt)).encrypt(nonce, text.encode(), None)
    return f"p{secret.version}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"


def decrypt_for(salt: bytes, ciphertext: str) -> str:
    """
    Return what `encrypt_for` was given.

    :raises VaultError: if the salt or the ring does not fit
    """
    head, _, body = ciphertext.partition(".")
    try:
        raw, version = base64.urlsafe_b64decode(body), int(head[1:])
        key = _personal_key(_by_version(_open().personal, version), salt)
        return AESGCM(key).decrypt(raw[:12], raw[12:], None).decode()
    except (InvalidTag, ValueError):
        raise VaultError("this person's salt does not open this") from None


def _personal_key(secret: _Secret, salt: bytes) -> bytes:
    return hmac.digest(secret.key, b"person\0" + salt, "sha256")


def _mac(secret: _Secret, purpose: str, text: str) -> bytes:
    # The zero byte keeps ("ab", "c") and ("a", "bc") apart; purposes never hold one.
    return hmac.digest(secret.key, purpose.encode() + b"\0" + text.encode(), "sha256")


def _by_version(ring: tuple[_Secret, ...], version: int) -> _Secret:
    for secret in ring:
        if secret.version == version:
            return secret
    raise VaultError(f"the key of version {version} is not in the ring")


def _ring(name: str, texts: Sequence[str]) -> tuple[_Secret, ...]:
    if not texts:
        raise VaultError(f"{name} is empty")
    keys = [text.encode() for text in texts]
    if any(len(key) < MIN_SECRET_BYTES for key in keys):
        raise VaultError(f"{name}: every secret needs at least {MIN_SECRET_BYTES} characters")
    ring = tuple(_Secret(key, version_of(key)) for key in keys)
    if len({secret.version for secret in ring}) != len(ring):
        raise VaultError(f"{name}: two secrets share a version; make another")
    return ring


def _open() -> _Rings:
    if _rings is None:
        raise VaultError("the vault was not unlocked")
    return _rings
