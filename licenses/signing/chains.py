"""The chain of what a device used: each hash holds all before it, so that none can be changed."""

import hashlib
from collections.abc import Iterable


def head_of(device: str) -> bytes:
    """Return the hash that a device's chain begins with: SHA-256 of `usage:` and its id."""
    return hashlib.sha256(f"usage:{device}".encode()).digest()


def head_after(head: bytes, entries: Iterable[str]) -> bytes:
    """
    Return the hash that a chain ends in after these entries.

    Each is SHA-256 of the hash before it (32 bytes) and the entry's text in UTF-8, as it was
    written: nothing is read and written again to be checked.
    """
    for entry in entries:
        head = hashlib.sha256(head + entry.encode()).digest()
    return head
