"""Licence keys: one module a scheme, all with the same verbs; pure."""

import re
from enum import StrEnum
from typing import Protocol

from licenses.keys import grouped, opaque, signed, stamped, token
from licenses.keys.contents import Contents, Proof, Seal, Signer

__all__ = [
    "MADE_HERE",
    "SCHEMES",
    "Contents",
    "KeyScheme",
    "Proof",
    "Scheme",
    "Seal",
    "Signer",
    "head_of",
    "hint_of",
    "is_genuine",
    "make",
    "masked",
    "parse",
    "recognise",
]


class KeyScheme(StrEnum):
    """The form of a licence key."""

    GROUPED = "GROUPED"
    STAMPED = "STAMPED"
    SIGNED = "SIGNED"
    TOKEN = "TOKEN"  # noqa: S105 - the name of a scheme, not a password
    OPAQUE = "OPAQUE"


class Scheme(Protocol):
    """What every key scheme can do."""

    PREFIX: str

    def make(self, contents: Contents, seal: Seal, /) -> str: ...
    def parse(self, text: str, /) -> str | None: ...
    def is_genuine(self, key: str, proof: Proof, /) -> bool: ...
    def head(self, key: str, /) -> str: ...
    def hint(self, key: str, /) -> str: ...
    def mask(self, head: str, hint: str, /) -> str: ...


# Looked through in this order; the first scheme that recognises the form takes the key. No form
# of one is a form of another, but OPAQUE takes what is left.
SCHEMES: dict[KeyScheme, Scheme] = {
    KeyScheme.GROUPED: grouped,
    KeyScheme.STAMPED: stamped,
    KeyScheme.SIGNED: signed,
    KeyScheme.TOKEN: token,
    KeyScheme.OPAQUE: opaque,
}
# What a product or template may choose; OPAQUE keys come with a licence of another system.
MADE_HERE = tuple(scheme for scheme in SCHEMES if scheme != KeyScheme.OPAQUE)
PREFIX_FORM = re.compile(r"[A-Z][A-Z0-9]{1,9}")
_LONGEST = 8192


def recognise(text: object, *, opaque_too: bool = False) -> tuple[KeyScheme, str] | None:
    """Return a key's scheme and canonical form as typed by a person, or None if none has it."""
    if not isinstance(text, str) or len(text) > _LONGEST:
        return None
    text = text.strip()
    # Other alphabets have letters that capitalise to ours.
    if not text.isascii():
        return None
    for name, scheme in SCHEMES.items():
        if name == KeyScheme.OPAQUE and not opaque_too:
            continue
        if (key := scheme.parse(text)) is not None:
            return name, key
    return None


def parse(text: object, *, opaque_too: bool = False) -> str | None:
    """Return the canonical form of a key as typed by a person, or None if no scheme has it."""
    found = recognise(text, opaque_too=opaque_too)
    return None if found is None else found[1]


def make(scheme: str, contents: Contents, seal: Seal) -> str:
    """Return a new key of that scheme."""
    return SCHEMES[KeyScheme(scheme)].make(contents, seal)


def is_genuine(scheme: str, key: str, proof: Proof) -> bool:
    """Return whether what a key in canonical form carries vouches for it."""
    return SCHEMES[KeyScheme(scheme)].is_genuine(key, proof)


def head_of(scheme: str, key: str) -> str:
    """Return the harmless beginning of a key that its mask shows: `AGY-ACME`."""
    return SCHEMES[KeyScheme(scheme)].head(key)


def hint_of(scheme: str, key: str) -> str:
    """Return the few last symbols by which people recognise a key: `…-Q7RT`."""
    return SCHEMES[KeyScheme(scheme)].hint(key)


def masked(scheme: str, head: str, hint: str) -> str:
    """Return the masked form in which a key stands in lists and answers, from what is stored."""
    return SCHEMES[KeyScheme(scheme)].mask(head, hint)
