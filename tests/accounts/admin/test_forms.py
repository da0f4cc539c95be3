from decimal import Decimal

import pytest

from accounts.admin.forms import plain


@pytest.mark.parametrize(
    ("number", "places", "written"),
    [
        ("2000.000000", 0, "2000"),
        ("0.500000", 0, "0.5"),
        ("0", 0, "0"),
        ("390.0000", 2, "390.00"),
        ("0.0125", 2, "0.0125"),
    ],
)
def test_a_number_is_written_as_people_write_it(number, places, written):
    assert str(plain(Decimal(number), places)) == written


def test_no_number_stays_none():
    assert plain(None) is None
