"""A root's file, on the machine that is no server: PKCS#8 in PEM, opened by a passphrase."""

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

# Guessing at a stolen file costs little each time: the passphrase has to be long.
SHORTEST_PASSPHRASE = 20


class RootFileError(Exception):
    """A root's file cannot be written or opened, and why."""


def make_root(path: Path, *, passphrase: str) -> Ed25519PrivateKey:
    """
    Make a root, and its file, which only its owner may read.

    :raises RootFileError: if there is such a file, or the passphrase is too short
    """
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise RootFileError(f"the passphrase has fewer than {SHORTEST_PASSPHRASE} characters")
    key = Ed25519PrivateKey.generate()
    sealed = key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase.encode())
    )
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise RootFileError(f"{path} is there already; nothing was changed") from None
    except OSError as error:
        raise RootFileError(str(error)) from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(sealed)
        file.flush()
        os.fsync(file.fileno())
    return key


def open_root(path: Path, *, passphrase: str) -> Ed25519PrivateKey:
    """
    Return the root in a file.

    :raises RootFileError: if there is none, or the passphrase does not open it
    """
    try:
        key = load_pem_private_key(path.read_bytes(), passphrase.encode())
    except OSError as error:
        raise RootFileError(str(error)) from None
    except (ValueError, TypeError):
        raise RootFileError(f"{path} is no root's file, or has another passphrase") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise RootFileError(f"{path} holds a key of another kind")
    return key
