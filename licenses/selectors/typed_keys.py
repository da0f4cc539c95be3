"""Reading keys as they are typed or sent, where what can be a key depends on what is held."""

import time

from licenses import keys
from licenses.keys import KeyScheme, opaque
from licenses.models import License

# While no key of another system is held, the database is asked at most so often whether one is.
_LOOK_AGAIN = 10.0
# What this process knows: once one is held, one is held for good, since no licence is deleted.
_held = False
_looked_at = float("-inf")


def canonical(text: object) -> str | None:
    """
    Return a key in its canonical form, or None if no licence here can have it.

    A text of no form of ours is a key only where keys of another system are held.
    """
    key = keys.parse(text)
    if key is None and isinstance(text, str) and opaque.parse(text.strip()) and opaque_held():
        key = keys.parse(text, opaque_too=True)
    return key


def opaque_held() -> bool:
    """Return whether any licence has a key of another system."""
    global _held, _looked_at
    if not _held and time.monotonic() - _looked_at >= _LOOK_AGAIN:
        _held = License.objects.filter(key_scheme=KeyScheme.OPAQUE).exists()
        _looked_at = time.monotonic()
    return _held


def look_again() -> None:
    """Let the next reader ask the database: something was imported, or the database is another."""
    global _held, _looked_at
    _held, _looked_at = False, float("-inf")
