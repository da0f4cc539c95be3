"""What an order costs: from a price, a quantity and a term to lines that add up. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal, localcontext
from enum import StrEnum
from typing import Any, Self

# ISO 4217, where it is not two.
_NONE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"
_DECIMALS = (
    dict.fromkeys(_NONE.split(), 0)
    | dict.fromkeys(_THREE.split(), 3)
    | dict.fromkeys(["CLF", "UYW"], 4)
)
ONE_TIME = "ONE_TIME"
CYCLE_MONTHS = {"MONTHLY": 1, "QUARTERLY": 3, "ANNUALLY": 12}
_MONTH, _YEAR = Decimal("30.4375"), Decimal("365.25")
_MEMBERS = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
_EUROPEAN_UNION = frozenset(_MEMBERS.split())
REVERSE_CHARGE = "reverse charge"
_CURRENCY = re.compile("[A-Z]{3}")
_HUNDRED, _ZERO = Decimal(100), Decimal(0)
# Figures of this many digits are reckoned exactly before they are rounded.
_DIGITS = 60


class LineKind(StrEnum):
    """What a line of a quote is about."""

    BASE = "BASE"
    SEATS = "SEATS"
    UPGRADE = "UPGRADE"
    DISCOUNT = "DISCOUNT"
    MAINTENANCE = "MAINTENANCE"
    TAX = "TAX"


@dataclass(frozen=True, slots=True)
class Band:
    """A span of quantities and what it takes off; no upper end where `max_quantity` is None."""

    min_quantity: int
    max_quantity: int | None
    discount_percentage: Decimal
    discount_amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Price:
    """What one pack costs for one cycle."""

    base_price: Decimal
    currency: str
    billing_cycle: str
    per_seat_price: Decimal | None = None
    maintenance_percentage: Decimal | None = None
    bands: Sequence[Band] = ()

    def with_override(self, named: Mapping[str, Any]) -> Self:
        """Return the price with the fields that an override names; bands replace all bands."""
        fields = {name: value for name, value in named.items() if name != "volume_discounts"}
        if "volume_discounts" in named:
            fields["bands"] = tuple(Band(**band) for band in named["volume_discounts"] or ())
        return replace(self, **fields)

    def band_for(self, quantity: int) -> Band | None:
        """Return the one band that holds the quantity."""
        for band in self.bands:
            if band.min_quantity <= quantity and (
                band.max_quantity is None or quantity <= band.max_quantity
            ):
                return band
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be priced: packs of seats for so many days."""

    quantity: int
    seats: int
    days: int
    # PER_SEAT: with a price per seat the base price is charged once.
    per_seat: bool = False
    perpetual: bool = False
    # Of a renewal there is one.
    cycles: int | None = None
    tax_rate: Decimal = _ZERO
    tax_note: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line on paper; discounts are negative."""

    kind: LineKind
    quantity: int
    amount: Decimal
    unit_price: Decimal | None = None
    cycles: int = 1


@dataclass(frozen=True, slots=True)
class Quote:
    """Lines, and what they add up to."""

    lines: Sequence[Line]
    currency: str
    list_amount: Decimal
    discount: Decimal
    maintenance: Decimal
    tax: Decimal
    tax_note: str = ""
    cycles: int = 1

    @property
    def subtotal(self) -> Decimal:
        """Before discount, maintenance and tax."""
        return self.list_amount

    @property
    def total(self) -> Decimal:
        return self.list_amount - self.discount + self.maintenance + self.tax


@dataclass(slots=True)
class _Paper:
    """Lines as they are made, each rounded at once."""

    currency: str
    lines: list[Line] = field(default_factory=list)

    def add(self, kind: LineKind, amount: Decimal, **says: Any) -> Decimal:
        rounded = to_minor_unit(amount, self.currency)
        shown = says.pop("always", False) or rounded
        if shown:
            signed = -rounded if kind == LineKind.DISCOUNT else rounded
            self.lines.append(Line(kind, amount=signed, **{"quantity": 1} | says))
        return rounded


def quote(price: Price, asked: Asked) -> Quote:
    """Return what so many packs cost for so many days."""
    with localcontext(prec=_DIGITS):
        paper = _Paper(price.currency)
        cycles = asked.cycles or cycles_in(asked.days, price.billing_cycle)
        per_seat = price.per_seat_price or _ZERO
        packs = 1 if asked.per_seat and price.per_seat_price else asked.quantity
        listed = paper.add(
            LineKind.BASE,
            price.base_price * packs * cycles,
            quantity=packs, unit_price=price.base_price, cycles=cycles, always=True,
        ) + paper.add(
            LineKind.SEATS,
            per_seat * asked.seats * cycles,
            quantity=asked.seats, unit_price=per_seat, cycles=cycles,
        )  # fmt: skip
        discount = paper.add(LineKind.DISCOUNT, _discount(price, asked.quantity, listed))
        net = listed - discount
        maintenance = _ZERO
        if asked.perpetual and price.maintenance_percentage:
            years = years_in(asked.days)
            maintenance = paper.add(
                LineKind.MAINTENANCE, _maintenance(price, net) * years, quantity=years
            )
        return _taxed(paper, asked, listed, discount, maintenance, cycles)


def maintenance_quote(price: Price, asked: Asked) -> Quote:
    """Return what another year of maintenance costs for a right that never ends."""
    with localcontext(prec=_DIGITS):
        bought = quote(price, replace(asked, tax_rate=_ZERO))
        paper = _Paper(price.currency)
        net = bought.list_amount - bought.discount
        cost = paper.add(LineKind.MAINTENANCE, _maintenance(price, net), always=True)
        return _taxed(paper, asked, _ZERO, _ZERO, cost, 1)


def upgrade_quote(
    *, new: Quote, old: Quote, asked: Asked, remaining_days: int, term_days: int
) -> Quote:
    """
    Return the difference between two prices for what is left of a term, never below 0.

    A right that never ends is upgraded for the whole difference: both days are 1.
    """
    with localcontext(prec=_DIGITS):
        paper = _Paper(new.currency)
        difference = new.list_amount - new.discount - old.list_amount + old.discount
        share = max(difference * remaining_days / term_days, _ZERO)
        listed = paper.add(LineKind.UPGRADE, share, quantity=asked.quantity, always=True)
        return _taxed(paper, asked, listed, _ZERO, _ZERO, new.cycles)


def cycles_in(days: int, billing_cycle: str) -> int:
    """Return how many cycles are charged for so many days: at least one."""
    if billing_cycle == ONE_TIME:
        return 1
    return max(1, _rounded(Decimal(days) / (_MONTH * CYCLE_MONTHS[billing_cycle])))


def years_in(days: int) -> int:
    """Return for how many years maintenance is bought: at least one."""
    return max(1, _rounded(Decimal(days) / _YEAR))


def renewal_days(billing_cycle: str, default_duration: int) -> int:
    """Return by how many days, on average, one renewal lengthens a term; ONE_TIME by its own."""
    months = CYCLE_MONTHS.get(billing_cycle)
    return _rounded(_MONTH * months) if months else default_duration


def is_currency(text: str) -> bool:
    """Return whether a text has the form of an ISO 4217 code."""
    return _CURRENCY.fullmatch(text) is not None


def decimals_of(currency: str) -> int:
    """Return how many decimals the currency's minor unit has."""
    return _DECIMALS.get(currency, 2)


