"""Which key signs, and which roots vouch for it."""

import base64
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from events import vault
from licenses.models import RootKey, SigningKey
from licenses.signing import Purpose, Signer

# For so long may a process go on with a key that was replaced or compromised meanwhile.
_LOOKED_UP_AGAIN = timedelta(seconds=1)


class _Known(NamedTuple):
    since: datetime
    signer: Signer


_known: dict[tuple[Purpose, UUID | None], _Known] = {}
# Since when there has been none for a purpose, nor a root to vouch for one.
_missing: dict[Purpose, datetime] = {}


def signer_of(
    product_id: UUID | None, *, at: datetime, purpose: Purpose = Purpose.PRODUCT
) -> Signer | None:
    """
    Return the key that signs now: a product's documents, or for another purpose with None.

    Opening a private key costs more than signing with it, so a process remembers it for a second.
    """
    use = (purpose, product_id)
    known = _known.get(use)
    fresh = known is not None and known.since <= at < known.since + _LOOKED_UP_AGAIN
    if known and fresh and at < known.signer.signs_until:
        return known.signer
    kept = known.signer.kid if known else ""
    row = SigningKey.objects.of(purpose, product_id).signing(at).first()
    if row is None:
        _known.pop(use, None)
        return None
    signer = known.signer if known and row.kid == kept else _opened(row)
    # Certified since: the certificate may be another.
    signer = signer._replace(signs_until=row.signs_until, certificate=row.certificate)
    _known[use] = _Known(at, signer)
    return signer


def last_known(purpose: Purpose, *, at: datetime) -> Signer | None:
    """Return the key that signed last here, while its time is not over: the database is away."""
    known = _known.get((purpose, None))
    return known.signer if known and at < known.signer.signs_until else None


def is_missing(purpose: Purpose, *, at: datetime) -> bool:
    """Return whether it was seen within the second that nothing signs for a purpose."""
    since = _missing.get(purpose)
    return since is not None and since <= at < since + _LOOKED_UP_AGAIN


def note_missing(purpose: Purpose, *, at: datetime) -> None:
    """Let nobody look again for a second: a server without a key answers as fast as any."""
    _missing[purpose] = at


def look_again() -> None:
    """Forget which keys sign; the next document asks the database."""
    _known.clear()
    _missing.clear()


def roots() -> dict[str, Ed25519PublicKey]:
    """Return every root that vouches for keys here, by its name."""
    return {
        kid: Ed25519PublicKey.from_public_bytes(bytes(raw))
        for kid, raw in RootKey.objects.values_list("kid", "public_key")
    }


def compromised() -> frozenset[str]:
    """Return the names of signing keys that are not believed any more."""
    rows = SigningKey.objects.filter(compromised_at__isnull=False)
    return frozenset(rows.values_list("kid", flat=True))


def uses_due(at: datetime, *, within: timedelta) -> list[tuple[Purpose, UUID | None]]:
    """
    Return the purposes and products whose keys all end within that time, in one statement.

    A product that never had a key gets its first one with its first document; the list and the
    answers have theirs from the start.
    """
    rows = SigningKey.objects.exclude(certificate="").values("purpose", "product_id")
    kept = SigningKey.objects.believed(at).filter(signs_until__gt=at + within)
    lasting: set[tuple[Purpose, UUID | None]] = {
        (Purpose(purpose), product_id)
        for purpose, product_id in kept.values_list("purpose", "product_id").distinct()
    }
    known: set[tuple[Purpose, UUID | None]] = {
        (Purpose(purpose), product_id)
        for purpose, product_id in rows.values_list("purpose", "product_id").distinct()
    }
    known |= {(Purpose.REVOCATIONS, None), (Purpose.ANSWERS, None)}
    return sorted(known - lasting, key=lambda use: (use[0], str(use[1])))


def _opened(row: SigningKey) -> Signer:
    raw = base64.b64decode(vault.decrypt(row.private_ciphertext))
    key = Ed25519PrivateKey.from_private_bytes(raw)
    return Signer(row.kid, key, row.certificate, row.signs_until)
