"""GROUPED keys, `XXXX-XXXX-XXXX-XXXX-XXXX`: 19 random Crockford symbols and a check symbol."""

import re
import secrets

from licenses.keys.contents import Contents, Proof, Seal

PREFIX = ""
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_RANDOM_SYMBOLS = 19
# So many symbols may a check symbol stand for: the powers of the generator that differ, but for 1.
_POSITIONS = 30
_SYMBOLS = re.compile(r"[0-9A-HJKMNP-TV-Z]{20}")
# What people type for what they read.
LOOK_ALIKES = str.maketrans("OILU", "011V")
_VALUE = {symbol: value for value, symbol in enumerate(ALPHABET)}


def make(contents: Contents, seal: Seal) -> str:
    """Return a new key: 95 random bits and the symbol that catches a typing error."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(_RANDOM_SYMBOLS))
    return _grouped(body + check_symbol(body))


def parse(text: str) -> str | None:
    """Return the key in its canonical form, or None if it has another form or a typing error."""
    if len(text) > 64:
        return None
    symbols = text.strip().upper().replace("-", "").replace(" ", "").translate(LOOK_ALIKES)
    if not _SYMBOLS.fullmatch(symbols) or check_symbol(symbols[:-1]) != symbols[-1]:
        return None
    return _grouped(symbols)


def is_genuine(key: str, proof: Proof) -> bool:
    """Return True: its bits are random, the row alone decides."""
    return True


def head(key: str) -> str:
    """Return nothing: each group is as secret as the others."""
    return ""


def hint(key: str) -> str:
    """Return the last group, by which people recognise the key."""
    return key[-4:]


def mask(head: str, hint: str) -> str:
    """Return the form in which lists show a key of that hint."""
    return f"****-****-****-****-{hint}"


def check_symbol(body: str) -> str:
    """
    Return the symbol that makes a key's weighted sum zero in GF(32).

    The weights are distinct powers of a generator, so every wrong symbol and every swap of two
    unequal neighbours changes the sum; a sum modulo 32 would miss half of the even-weighted ones.
    """
    total = 0
    for position, symbol in enumerate(body):
        total ^= _PRODUCTS[position][_VALUE[symbol]]
    # The check symbol itself has weight 1, which no position of the body has.
    return ALPHABET[total]


def _times(a: int, b: int) -> int:
    """Return the product in GF(32) with x^5 + x^2 + 1."""
    product = 0
    while b:
        if b & 1:
            product ^= a
        a <<= 1
        if a & 32:
            a ^= 0b100101
        b >>= 1
    return product


def _powers() -> list[int]:
    powers, value = [], 1
    for _ in range(_POSITIONS):
        value = _times(value, 2)
        powers.append(value)
    return powers


# Every key that is typed or sent is checked: the products are looked up, not reckoned.
_PRODUCTS = [[_times(value, power) for value in range(32)] for power in _powers()]


def _grouped(symbols: str) -> str:
    return "-".join(symbols[start : start + 4] for start in range(0, 20, 4))
