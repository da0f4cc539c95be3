"""Codes that are read out and typed in, `XXXXX-XXXXX-XXXXX-XXXXX-XXXXX`; no licence keys."""

import re
import secrets

from licenses.keys.grouped import ALPHABET, LOOK_ALIKES, check_symbol

_RANDOM_SYMBOLS = 24
_SYMBOLS = re.compile(r"[0-9A-HJKMNP-TV-Z]{25}")
_LONGEST = 64


def make() -> str:
    """Return a new code: 120 random bits and the symbol that catches a slip of tongue or finger."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(_RANDOM_SYMBOLS))
    return _grouped(body + check_symbol(body))


def parse(text: str) -> str | None:
    """Return the code in its canonical form, or None if it has another form or a typing error."""
    if len(text) > _LONGEST or not text.isascii():
        return None
    symbols = re.sub(r"[\s-]", "", text).upper().translate(LOOK_ALIKES)
    if not _SYMBOLS.fullmatch(symbols) or check_symbol(symbols[:-1]) != symbols[-1]:
        return None
    return _grouped(symbols)


def _grouped(symbols: str) -> str:
    return "-".join(symbols[start : start + 5] for start in range(0, 25, 5))
