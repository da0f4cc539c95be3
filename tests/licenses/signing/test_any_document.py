"""Whatever is handed to the reader of documents, it believes it or refuses it with a code."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from licenses.signing import Kind, opened
from tests.clock import NOW
from tests.licenses.signing.forged import (
    CLAIMS,
    distrust,
    header_of,
    plain,
    put_together,
    with_claims,
)
from tests.licenses.signing.trusted import (
    ROOT,
    ROOTS,
    certificate,
    document,
)

# Few characters, among them all that mean something to one of the readers.
TEXT = st.text('aeyJ01.-_+/="{}[]:,\\ \r\n\0\ufeff\xe9\U0001f511')
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
NAMES = ["alg", "typ", "kid", "cert", "aud", "iat", "exp", "nbf", "crit", "b64", "sub", "cnf"]


@settings(max_examples=60, deadline=None)
@given(TEXT)
def test_any_text_is_refused_with_a_code(text: str) -> None:
    assert distrust(text) in ("MALFORMED", "SIGNATURE_INVALID")


@settings(max_examples=120, deadline=None)
@given(
    st.dictionaries(st.sampled_from(NAMES), JSON, max_size=2),
    st.dictionaries(st.sampled_from(NAMES), JSON, max_size=2),
)
def test_anything_that_is_signed_is_believed_or_refused_with_a_code(
    header: dict[str, Any], claims: dict[str, Any]
) -> None:
    distrust(with_claims(CLAIMS | claims, **header))
    root = header_of(certificate()) | header
    said = json.loads(plain(certificate().split(".")[1])) | claims
    distrust(with_claims(CLAIMS, cert=put_together(root, said, ROOT)))


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(TEXT, TEXT | st.integers(), max_size=4))
def test_what_was_signed_is_what_is_read(claims: dict[str, Any]) -> None:
    found = opened(document(**claims), Kind.LICENSE_FILE, roots=ROOTS, at=NOW)
    assert {name: found.claims[name] for name in claims} == claims
