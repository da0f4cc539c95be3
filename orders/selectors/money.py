"""How amounts are written for people."""

from decimal import Decimal

from orders.pricing import to_minor_unit


def in_words(amount: Decimal, currency: str) -> str:
    """Return `EUR 1,200.00`, with as many decimals as the currency has."""
    return f"{currency} {to_minor_unit(amount, currency):,f}"
