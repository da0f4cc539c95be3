"""The root key: kept in a file, encrypted, or on a machine that is not this server."""

import base64
import os
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.db import IntegrityError, transaction

from events import trail, vault
from events.refusals import Refusal
from events.trail import Origin
from licenses.models import RootKey
from licenses.signing import thumbprint

EMBEDDED, OFFLINE = "embedded", "offline"


def root_here(*, at: datetime, origin: Origin) -> Ed25519PrivateKey:
    """
    Return the root key that this server holds, made when it is first needed.

    :raises SIGNING_ROOT_ABSENT: if the root is kept elsewhere, by configuration or because
        another machine made it
    """
    if settings.SIGNING_ROOT != EMBEDDED:
        raise Refusal("SIGNING_ROOT_ABSENT")
    embedded = RootKey.objects.filter(embedded=True, retired_at=None)
    kid = embedded.values_list("kid", flat=True).first()
    if kid is None:
        try:
            with transaction.atomic():
                return _made(at=at, origin=origin)
        except IntegrityError:
            # Another process was first, and this one signs with what that one made.
            kid = embedded.values_list("kid", flat=True).get()
    path = _path(kid)
    if not path.exists():
        raise Refusal("SIGNING_ROOT_ABSENT")
    return Ed25519PrivateKey.from_private_bytes(base64.b64decode(vault.decrypt(path.read_text())))


@transaction.atomic
def trust_root(
    public: Ed25519PublicKey, *, embedded: bool = False, at: datetime, origin: Origin
) -> RootKey:
    """Take a root's public half in: certificates that it signs are accepted from now on."""
    root, is_new = RootKey.objects.get_or_create(
        kid=thumbprint(public),
        defaults={
            "public_key": public.public_bytes_raw(),
            "embedded": embedded,
            "created_at": at,
        },
    )
    if is_new:
        trail.record("root_key.trusted", at=at, origin=origin, changes={"kid": (None, root.kid)})
    return root


def seal_files_anew() -> int:
    """
    Encrypt the roots' files under the newest key; return how many there are.

    :raises VaultError: if one opens with no key of the ring
    """
    kids = RootKey.objects.filter(embedded=True).values_list("kid", flat=True)
    paths = [path for path in map(_path, kids) if path.exists()]
    for path in paths:
        draft = path.with_suffix(".new")
        draft.unlink(missing_ok=True)
        _write(draft, vault.rotate(path.read_text()))
        # In one step: at no time is there half a file.
        draft.replace(path)
    return len(paths)


def _made(*, at: datetime, origin: Origin) -> Ed25519PrivateKey:
    key = Ed25519PrivateKey.generate()
    trust_root(key.public_key(), embedded=True, at=at, origin=origin)
    path = _path(thumbprint(key.public_key()))
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    sealed = vault.encrypt(base64.b64encode(key.private_bytes_raw()).decode())
    # On the disk before the row is committed: a root whose file is missing could never sign again.
    _write(path, sealed)
    return key


def _write(path: Path, sealed: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(sealed)
        file.flush()
        os.fsync(file.fileno())


def _path(kid: str) -> Path:
    return Path(settings.ROOTS_DIR) / f"{kid}.key"
