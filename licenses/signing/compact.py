"""
Taking a compact JWS apart, strictly: one text has one reading.

The library that checks signatures reads JSON and base64 as Python does, which takes a name twice,
NaN and spare bits. Whatever could be read two ways is refused here, before anything is believed.
"""

import base64
import binascii
import json
from typing import Any, NamedTuple, NoReturn

from licenses.signing.distrust import Distrusted

# The largest document, in characters; a response with fifty features has about 8,000.
MOST_CHARACTERS = 65_536
# The list of revocations names many licences and devices.
MOST_CHARACTERS_OF_A_LIST = 2_097_152
_DEEPEST = 8


class Parts(NamedTuple):
    """A document as it was sent: nothing of it is believed yet."""

    header: dict[str, Any]
    claims: dict[str, Any]
    text: str


def encoded(raw: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def exactly(text: Any) -> bytes:
    """
    Return what base64url text stands for, if it is the one text that stands for it.

    :raises Distrusted: MALFORMED if it has another alphabet, padding, spaces or spare bits
    """
    if not isinstance(text, str) or not text.isascii():
        raise Distrusted("MALFORMED")
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raise Distrusted("MALFORMED") from None
    if encoded(raw) != text:
        raise Distrusted("MALFORMED")
    return raw


def taken_apart(text: str, *, most: int = MOST_CHARACTERS) -> Parts:
    """
    Return header and claims of a compact JWS of at most so many characters, unverified.

    :raises Distrusted: MALFORMED if it is too large, no JWS, or could be read two ways
    """
    if not isinstance(text, str) or len(text) > most:
        raise Distrusted("MALFORMED")
    pieces = text.split(".")
    if len(pieces) != 3:
        raise Distrusted("MALFORMED")
    header, claims, signature = (exactly(piece) for piece in pieces)
    if len(signature) != 64:
        raise Distrusted("SIGNATURE_INVALID")
    parts = Parts(object_in(header), object_in(claims), text)
    # An extension that must be understood is one that we do not (RFC 7515, 4.1.11).
    if "crit" in parts.header:
        raise Distrusted("MALFORMED")
    return parts


def object_in(raw: bytes) -> dict[str, Any]:
    """
    Return the one JSON object that bytes stand for.

    :raises Distrusted: MALFORMED if there is none, it could be read two ways, or is too deep
    """
    try:
        read = json.loads(raw.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Distrusted("MALFORMED") from None
    if not isinstance(read, dict) or _too_deep(read, _DEEPEST):
        raise Distrusted("MALFORMED")
    return read


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) != len(pairs):
        raise ValueError("a name stands twice")
    return read


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _too_deep(value: Any, left: int) -> bool:
    if left == 0:
        return True
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(isinstance(one, dict | list) and _too_deep(one, left - 1) for one in inner)
