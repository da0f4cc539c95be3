"""A reader in another language, without a line of ours, reads signed documents as ours does."""

import json
from pathlib import Path
from typing import Any

from licenses.signing import Kind
from tests.licenses.signing import examples
from tests.licenses.signing.forged import (
    CLAIMS,
    base64url,
    header_of,
    plain,
    put_together,
    with_claims,
)
from tests.licenses.signing.javascript import HERE, verdicts
from tests.licenses.signing.test_vectors import VECTORS, verdict
from tests.licenses.signing.trusted import ROOT, certificate, document

# What a signer who means ill may put where something else belongs.
ODD: list[Any] = [
    None, True, False, 0, -1, 60.0, 1e300, 10**400, "", "x", "\0", [], ["x"], {}, {"a": "a"},
]  # fmt: skip
NAMES = [
    "alg", "typ", "kid", "cert", "jwk", "crit", "b64", "aud", "iat", "exp", "nbf", "sub", "cnf",
    "use", "signs_until",
]  # fmt: skip
CLAIMED = json.dumps(CLAIMS).encode()
# JSON that readers are known to read differently.
WRITTEN = [
    b' \t\r\n%s\r\n ' % CLAIMED,
    b"\xef\xbb\xbf" + CLAIMED,
    b"\xc2\xa0" + CLAIMED,
    CLAIMED + b"x",
    CLAIMED[:-1] + b",}",
    *(
        CLAIMED[:-1] + b',"a":' + value + b"}"
        for value in (
            b"01", b"-0", b"+1", b".5", b"1.", b"1e5", b"1E+400", b"0x1", b"Infinity", b"-NaN",
            b"'a'", b'"\\x41"', b'"\\ud800"', b'"\\u00e9"', b'"\t"', b'"\xed\xa0\x80"', b'"\x7f"',
            b"[1,]", b"[,]", b"{,}", b"{1:1}", b'{"a" : 1}', b"tru", b"nul", b"undefined",
            b'{"__proto__":1}', b'{"__proto__":1,"__proto__":2}', b'{"a":1,"\\u0061":2}',
            b"[[[[[[[1]]]]]]]", b"[[[[[[[[1]]]]]]]]", b"[" * 3000 + b"]" * 3000,
        )
    ),
    *(
        CLAIMED[:-1] + b',"exp":%s}' % value if b'"exp"' not in CLAIMED else
        json.dumps(CLAIMS | {"exp": 0}).encode().replace(b'"exp": 0', b'"exp": ' + value)
        for value in (b"-0", b"1e10", b"253402300799", b"253402300800", b"9" * 400)
    ),
]  # fmt: skip


def both_ways(texts: list[str], at: Path) -> None:
    """Assert that both readers say the same of these, read as licence files."""
    cases = [examples.case(f"{place}", text) for place, text in enumerate(texts)]
    ours = [verdict(one) for one in cases]
    vectors = {"roots": VECTORS["roots"], "genuine": [], "distrusted": cases}
    theirs = verdicts(vectors, at)
    assert [
        (one, other, text)
        for one, other, text in zip(ours, theirs, texts, strict=True)
        if one != other
    ] == []


def test_every_example_is_believed_or_refused_as_it_says(tmp_path: Path) -> None:
    named = VECTORS["genuine"] + VECTORS["distrusted"]
    said = verdicts(VECTORS, tmp_path)
    assert dict(zip([one["name"] for one in named], said, strict=True)) == {
        one["name"]: one["code"] for one in named
    }


def test_a_reader_that_errs_is_found(tmp_path: Path) -> None:
    wrong = [one | {"code": "MALFORMED"} for one in VECTORS["genuine"]]
    assert set(verdicts(VECTORS | {"genuine": [], "distrusted": wrong}, tmp_path)) == {""}


def test_a_changed_byte_anywhere_is_read_alike(tmp_path: Path) -> None:
    text = document()
    pieces = [plain(piece) for piece in text.split(".")]
    changed = []
    for place, piece in enumerate(pieces):
        for byte in range(0, len(piece), 3):
            turned = piece[:byte] + bytes([piece[byte] ^ 1]) + piece[byte + 1 :]
            changed.append(
                ".".join(map(base64url, [*pieces[:place], turned, *pieces[place + 1 :]]))
            )
    both_ways([*changed, *(text[:end] for end in range(0, len(text), 50))], tmp_path)


def test_whatever_our_own_keys_sign_is_read_alike(tmp_path: Path) -> None:
    said = json.loads(plain(certificate().split(".")[1]))
    texts = [with_claims(written) for written in WRITTEN]
    for name in NAMES:
        for odd in ODD:
            texts += [
                with_claims(CLAIMS, **{name: odd}),
                with_claims(CLAIMS | {name: odd}),
                with_claims(
                    CLAIMS, cert=put_together(header_of(certificate()), said | {name: odd}, ROOT)
                ),
            ]
    both_ways(texts, tmp_path)


def test_it_shares_no_code_and_names_no_registry() -> None:
    written = "".join(file.read_text() for file in HERE.glob("*.mjs"))
    assert "child_process" not in written
    assert '"resolved"' not in (HERE / "package-lock.json").read_text()
    assert {kind.value for kind in Kind} >= {one["kind"] for one in VECTORS["genuine"]}
