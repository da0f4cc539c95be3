"""What a device without a network asks for: its request code, written and read."""

from datetime import datetime
from typing import Any

import msgspec

from events import vault
from events.refusals import Refusal, invalid
from events.vault import VaultError
from licenses.models.offline import REQUEST_KEPT
from licenses.selectors import typed_keys
from licenses.signing import Distrusted, Kind, claims_by_device, pasted, public_key_in
from licenses.signing.compact import MOST_CHARACTERS, encoded, exactly

DIGEST = "offline_request"
# Random enough that no two devices ever have the same.
LEAST_NONCE, MOST_NONCE = 16, 128


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What a device says of itself when it asks to be activated, as it would over a network."""

    license_key: str
    device_fingerprint: str
    # Comes back in the response, which the device then takes once.
    nonce: str
    machine_name: str = ""
    hardware_id: str = ""
    mac_address: str = ""
    operating_system: str = ""
    application_version: str = ""
    user_identity: str = ""
    domain: str = ""
    country: str = ""
    cpu_count: int | None = None
    core_count: int | None = None
    # The product that it is, as signed documents name it; empty where it does not say.
    aud: str = ""
    # The key that it will sign with: base64url, 43 characters; empty where it has none.
    public_key: str = ""

    @property
    def key(self) -> bytes | None:
        """The same key, 32 bytes."""
        return exactly(self.public_key) if self.public_key else None

    @property
    def said(self) -> str:
        """All that it says, always in the same words: what its digest is made of."""
        return msgspec.json.encode(self).decode()

    @property
    def digest(self) -> bytes:
        """What stands for it at rest."""
        return vault.digest(DIGEST, self.said)

    def is_what_had(self, digest: bytes | memoryview) -> bool:
        """Return whether this wish has that digest, under whichever key of the ring."""
        return bytes(digest) in vault.digests(DIGEST, self.said)


class _Kept(msgspec.Struct, frozen=True):
    """A request that this server wrote: until when it may be answered."""

    expires_at: datetime
    wish: Wish


def written(wish: Wish, *, at: datetime) -> tuple[str, datetime]:
    """
    Return the request code of a device that signs nothing, and until when it may be answered.

    It is encrypted: whoever carries it need not see the licence key, and cannot change it.

    :raises BODY_TOO_LARGE: if it says more than `read` would take
    """
    expires_at = at + REQUEST_KEPT
    code = vault.encrypt(msgspec.json.encode(_Kept(expires_at, wish)).decode())
    if len(code) > MOST_CHARACTERS:
        raise Refusal("BODY_TOO_LARGE")
    return code, expires_at


def read(text: str, *, at: datetime) -> Wish:
    """
    Return what a pasted request code asks for: the device's own, or one written here.

    A device's own states no end: the clock of a device without a network proves nothing.

    :raises DOCUMENT_INVALID: if it is no request, or somebody changed it
    :raises OFFLINE_REQUEST_EXPIRED: if it was written here and is over
    :raises INVALID_LICENSE_KEY_FORMAT: if it names no key of ours
    """
    if len(text) > MOST_CHARACTERS:
        raise Refusal("DOCUMENT_INVALID", reason="MALFORMED")
    code = pasted(text)
    wish = _signed(code) if "." in code else _written_here(code, at=at)
    key = typed_keys.canonical(wish.license_key)
    if key is None:
        raise Refusal("INVALID_LICENSE_KEY_FORMAT")
    return msgspec.structs.replace(wish, license_key=key)


def checked_nonce(nonce: str) -> str:
    """
    Return a nonce that nobody else has.

    :raises VALIDATION_ERROR: if it is too short for that, or no word
    """
    if not _is_nonce(nonce):
        raise invalid(nonce=f"{LEAST_NONCE} to {MOST_NONCE} letters, digits, - and _.")
    return nonce


def checked_key(text: str) -> str:
    """
    Return a device's public key as it is written.

    :raises VALIDATION_ERROR: if it is no Ed25519 key in base64url
    """
    try:
        public_key_in({"kty": "OKP", "crv": "Ed25519", "x": text})
    except Distrusted:
        raise invalid(public_key="An Ed25519 key: 32 bytes in base64url without padding.") from None
    return text


def _signed(code: str) -> Wish:
    try:
        claims = claims_by_device(code, Kind.ACTIVATION_REQUEST)
        stated = _key_stated(code)
        wish = msgspec.convert(claims | {"public_key": stated}, Wish)
    except Distrusted as distrust:
        raise Refusal("DOCUMENT_INVALID", reason=distrust.code) from None
    except msgspec.ValidationError:
        raise Refusal("DOCUMENT_INVALID", reason="MALFORMED") from None
    if not (_is_nonce(wish.nonce) and _is_text(wish)):
        raise Refusal("DOCUMENT_INVALID", reason="MALFORMED")
    return wish


def _is_text(wish: Wish) -> bool:
    """Return whether all that it says can be written down: half a character cannot, nor a NUL."""
    try:
        return "\\u0000" not in wish.said
    except UnicodeError:
        return False


def _key_stated(code: str) -> str:
    """Return the key that a request was signed with, which its header states."""
    header: dict[str, Any] = msgspec.json.decode(exactly(code.partition(".")[0]))
    return encoded(public_key_in(header["jwk"]).public_bytes_raw())


def _written_here(code: str, *, at: datetime) -> Wish:
    try:
        kept = msgspec.json.decode(vault.decrypt(code), type=_Kept)
    except (VaultError, msgspec.MsgspecError, UnicodeError):
        raise Refusal("DOCUMENT_INVALID", reason="SIGNATURE_INVALID") from None
    if at >= kept.expires_at:
        raise Refusal("OFFLINE_REQUEST_EXPIRED")
    return kept.wish


def _is_nonce(nonce: str) -> bool:
    bare = nonce.replace("-", "").replace("_", "")
    return LEAST_NONCE <= len(nonce) <= MOST_NONCE and bare.isascii() and bare.isalnum()
