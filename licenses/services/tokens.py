"""Activation tokens: made again from the row whenever the same device asks, never stored."""

import base64
import hashlib
import uuid

from events import vault


def token_for(activation_id: uuid.UUID, *, generation: int, version: int) -> str:
    """Return the token of an activation, always the same for one generation of it."""
    message = activation_id.bytes + generation.to_bytes(4, "big")
    mac = vault.token_mac(message, version=version)
    return "act_" + base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


def token_digest(token: str) -> bytes:
    """Return what stands for a token at rest: it has 256 bits, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).digest()
