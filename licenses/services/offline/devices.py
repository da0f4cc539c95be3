"""Devices that carry files: what each is known by, and what looks like two machines."""

import base64
import hashlib
import hmac
import os
import uuid
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from events import trail, vault
from events.trail import Origin
from licenses.models import License, OfflineDevice
from licenses.services.offline import alerts
from licenses.signing import thumbprint

CLONED = "activation.clone_suspected"
_SALT_BYTES = 16


def salted(fingerprint: str) -> str:
    """
    Return a fingerprint as files state it: `salt.hash`, both base64url.

    The hash is SHA-256 over the 16 bytes of the salt and the fingerprint in UTF-8: a device tells
    its own, and nobody tells that two files are of one device by them.
    """
    return _salted(os.urandom(_SALT_BYTES), fingerprint)


def new_nonce() -> str:
    """Return a nonce that no request has had: 128 random bits."""
    return _written(os.urandom(_SALT_BYTES))


def is_salted(stated: str, fingerprint: str) -> bool:
    """Return whether a file's fingerprint is this device's."""
    salt = base64.urlsafe_b64decode(stated.partition(".")[0] + "==")
    return hmac.compare_digest(_salted(salt, fingerprint), stated)


def remember(activation_id: uuid.UUID, fingerprint: str) -> OfflineDevice:
    """Return what is known of a device that carries files, noting it the first time."""
    found = OfflineDevice.objects.filter(pk=activation_id).first()
    if found is None:
        found = OfflineDevice(
            activation_id=activation_id, fingerprint_ciphertext=vault.encrypt(salted(fingerprint))
        )
        found.save(force_insert=True)
    return found


def meet(
    license: License,
    activation_id: uuid.UUID,
    fingerprint: str,
    key: bytes | None,
    *,
    at: datetime,
    origin: Origin,
) -> OfflineDevice:
    """
    Return a device of a locked licence that asked with a key of its own, or with none.

    The same fingerprint with another key, or the same key with another fingerprint, may be a copy:
    it is let in and flagged. With a new key its chain of use begins anew.
    """
    device = remember(activation_id, fingerprint)
    if key is None:
        return device
    before = None if device.public_key is None else bytes(device.public_key)
    twins = OfflineDevice.objects.filter(
        public_key=key, activation__license=license, activation__deactivated_at=None
    ).exclude(pk=activation_id)
    copied = twins.exists()
    if copied or before not in (None, key):
        device.clone_suspected_at = at
        _tell(license, activation_id, before, key, copied=copied, at=at, origin=origin)
    if before != key:
        device.public_key = key
        device.usage_count, device.usage_head = 0, b""
    device.save()
    return device


def bound(device: OfflineDevice, *, key: bytes | None = None) -> dict[str, Any]:
    """Return the claims that bind a file to a device: by its key too, where it has one."""
    claims: dict[str, Any] = {
        "dev": str(device.activation_id),
        "fp": vault.decrypt(device.fingerprint_ciphertext),
        "device_key": key is not None,
    }
    if key is not None:
        claims["dpk"] = _written(key)
    return claims


def _tell(
    license: License,
    activation_id: uuid.UUID,
    before: bytes | None,
    after: bytes,
    *,
    copied: bool,
    at: datetime,
    origin: Origin,
) -> None:
    trail.record(
        CLONED,
        at=at,
        origin=origin,
        tenant_id=license.tenant_id,
        customer_id=license.customer_id,
        license_id=license.pk,
        activation_id=activation_id,
        changes={"device_key": (before and _name(before), _name(after))},
        reason="SAME_KEY" if copied else "ANOTHER_KEY",
    )
    alerts.tell_staff(license.pk, activation_id, alerts.CLONED, at=at)


def _name(key: bytes) -> str:
    return thumbprint(Ed25519PublicKey.from_public_bytes(key))


def _written(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _salted(salt: bytes, fingerprint: str) -> str:
    digest = hashlib.sha256(salt + fingerprint.encode()).digest()
    return f"{_written(salt)}.{_written(digest)}"
