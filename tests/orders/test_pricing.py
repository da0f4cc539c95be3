"""What an order costs: the table of worked examples, and what holds for every price."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orders import pricing
from orders.pricing import Asked, Band, Price, quote

D = Decimal
TEN, FIFTY = Band(10, 49, D(10)), Band(50, None, D(20))
# case, price, asked, list, discount, maintenance, tax, total
TABLE = [
    ("one device, a year", Price(D(395), "USD", "ANNUALLY"), (1, 3, 365, {}),
     "395.00", "0", "0.00", "0.00", "395.00"),
    ("ten at a hundred", Price(D(100), "USD", "MONTHLY"), (10, 10, 30, {}),
     "1000.00", "0", "0.00", "0.00", "1000.00"),
    ("monthly price, a year's term", Price(D(100), "USD", "MONTHLY"), (1, 1, 365, {}),
     "1200.00", "0", "0.00", "0.00", "1200.00"),
    ("two years, annual", Price(D(995), "USD", "ANNUALLY"), (1, 10, 730, {}),
     "1990.00", "0", "0.00", "0.00", "1990.00"),
    ("volume from 10", Price(D("49.99"), "EUR", "ANNUALLY", bands=(TEN, FIFTY)), (12, 12, 365, {}),
     "599.88", "59.99", "0.00", "0.00", "539.89"),
    ("volume from 50", Price(D("49.99"), "EUR", "ANNUALLY", bands=(TEN, FIFTY)), (50, 50, 365, {}),
     "2499.50", "499.90", "0.00", "0.00", "1999.60"),
    ("just below the band", Price(D("49.99"), "EUR", "ANNUALLY", bands=(TEN, FIFTY)),
     (9, 9, 365, {}), "449.91", "0", "0.00", "0.00", "449.91"),
    ("per seat with a platform fee", Price(D(500), "USD", "MONTHLY", D("12.50")),
     (25, 25, 365, {"per_seat": True}), "9750.00", "0", "0.00", "0.00", "9750.00"),
    ("per seat, 5 seats a pack", Price(D(0), "USD", "ANNUALLY", D(20)),
     (4, 20, 365, {"per_seat": True}), "400.00", "0", "0.00", "0.00", "400.00"),
    ("perpetual, maintenance for a year", Price(D(2400), "EUR", "ONE_TIME", None, D(18)),
     (1, 1, 365, {"perpetual": True}), "2400.00", "0", "432.00", "0.00", "2832.00"),
    ("perpetual x 3, maintenance for three", Price(D(2400), "EUR", "ONE_TIME", None, D(18)),
     (3, 3, 1095, {"perpetual": True}), "7200.00", "0", "3888.00", "0.00", "11088.00"),
    ("yen has no cents", Price(D(4980), "JPY", "MONTHLY", bands=(Band(10, None, D("8.5")),)),
     (10, 10, 90, {}), "149400", "12699", "0", "0", "136701"),
    ("dinar has three decimals", Price(D("19.995"), "KWD", "QUARTERLY"),
     (3, 3, 183, {"tax_rate": D(5)}), "119.970", "0", "0.000", "5.999", "125.969"),
    ("percentage and amount off",
     Price(D(10), "USD", "ANNUALLY", bands=(Band(100, None, D(10), D(100)),)),
     (100, 100, 365, {}), "1000.00", "200.00", "0.00", "0.00", "800.00"),
    ("amount larger than the list",
     Price(D(10), "USD", "ANNUALLY", bands=(Band(1, None, D(0), D(50)),)),
     (2, 2, 365, {}), "20.00", "20.00", "0.00", "0.00", "0.00"),
    ("14 days of a monthly price, tax", Price(D("29.90"), "EUR", "MONTHLY"),
     (1, 1, 14, {"tax_rate": D(20)}), "29.90", "0", "0.00", "5.98", "35.88"),
]  # fmt: skip


def asked(quantity, seats, days, says=None):
    return Asked(quantity=quantity, seats=seats, days=days, **says or {})


@pytest.mark.parametrize(("price", "case", "figures"), [
    pytest.param(price, case, figures, id=name) for name, price, case, *figures in TABLE
])  # fmt: skip
def test_the_worked_examples_come_out_to_the_minor_unit(price, case, figures):
    made = quote(price, asked(*case))
    told = [made.list_amount, made.discount, made.maintenance, made.tax, made.total]
    assert told == [D(text) for text in figures]
    assert sum(line.amount for line in made.lines) == made.total


PRICES = st.builds(
    Price,
    base_price=st.decimals(0, 10_000, places=4),
    currency=st.sampled_from(["EUR", "JPY", "KWD", "CLF"]),
    billing_cycle=st.sampled_from(["MONTHLY", "QUARTERLY", "ANNUALLY", "ONE_TIME"]),
    per_seat_price=st.none() | st.decimals(0, 100, places=4),
    maintenance_percentage=st.none() | st.decimals(0, 150, places=3),
    bands=st.tuples(
        st.builds(
            Band,
            min_quantity=st.just(1),
            max_quantity=st.none(),
            discount_percentage=st.decimals(0, 100, places=3),
            discount_amount=st.none() | st.decimals(0, 50_000, places=4),
        )
    ),
)
CASES = st.tuples(
    st.integers(1, 10_000), st.integers(1, 50), st.integers(1, 36_500), st.booleans(),
    st.booleans(), st.decimals(0, 30, places=3),
)  # fmt: skip


def case_of(drawn, more=0):
    quantity, pack, days, per_seat, perpetual, rate = drawn
    return Asked(
        quantity=quantity + more, seats=(quantity + more) * pack, days=days, per_seat=per_seat,
        perpetual=perpetual, tax_rate=rate,
    )  # fmt: skip


@settings(max_examples=200, deadline=None, derandomize=True)
@given(PRICES, CASES, st.integers(0, 1_000))
def test_no_price_is_negative_and_more_never_costs_less_within_a_band(price, drawn, more):
    made, larger = quote(price, case_of(drawn)), quote(price, case_of(drawn, more))
    for figure in (made.list_amount, made.discount, made.maintenance, made.tax, made.total):
        assert figure >= 0
    assert made.discount <= made.list_amount
    assert larger.total >= made.total


@settings(max_examples=200, deadline=None, derandomize=True)
@given(PRICES, CASES)
def test_lines_add_up_and_every_line_can_be_paid(price, drawn):
    made = quote(price, case_of(drawn))
    assert sum(line.amount for line in made.lines) == made.total
    unit = D(1).scaleb(-pricing.decimals_of(price.currency))
    assert all(line.amount % unit == 0 for line in made.lines)


@pytest.mark.parametrize(
    ("old", "new", "remaining", "term", "costs"),
    [
        (395, 995, 365, 365, "600.00"), (395, 995, 73, 365, "120.00"), (395, 995, 1, 1, "600.00"),
        (395, 995, 0, 365, "0.00"), (995, 395, 200, 365, "0.00"), (100, 101, 1, 3, "0.33"),
    ],
)  # fmt: skip
def test_an_upgrade_costs_the_difference_for_what_is_left(old, new, remaining, term, costs):
    priced = [quote(Price(D(base), "EUR", "ANNUALLY"), asked(1, 1, 365)) for base in (old, new)]
    made = pricing.upgrade_quote(
        old=priced[0], new=priced[1], asked=asked(1, 1, 365, {"tax_rate": D(10)}),
        remaining_days=remaining, term_days=term,
    )  # fmt: skip
    assert made.list_amount == D(costs)
    assert made.total == D(costs) + pricing.to_minor_unit(D(costs) / 10, "EUR")


def test_another_year_of_maintenance_costs_maintenance_alone():
    price = Price(D(2400), "EUR", "ONE_TIME", None, D(18))
    made = pricing.maintenance_quote(price, asked(2, 2, 1095, {"perpetual": True}))
    assert (made.list_amount, made.maintenance, made.total) == (D(0), D("864.00"), D("864.00"))


@pytest.mark.parametrize(
    ("override", "total"),
    [
        ({"base_price": D(50)}, "600.00"), ({"billing_cycle": "ANNUALLY"}, "100.00"),
        ({"volume_discounts": [{"min_quantity": 1, "max_quantity": None,
                                "discount_percentage": D(25)}]}, "900.00"),
        ({"volume_discounts": None}, "1200.00"), ({}, "600.00"),
    ],
)  # fmt: skip
def test_an_override_replaces_the_fields_it_names(override, total):
    price = Price(D(100), "EUR", "MONTHLY", bands=(Band(1, None, D(50)),))
    if "base_price" in override:
        override |= {"volume_discounts": None}
    if "billing_cycle" in override:
        override |= {"volume_discounts": []}
    assert quote(price.with_override(override), asked(1, 1, 365)).total == D(total)


@pytest.mark.parametrize(
    ("vendor", "buyer", "tax_id", "told"),
    [
        ("DE", "AT", "ATU1", (D(0), "reverse charge")), ("DE", "AT", "", (D(20), "")),
        ("DE", "DE", "DE1", (D(20), "")), ("DE", "CH", "CHE1", (D(20), "")),
        ("", "AT", "ATU1", (D(20), "")), ("DE", "", "ATU1", (D(20), "")),
    ],
)  # fmt: skip
def test_only_a_business_elsewhere_in_the_union_accounts_for_tax_itself(
    vendor, buyer, tax_id, told
):
    assert told == pricing.tax_for(
        rate=D(20), vendor_country=vendor, buyer_country=buyer, buyer_tax_id=tax_id
    )


@pytest.mark.parametrize(
    ("cycle", "default", "days"),
    [("MONTHLY", 365, 30), ("QUARTERLY", 365, 91), ("ANNUALLY", 30, 365), ("ONE_TIME", 730, 730)],
)
def test_a_renewal_lengthens_by_one_cycle(cycle, default, days):
    assert pricing.renewal_days(cycle, default) == days