def to_minor_unit(amount: Decimal, currency: str) -> Decimal:
    """Return the amount, rounded half up to what can be paid."""
    with localcontext(prec=_DIGITS):
        return amount.quantize(Decimal(1).scaleb(-decimals_of(currency)), ROUND_HALF_UP)


def tax_for(
    *, rate: Decimal, vendor_country: str, buyer_country: str, buyer_tax_id: str
) -> tuple[Decimal, str]:
    """Return the rate that applies and its note: businesses abroad in the EU account themselves."""
    abroad = buyer_country != vendor_country
    if abroad and buyer_tax_id and {buyer_country, vendor_country} <= _EUROPEAN_UNION:
        return _ZERO, REVERSE_CHARGE
    return rate, ""


def _discount(price: Price, quantity: int, listed: Decimal) -> Decimal:
    band = price.band_for(quantity)
    if band is None:
        return _ZERO
    off = listed * band.discount_percentage / _HUNDRED + (band.discount_amount or _ZERO)
    return min(off, listed)


def _maintenance(price: Price, net: Decimal) -> Decimal:
    return net * (price.maintenance_percentage or _ZERO) / _HUNDRED


def _taxed(
    paper: _Paper,
    asked: Asked,
    listed: Decimal,
    discount: Decimal,
    maintenance: Decimal,
    cycles: int,
) -> Quote:
    taxed = listed - discount + maintenance
    tax = paper.add(LineKind.TAX, taxed * asked.tax_rate / _HUNDRED)
    return Quote(
        tuple(paper.lines),
        paper.currency,
        listed,
        discount,
        maintenance,
        tax,
        asked.tax_note,
        cycles,
    )


def _rounded(value: Decimal) -> int:
    return int(value.quantize(Decimal(1), ROUND_HALF_UP))
