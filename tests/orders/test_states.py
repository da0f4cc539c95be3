from decimal import Decimal

import pytest

from orders.states import ACTS, Act, OrderStatus, payment_status


def test_every_act_has_a_ruling_in_every_status():
    assert {act: set(rulings) for act, rulings in ACTS.items()} == {
        act: set(OrderStatus) for act in Act
    }


@pytest.mark.parametrize(
    ("total", "paid", "refunded", "failed", "told"),
    [
        (100, 0, 0, False, "PENDING"), (100, 0, 0, True, "FAILED"), (100, 1, 0, False, "PARTIAL"),
        (100, 99, 0, True, "PARTIAL"), (100, 100, 0, True, "PAID"), (100, 150, 0, False, "PAID"),
        (0, 0, 0, False, "PAID"), (100, 100, 40, False, "PAID"),
        (100, 100, 100, False, "REFUNDED"), (100, 50, 50, False, "REFUNDED"),
    ],
)  # fmt: skip
def test_what_is_paid_follows_from_the_payments(total, paid, refunded, failed, told):
    amounts = {"total": Decimal(total), "paid": Decimal(paid), "refunded": Decimal(refunded)}
    assert payment_status(failed=failed, **amounts) == told
