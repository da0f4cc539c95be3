"""Attacks on whom the reader of documents trusts, numbered; each ends in a code."""

import json
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from licenses.signing import Kind, thumbprint
from tests.clock import NOW
from tests.licenses.signing.forged import (
    CLAIMS,
    base64url,
    distrust,
    header_of,
    plain,
    put_together,
    sealed_by_hmac,
    with_claims,
)
from tests.licenses.signing.trusted import (
    ANOTHER_ROOT,
    CERTIFIED_UNTIL,
    PRODUCT,
    ROOT,
    SIGNING,
    SIGNS_UNTIL,
    STRANGER,
    certificate,
    document,
    signer,
)

SECOND = timedelta(seconds=1)


def test_attack_01_a_flipped_bit_in_any_byte() -> None:
    text = document()
    pieces = [plain(piece) for piece in text.split(".")]
    believed = []
    for at, piece in enumerate(pieces):
        for byte in range(len(piece)):
            flipped = bytearray(piece)
            flipped[byte] ^= 1 << byte % 8
            forged = [*pieces[:at], bytes(flipped), *pieces[at + 1 :]]
            if not distrust(".".join(map(base64url, forged))):
                believed.append((at, byte))
    assert believed == []


def test_attack_01_a_flipped_bit_in_any_byte_of_the_certificate_signed_again() -> None:
    cert = certificate()
    pieces = [plain(piece) for piece in cert.split(".")]
    codes = set()
    for at, piece in enumerate(pieces):
        for byte in range(len(piece)):
            flipped = bytearray(piece)
            flipped[byte] ^= 1 << byte % 8
            forged = ".".join(map(base64url, [*pieces[:at], bytes(flipped), *pieces[at + 1 :]]))
            codes.add(distrust(with_claims(CLAIMS, cert=forged)))
    assert codes == {"CERT_INVALID", "KEY_UNKNOWN"}


def test_attack_02_a_raised_limit_under_the_old_signature() -> None:
    header, claims, signature = document(seats=3).split(".")
    raised = plain(claims).replace(b'"seats":3', b'"seats":9')
    assert raised != plain(claims)
    assert distrust(f"{header}.{base64url(raised)}.{signature}") == "SIGNATURE_INVALID"


def test_attack_03_a_licence_file_in_place_of_a_device_file() -> None:
    assert distrust(document(Kind.LICENSE_FILE), Kind.DEVICE_FILE) == "TYPE_MISMATCH"
    header, claims, signature = document(Kind.LICENSE_FILE).split(".")
    renamed = plain(header).replace(b"license-file", b"device-file")
    forged = f"{base64url(renamed)}.{claims}.{signature}"
    assert distrust(forged, Kind.DEVICE_FILE) == "SIGNATURE_INVALID"


def test_attack_04_a_genuine_certificate_beside_another_key() -> None:
    forger = signer()._replace(key=STRANGER)
    assert distrust(document(by=forger)) == "SIGNATURE_INVALID"
    named = forger._replace(kid=thumbprint(STRANGER.public_key()))
    assert distrust(document(by=named)) == "CERT_INVALID"


def test_attack_05_a_root_that_is_none_of_ours() -> None:
    assert distrust(document(by=signer(STRANGER, root=ANOTHER_ROOT))) == "KEY_UNKNOWN"
    # Nor does our root's name help it.
    claims = json.loads(plain(certificate(STRANGER).split(".")[1]))
    forged = put_together(header_of(certificate()), claims, ANOTHER_ROOT)
    by = signer(STRANGER)._replace(certificate=forged)
    assert distrust(document(by=by)) == "CERT_INVALID"


@pytest.mark.parametrize("algorithm", ["none", "None", "RS256", "ES256", "HS256", "eddsa", "", 1])
def test_attack_06_another_algorithm_in_the_header(algorithm: object) -> None:
    assert distrust(with_claims(CLAIMS, alg=algorithm)) == "SIGNATURE_INVALID"


def test_attack_06_no_signature_and_a_public_key_as_secret() -> None:
    header, claims, _ = with_claims(CLAIMS, alg="none").split(".")
    assert distrust(f"{header}.{claims}.") == "SIGNATURE_INVALID"
    public = SIGNING.public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for secret in (public.public_bytes_raw(), pem):
        assert distrust(sealed_by_hmac(secret)) == "SIGNATURE_INVALID"


