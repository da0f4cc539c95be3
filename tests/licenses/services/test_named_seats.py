"""The one form in which names are kept."""

import pytest

from events.refusals import Refusal
from licenses.services.named_seats import read


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Ada@Brenner.Example", "ada@brenner.example"),
        ("  ada \t\n", "ada"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("Ame\u0301lie", "am\u00e9lie"),
        ("AM\u00c9LIE", "am\u00e9lie"),
        ("Ada  Lovelace", "ada  lovelace"),
        ("x" * 254, "x" * 254),
    ],
)
def test_a_name_is_kept_in_one_form_however_it_is_typed(typed: str, kept: str) -> None:
    assert read(typed) == kept
    assert read(kept) == kept


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "USER_IDENTITY_REQUIRED"),
        (" \t ", "USER_IDENTITY_REQUIRED"),
        ("x" * 255, "VALIDATION_ERROR"),
        ("ß" * 128, "VALIDATION_ERROR"),
        ("a\0b", "VALIDATION_ERROR"),
        ("a\nb", "VALIDATION_ERROR"),
    ],
)
def test_what_is_no_name_is_refused(typed: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        read(typed)

    assert refused.value.code == code
