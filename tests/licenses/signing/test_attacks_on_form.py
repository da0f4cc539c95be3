"""Attacks on how documents are read, numbered; each ends in a code and in nothing else."""

import io
import zipfile

import pytest

from licenses.signing import Distrusted, Kind, claims_by_device, pasted
from tests.licenses.signing.forged import (
    CLAIMS,
    base64url,
    distrust,
    plain,
    put_together,
    with_claims,
)
from tests.licenses.signing.trusted import (
    DEVICE,
    document,
)

ORDER = 2**252 + 27742317777372353535851937790883648493
# Both points of order 8; of order 4, 1 and 2; and the texts beyond p that mean order 4 and 1.
SMALL_ORDER = [
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "00" * 32,
    "01" + "00" * 31,
    "ec" + "ff" * 30 + "7f",
    "ed" + "ff" * 30 + "7f",
    "ee" + "ff" * 30 + "7f",
]


def zipped() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("license", (2026, 1, 1, 0, 0, 0)), b"0" * 1_000_000)
    return packed.getvalue()


@pytest.mark.parametrize(
    "raw",
    [
        b'{"aud":"atlas","aud":"borealis"}',
        b'{"seats":{"most":1,"most":9}}',
        b'{"seats":NaN}',
        b'{"seats":-Infinity}',
        b'{"seats":' + b"9" * 5_000 + b"}",
        b'{"aud":"\xff"}',
        b'\xef\xbb\xbf{"aud":"atlas"}',
        '{"aud":"atlas"}'.encode("utf-16"),
        b'{"a":' * 9 + b"1" + b"}" * 9,
        b"[" * 40_000,
        b'{"aud":"atlas"} {}',
        b"[]",
        b"null",
        b"",
        zipped(),
    ],
    ids=lambda raw: repr(raw[:16]),
)
def test_attack_21_what_can_be_read_two_ways_or_not_at_all(raw: bytes) -> None:
    assert distrust(with_claims(raw)) == "MALFORMED"
    assert distrust(put_together(raw, CLAIMS)) == "MALFORMED"


def test_attack_21_eight_levels_are_as_deep_as_it_goes() -> None:
    within = {"a": {"a": {"a": {"a": {"a": {"a": {"a": 1}}}}}}}
    assert distrust(with_claims(CLAIMS | {"a": within})) == ""
    assert distrust(with_claims(CLAIMS | {"a": {"a": within}})) == "MALFORMED"


def test_attack_21_ten_megabytes_are_refused_unread() -> None:
    assert distrust("a." * 5_000_000) == "MALFORMED"
    assert distrust(document(note="n" * 65_536)) == "MALFORMED"
    assert distrust(document(note="n" * 32_000)) == ""


def test_attack_22_one_text_only_stands_for_a_document() -> None:
    text = document()
    header, claims, signature = text.split(".")
    for other in (
        f"{text}=",
        f"{text}==",
        f"{header}=.{claims}.{signature}",
        f"{text}\n",
        f"{text}\r\n",
        f" {text}",
        f"\ufeff{text}",
        f"{text}.",
        f"{text}.{signature}",
        f"{header}.{claims}\n.{signature}",
        f"{text[:200]}\r\n{text[200:]}",
        f"{header}.{claims}.{signature[:-2]}+/",
        f"{text}\x00",
        f"{header}..{signature}",
    ):
        assert distrust(other) == "MALFORMED", other[-20:]


def test_attack_22_spare_bits_of_the_last_character() -> None:
    text = document()
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = alphabet.index(text[-1])
    # 64 bytes leave four bits of the last character unused: fifteen other texts mean the same.
    same = [text[:-1] + alphabet[last | spare] for spare in range(1, 16)]
    assert {plain(one.split(".")[2]) for one in same} == {plain(text.split(".")[2])}
    assert {distrust(one) for one in same} == {"MALFORMED"}


def test_attack_23_a_signature_that_is_not_canonical() -> None:
    head, _, signature = document().rpartition(".")
    raw = plain(signature)
    beyond = int.from_bytes(raw[32:], "little") + ORDER
    forged = raw[:32] + beyond.to_bytes(32, "little")
    assert distrust(f"{head}.{base64url(forged)}") == "SIGNATURE_INVALID"


def test_attack_22_a_paste_is_tidied_before_it_is_read_and_nothing_else_is() -> None:
    text = document()
    lines = "\r\n".join(text[at : at + 64] for at in range(0, len(text), 64))
    framed = f"\ufeff-----BEGIN LICENSE FILE-----\r\n{lines}\r\n-----END LICENSE FILE-----\n"
    for typed in (text, f"  {text}\t\n", lines, framed, framed.replace("\r", "")):
        assert pasted(typed) == text
    for typed in (f"{text}=", f"{text}\x00", f"> {text}", f"{framed}{framed}", f"{text}-----"):
        assert distrust(pasted(typed)) == "MALFORMED"


@pytest.mark.parametrize("point", SMALL_ORDER)
def test_attack_23_a_point_of_small_order(point: str) -> None:
    raw = bytes.fromhex(point)
    head = document().rpartition(".")[0]
    assert distrust(f"{head}.{base64url(raw + bytes(32))}") == "SIGNATURE_INVALID"
    for sign in (0, 128):
        key = base64url(raw[:31] + bytes([raw[31] | sign]))
        header = {
            "alg": "EdDSA",
            "typ": Kind.USAGE_BUNDLE.value,
            "jwk": {"kty": "OKP", "crv": "Ed25519", "x": key},
        }
        with pytest.raises(Distrusted, match="MALFORMED"):
            claims_by_device(put_together(header, {}, DEVICE), Kind.USAGE_BUNDLE)


@pytest.mark.parametrize(
    "body", ["<!DOCTYPE html><title>Sign in</title>", "", "{}", '{"data":{"valid":true}}', "a.b.c"]
)
def test_attack_28_a_captive_portal_in_place_of_an_answer(body: str) -> None:
    assert distrust(body, Kind.ANSWER) == "MALFORMED"
