"""OPAQUE keys: whatever another system issued, 8 to 512 characters that may stand in an address."""

import re
import secrets

from licenses.keys.contents import Contents, Proof, Seal

PREFIX = ""
_FORM = re.compile(r"[A-Za-z0-9._~-]{8,512}")
# Half of a short key would be shown by four.
_SHORT, _SHORT_HINT = 16, 2


def make(contents: Contents, seal: Seal) -> str:
    """Return a new key without any form, for a licence that came with one of another system."""
    return secrets.token_urlsafe(24)


def parse(text: str) -> str | None:
    """Return the key as it is, or None if it cannot be one."""
    # A path would lose a name that consists of dots.
    return text if _FORM.fullmatch(text) and text.strip(".") else None


def is_genuine(key: str, proof: Proof) -> bool:
    """Return True: nothing in the key vouches for it, the row alone decides."""
    return True


def head(key: str) -> str:
    """Return nothing, since no part of the key is known to be harmless."""
    return ""


def hint(key: str) -> str:
    """Return the last symbols, by which people recognise the key."""
    return key[-4:] if len(key) >= _SHORT else key[-_SHORT_HINT:]


def mask(head: str, hint: str) -> str:
    """Return the form in which lists show a key of that hint."""
    return f"****-{hint}"
