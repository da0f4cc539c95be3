"""What a key is made of and what vouches for it: handed to every scheme alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What was sold, as far as a key may carry it; each scheme takes what its form has room for."""

    tenant: str
    # Whoever holds the licence: the customer's id, or the tenant's code where there is none.
    customer: str
    product: str = ""
    license_type: str = ""
    license_model: str = ""
    max_activations: int = 1
    features: Sequence[str] = ()
    issued_at: datetime
    expires_at: datetime | None = None
    # False while the end is not known yet: a term that starts with the first activation.
    ends_known: bool = True
    # Empty: the scheme's own.
    prefix: str = ""
    version: str = ""


class Signer(NamedTuple):
    """A product's signing key and the short id by which verifiers know it."""

    kid: str
    key: Ed25519PrivateKey


class Seal(Protocol):
    """What vouches for a new key; a scheme asks for what it needs and no more."""

    def stamp(self) -> datetime:
        """Return a moment that no other key of the tenant has."""
        ...

    def mac(self, message: str) -> bytes:
        """Return the MAC (32 bytes) of a message under this installation's secret."""
        ...

    def signer(self) -> Signer:
        """Return the product's signing key."""
        ...


class Proof(Protocol):
    """What a key can be checked against."""

    def macs(self, message: str) -> Sequence[bytes]:
        """Return the MACs of a message under every secret that may have made it."""
        ...

    def public_key(self, kid: str) -> Ed25519PublicKey | None:
        """Return the public half of the signing key of that id, if there is one."""
        ...
