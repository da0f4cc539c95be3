"""What holds of every scheme's keys alike."""

import re
import string
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from licenses import keys
from licenses.keys import SCHEMES, KeyScheme, grouped
from licenses.keys.grouped import ALPHABET
from tests.licenses.keys.sealed import KID, NOON, FixedSeal, contents

SEAL = FixedSeal()
SLUGS = st.from_regex(r"[a-z0-9][a-z0-9_.-]{0,49}", fullmatch=True)
CODES = st.text(alphabet=string.ascii_uppercase + string.digits, min_size=2, max_size=20)
ENDS = st.none() | st.datetimes(datetime(2000, 1, 1), datetime(9000, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the zone is given
# A scheme, and the version of it where there are several.
FORMS = [
    ("GROUPED", ""),
    ("STAMPED", ""),
    ("SIGNED", "v1"),
    ("SIGNED", "v2"),
    ("TOKEN", ""),
]
CONTENTS = st.builds(
    contents,
    tenant=CODES,
    customer=CODES,
    features=st.lists(SLUGS, max_size=12, unique=True),
    expires_at=ENDS,
    ends_known=st.booleans(),
    prefix=st.just("") | st.from_regex(keys.PREFIX_FORM, fullmatch=True),
)
each_form = pytest.mark.parametrize(("scheme", "version"), FORMS)


def accepted(text, seal=SEAL):
    """The key that the server would look for, if what it carries vouches for it."""
    found = keys.recognise(text)
    return found[1] if found and keys.is_genuine(*found, seal) else None


def made(scheme, version="", **fields):
    return keys.make(scheme, contents(version=version, **fields), SEAL)


# Drawing what a key says takes longer than making keys of it, so each draw is for every form.
@given(given=CONTENTS)
def test_any_key_that_was_made_is_accepted_as_its_own_scheme(given):
    for scheme, version in FORMS:
        key = keys.make(scheme, replace(given, version=version or given.version), SEAL)
        assert keys.recognise(key) == (KeyScheme(scheme), key)
        assert keys.is_genuine(scheme, key, SEAL), key
        assert accepted(f"\t{key}  \r\n") == key


@each_form
@given(data=st.data())
def test_any_single_changed_character_is_refused(scheme, version, data):
    key = made(scheme, version)
    place = data.draw(st.integers(0, len(key) - 1))
    other = data.draw(
        st.sampled_from(string.printable) | st.sampled_from("ſıK０ﬁ\N{ZERO WIDTH SPACE}")
    )
    changed = key[:place] + other + key[place + 1 :]
    # What is forgiven (case, spaces, look-alikes) reads as the same key and no other.
    assert accepted(changed) in (None, key)
    if scheme in ("SIGNED", "TOKEN") and changed.strip() != key:
        assert accepted(changed) is None
    if scheme == "STAMPED" and changed.strip().upper() != key:
        assert accepted(changed) is None


@each_form
def test_every_place_of_a_key_matters(scheme, version):
    key = made(scheme, version)
    for place, symbol in enumerate(key):
        if symbol == "-" and scheme == "GROUPED":
            continue
        # The next digit or letter: what it is, stays one; a hyphen becomes none.
        other = "2" if symbol == "-" else chr(ord(symbol) + 1)
        changed = key[:place] + other + key[place + 1 :]
        if changed.upper().translate(str.maketrans("OILU", "011V")) != key:
            assert accepted(changed) is None, (place, changed)


@each_form
@given(cut=st.integers(1, 40))
def test_a_key_that_was_cut_or_lengthened_is_refused(scheme, version, cut):
    key = made(scheme, version)
    assert accepted(key[:-cut]) is None
    assert accepted(key + "A" * cut) is None


@each_form
def test_keys_of_the_same_terms_are_distinct(scheme, version):
    assert len({made(scheme, version) for _ in range(200)}) == 200


@each_form
def test_every_key_can_stand_in_an_address(scheme, version):
    assert re.fullmatch(r"[A-Za-z0-9._~-]+", made(scheme, version))


@pytest.mark.parametrize(
    ("scheme", "version", "mask"),
    [
        ("GROUPED", "", r"\*{4}-\*{4}-\*{4}-\*{4}-[0-9A-Z]{4}"),
        ("STAMPED", "", r"AGY-BRENNER-\*{4}-[0-9A-Z]{4}"),
        ("SIGNED", "v1", r"CAIO-v1-\*{4}-[2-7A-Z]{4}"),
        ("SIGNED", "v2", r"CAIO-v2-\*{4}-[2-7A-Z]{4}"),
        ("TOKEN", "", r"NLS-\*{4}-[0-9a-f]{4}"),
    ],
)
def test_a_mask_is_ascii_shows_the_last_four_and_is_no_key(scheme, version, mask):
    key = made(scheme, version)
    shown = keys.masked(scheme, keys.head_of(scheme, key), keys.hint_of(scheme, key))
    assert re.fullmatch(mask, shown)
    assert shown.endswith(key[-4:])
    assert keys.parse(shown, opaque_too=True) is None


def test_a_prefix_of_ones_own_replaces_the_schemes():
    for scheme in ("STAMPED", "SIGNED", "TOKEN"):
        assert made(scheme, prefix="TERN9").startswith("TERN9-")


@pytest.mark.parametrize(("scheme", "version"), [("STAMPED", ""), ("SIGNED", "v1")])
def test_a_key_made_with_another_secret_has_the_form_and_is_not_genuine(scheme, version):
    forger = FixedSeal(b"a guess of thirty-two characters!")
    key = keys.make(scheme, contents(version=version), forger)
    assert keys.parse(key) == key
    assert not keys.is_genuine(scheme, key, SEAL)


@pytest.mark.parametrize("scheme", ["SIGNED", "TOKEN"])
def test_a_key_signed_by_nobody_we_know_is_not_genuine(scheme):
    key = made(scheme)

    class Stranger(FixedSeal):
        def public_key(self, kid):
            return None if kid == KID else super().public_key(kid)

    assert not keys.is_genuine(scheme, key, Stranger())


def test_case_is_forgiven_for_grouped_and_stamped_and_for_nothing_else():
    for scheme in SCHEMES:
        if scheme == KeyScheme.OPAQUE:
            continue
        key = made(scheme)
        assert (keys.parse(key.lower()) == key) == (scheme in ("GROUPED", "STAMPED"))


@given(st.text() | st.binary() | st.none() | st.integers())
def test_no_input_breaks_the_reading_of_keys(text):
    found = keys.recognise(text, opaque_too=True)
    assert found is None or keys.recognise(found[1], opaque_too=True) == found


@given(st.from_regex(r"[A-Z]{2,4}-(v[12]-)?[A-Za-z0-9]*(-[A-Z2-7]*){0,4}", fullmatch=True))
def test_nothing_of_the_right_look_breaks_the_checks(text):
    # One in 32 texts of a grouped key's length has the right check symbol by chance.
    assume(grouped.parse(text) is None)
    assert accepted(text) is None


def test_a_term_that_starts_later_states_no_end():
    open_end = contents(expires_at=None, ends_known=False)
    assert keys.make("SIGNED", open_end, SEAL).split("-")[4] == "0"
    assert made("SIGNED", expires_at=None).split("-")[4] == "perpetual"
    assert made("SIGNED").split("-")[4] == str(int((NOON + timedelta(days=365)).timestamp()))


@pytest.mark.parametrize(
    "text", ["1234567", "a" * 513, "with space", "ümlaut-key", "a/b/c/d/e", "........"]
)
def test_what_no_address_could_carry_is_no_key_of_another_system(text):
    assert keys.parse(text, opaque_too=True) is None


def test_a_key_of_another_system_is_taken_only_where_one_is_held():
    assert keys.parse("legacy_KEY.0815") is None
    assert keys.parse(" legacy_KEY.0815 ", opaque_too=True) == "legacy_KEY.0815"
    # A form of ours stays what it is.
    key = made("GROUPED")
    assert keys.recognise(key.lower(), opaque_too=True) == (KeyScheme.GROUPED, key)
    assert set(key) <= {*ALPHABET, "-"}


def test_a_short_key_of_another_system_hides_more():
    assert keys.masked("OPAQUE", "", keys.hint_of("OPAQUE", "shortkey")) == "****-ey"
    assert keys.masked("OPAQUE", "", keys.hint_of("OPAQUE", "a-longer-key-0815")) == "****-0815"