@pytest.mark.parametrize("name", ["jwk", "jku", "x5c", "x5u"])
def test_attack_06_a_key_that_the_header_brings_along(name: str) -> None:
    brought = header_of(document()) | {name: "https://keys.example/"}
    assert distrust(put_together(brought, CLAIMS, STRANGER)) == "SIGNATURE_INVALID"


def test_attack_06_an_extension_that_must_be_understood() -> None:
    assert distrust(with_claims(CLAIMS, crit=["b64"], b64=False)) == "MALFORMED"


def test_attack_07_a_key_that_signs_what_it_may_not() -> None:
    assert distrust(document(Kind.REVOCATIONS), Kind.REVOCATIONS) == "CERT_INVALID"
    assert distrust(document(by=signer(kinds=[Kind.ANSWER]))) == "CERT_INVALID"
    # A certificate vouches for keys, and is no document itself.
    assert distrust(certificate(), Kind.CERTIFICATE) == "CERT_INVALID"


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"not_before": NOW}, ""),
        ({"not_before": NOW + SECOND}, "CERT_INVALID"),
        ({"signs_until": NOW}, ""),
        ({"signs_until": NOW - SECOND}, "CERT_INVALID"),
        ({"expires_at": NOW + SECOND}, ""),
        ({"expires_at": NOW}, "CERT_INVALID"),
    ],
)
def test_attack_08_a_document_from_outside_its_keys_dates(other: Any, code: str) -> None:
    assert distrust(document(by=signer(**other))) == code


def test_attack_08_a_retired_keys_document_holds_until_its_certificate_ends() -> None:
    last, end = int(SIGNS_UNTIL.timestamp()), int(CERTIFIED_UNTIL.timestamp())
    text = with_claims({"aud": PRODUCT, "iat": last, "exp": end + 60})
    assert distrust(text, at=CERTIFIED_UNTIL - SECOND) == ""
    assert distrust(text, at=CERTIFIED_UNTIL) == "CERT_INVALID"
    late = with_claims({"aud": PRODUCT, "iat": last + 1, "exp": end})
    assert distrust(late, at=SIGNS_UNTIL + SECOND) == "CERT_INVALID"


@pytest.mark.parametrize(
    "end", ["1", "never", True, 1.5, -1, 10**30, 253_402_300_800, None, [], {}], ids=repr
)
def test_attack_10_an_end_that_is_no_moment(end: object) -> None:
    for name in ("iat", "exp", "nbf"):
        assert distrust(with_claims(CLAIMS | {name: end})) == "MALFORMED"


def test_attack_10_no_end_and_an_end_at_this_very_second() -> None:
    assert distrust(with_claims({"aud": PRODUCT, "iat": CLAIMS["iat"]})) == "MALFORMED"
    assert distrust(with_claims(CLAIMS | {"exp": CLAIMS["iat"]})) == "FILE_EXPIRED"


def test_attack_16_a_clock_far_back_or_far_ahead() -> None:
    for back in (timedelta(hours=1), timedelta(days=366)):
        assert distrust(document(), at=NOW - back) == "NOT_YET_VALID"
    assert distrust(document(), at=NOW + timedelta(days=3660)) == "FILE_EXPIRED"
    # Nothing is remembered: the same document holds once the clock is right again.
    assert distrust(document()) == ""
    later = with_claims(CLAIMS | {"nbf": CLAIMS["iat"] + 301})
    assert distrust(later) == "NOT_YET_VALID"


def test_attack_29_one_tenants_document_before_anothers_root() -> None:
    theirs = {thumbprint(ANOTHER_ROOT.public_key()): ANOTHER_ROOT.public_key()}
    assert distrust(document(), roots=theirs) == "KEY_UNKNOWN"
    # Not even when their root goes by our root's name.
    swapped = {thumbprint(ROOT.public_key()): ANOTHER_ROOT.public_key()}
    assert distrust(document(), roots=swapped) == "CERT_INVALID"


def test_attack_29_one_products_document_before_another() -> None:
    assert distrust(document(), product_id="borealis") == "PRODUCT_MISMATCH"
    for aud in ("borealis", "", None, [PRODUCT], {PRODUCT: 1}):
        assert distrust(with_claims(CLAIMS | {"aud": aud}), product_id=PRODUCT) == "CERT_INVALID"
