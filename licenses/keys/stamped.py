"""STAMPED keys, `AGY-{TENANT}-{TIMESTAMP}-{CHECKSUM}`: whose, since when, and a keyed checksum."""

import hmac
import re

from licenses.keys.contents import Contents, Proof, Seal
from licenses.keys.grouped import ALPHABET

PREFIX = "AGY"
_CHECKSUM_SYMBOLS = 16
_FORM = re.compile(r"[A-Z][A-Z0-9]{1,9}-[A-Z0-9]{2,20}-[0-9]{20}-[0-9A-HJKMNP-TV-Z]{16}")


def make(contents: Contents, seal: Seal) -> str:
    """Return a new key; its stamp makes it the only one, even of one tenant in one instant."""
    prefix = contents.prefix or PREFIX
    stamp = seal.stamp().strftime("%Y%m%d%H%M%S%f")
    checksum = _symbols(seal.mac(_message(prefix, contents.tenant, stamp)))
    return f"{prefix}-{contents.tenant}-{stamp}-{checksum}"


def parse(text: str) -> str | None:
    """Return the key in capitals, or None if it has another form."""
    key = text.upper()
    return key if _FORM.fullmatch(key) else None


def is_genuine(key: str, proof: Proof) -> bool:
    """Return whether this installation made the key."""
    prefix, tenant, stamp, checksum = key.split("-")
    macs = proof.macs(_message(prefix, tenant, stamp))
    return any(hmac.compare_digest(_symbols(mac), checksum) for mac in macs)


def head(key: str) -> str:
    """Return prefix and tenant, which masks show."""
    return key.rsplit("-", 2)[0]


def hint(key: str) -> str:
    """Return the last four symbols, by which people recognise the key."""
    return key[-4:]


def mask(head: str, hint: str) -> str:
    """Return the form in which lists show a key of that hint."""
    return f"{head}-****-{hint}"


def _message(*parts: str) -> str:
    # Each part with its length: tenant `t1` and date `2…` must not read as tenant `t`, date `12…`.
    return "".join(f"{len(part)}:{part}" for part in parts)


def _symbols(mac: bytes) -> str:
    number = int.from_bytes(mac[: _CHECKSUM_SYMBOLS * 5 // 8], "big")
    return "".join(
        ALPHABET[(number >> 5 * place) & 31] for place in reversed(range(_CHECKSUM_SYMBOLS))
    )
