"""GROUPED keys."""

from hypothesis import given
from hypothesis import strategies as st

from licenses import keys
from licenses.keys import grouped
from tests.licenses.keys.sealed import FixedSeal, contents

KEYS = st.text(alphabet=grouped.ALPHABET, min_size=19, max_size=19).map(
    lambda body: body + grouped.check_symbol(body)
)


def shown(symbols: str) -> str:
    return "-".join(symbols[start : start + 4] for start in range(0, 20, 4))


@given(KEYS)
def test_every_key_is_recognised_as_it_was_made(symbols: str) -> None:
    assert keys.parse(shown(symbols)) == shown(symbols)


@given(KEYS, st.integers(0, 19), st.sampled_from(grouped.ALPHABET))
def test_one_wrong_symbol_is_caught(symbols: str, place: int, other: str) -> None:
    wrong = symbols[:place] + other + symbols[place + 1 :]

    assert (keys.parse(wrong) is None) == (wrong != symbols)


@given(KEYS, st.integers(0, 18))
def test_two_swapped_neighbours_are_caught(symbols: str, place: int) -> None:
    swapped = symbols[:place] + symbols[place + 1] + symbols[place] + symbols[place + 2 :]

    assert (keys.parse(swapped) is None) == (swapped != symbols)


@given(KEYS)
def test_case_spaces_and_look_alikes_are_forgiven(symbols: str) -> None:
    typed = shown(symbols).lower().replace("0", "o").replace("1", "i")

    assert keys.parse(f"\t {typed} \n") == shown(symbols)


def test_a_thousand_keys_are_distinct() -> None:
    assert len({grouped.make(contents(), FixedSeal()) for _ in range(1000)}) == 1000


def test_a_key_is_shown_by_its_last_group() -> None:
    key = grouped.make(contents(), FixedSeal())

    assert (
        keys.masked("GROUPED", "", keys.hint_of("GROUPED", key))
        == f"****-****-****-****-{key[-4:]}"
    )


@given(st.text())
def test_no_text_breaks_the_reading_of_keys(text: str) -> None:
    key = keys.parse(text)

    assert key is None or keys.parse(key) == key
