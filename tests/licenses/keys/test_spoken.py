"""Codes that are read out: what people make of them on the way, and what is caught."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licenses.keys import spoken
from licenses.keys.grouped import ALPHABET


def test_a_code_is_five_groups_of_five_and_another_each_time() -> None:
    made = {spoken.make() for _ in range(50)}
    assert len(made) == 50
    assert {tuple(map(len, code.split("-"))) for code in made} == {(5, 5, 5, 5, 5)}
    assert all(spoken.parse(code) == code for code in made)


def test_it_is_read_as_people_write_it() -> None:
    code = spoken.make()
    spelt = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert spoken.parse(f"  {spelt}\n") == code
    assert spoken.parse(code.replace("-", "")) == code


@given(place=st.integers(0, 24), symbol=st.sampled_from(ALPHABET))
def test_one_wrong_symbol_is_caught(place: int, symbol: str) -> None:
    symbols = spoken.make().replace("-", "")
    wrong = symbols[:place] + symbol + symbols[place + 1 :]
    assert (spoken.parse(wrong) is None) == (wrong != symbols)


@given(place=st.integers(0, 23))
def test_two_neighbours_changed_over_are_caught(place: int) -> None:
    symbols = spoken.make().replace("-", "")
    swapped = symbols[:place] + symbols[place + 1] + symbols[place] + symbols[place + 2 :]
    assert (spoken.parse(swapped) is None) == (swapped != symbols)


@pytest.mark.parametrize("text", ["", "-", "ABCDE", "\0" * 25, "É" * 25, "A" * 10_000, "٣" * 25])
def test_what_has_another_form_is_none(text: str) -> None:
    assert spoken.parse(text) is None
