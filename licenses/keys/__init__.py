"""Licence keys: one module a scheme, all with the same verbs; pure."""

from enum import StrEnum
from typing import Protocol

from licenses.keys import grouped


class KeyScheme(StrEnum):
    """The form of a licence key."""

    GROUPED = "GROUPED"
    STAMPED = "STAMPED"
    SIGNED = "SIGNED"
    TOKEN = "TOKEN"  # noqa: S105 - the name of a scheme, not a password
    OPAQUE = "OPAQUE"


class Scheme(Protocol):
    """What every key scheme can do."""

    def make(self) -> str: ...
    def parse(self, key: str, /) -> str | None: ...
    def mask(self, hint: str, /) -> str: ...
    def hint(self, key: str, /) -> str: ...


# Looked through in this order; the first scheme that recognises the form takes the key.
SCHEMES: dict[KeyScheme, Scheme] = {KeyScheme.GROUPED: grouped}


def parse(text: object) -> str | None:
    """Return the canonical form of a key as typed by a person, or None if no scheme has it."""
    if not isinstance(text, str) or len(text) > 4096:
        return None
    for scheme in SCHEMES.values():
        if (key := scheme.parse(text)) is not None:
            return key
    return None


def make(scheme: str) -> str:
    """Return a new key of that scheme."""
    return SCHEMES[KeyScheme(scheme)].make()


def hint_of(scheme: str, key: str) -> str:
    """Return the few last symbols by which people recognise a key: `…-Q7RT`."""
    return SCHEMES[KeyScheme(scheme)].hint(key)


def masked(scheme: str, hint: str) -> str:
    """Return the masked form in which a key stands in lists and answers, from its stored hint."""
    return SCHEMES[KeyScheme(scheme)].mask(hint)
