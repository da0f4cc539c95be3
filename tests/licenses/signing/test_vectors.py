"""The examples of docs/vectors/documents.json, by which others can check their own readers."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from licenses.signing import Distrusted, Kind, certified, claims_by_device, opened, public_key_in
from licenses.signing.kinds import OF_DEVICES
from tests.licenses.signing import examples
from tests.licenses.signing.forged import base64url, plain

VECTORS: dict[str, Any] = json.loads(examples.FILE.read_text())
ROOTS = {name: public_key_in(jwk) for name, jwk in VECTORS["roots"].items()}
# Every reason for distrust that the reader of one document knows.
CODES = {
    "MALFORMED", "TYPE_MISMATCH", "KEY_UNKNOWN", "KEY_REVOKED", "CERT_INVALID",
    "SIGNATURE_INVALID", "PRODUCT_MISMATCH", "NOT_YET_VALID", "FILE_EXPIRED",
}  # fmt: skip


def verdict(vector: dict[str, Any]) -> str:
    """What our reader says of an example: a code, or an empty text if it believes it."""
    text, kind = vector["text"], Kind(vector["kind"])
    try:
        if kind == Kind.CERTIFICATE:
            certified(text, roots=ROOTS)
        elif kind in OF_DEVICES:
            jwk = vector.get("device_key")
            claims_by_device(text, kind, key=public_key_in(jwk) if jwk else None)
        else:
            opened(
                text,
                kind,
                roots=ROOTS,
                at=datetime.fromtimestamp(vector["at"], UTC),
                product_id=vector.get("product_id"),
                revoked=vector.get("revoked", ()),
            )
    except Distrusted as distrusted:
        return distrusted.code
    return ""


def test_the_file_is_what_the_code_makes() -> None:
    """`python -m tests.licenses.signing.examples` writes it anew."""
    assert examples.FILE.read_text() == examples.written()


@pytest.mark.parametrize(
    "vector", VECTORS["genuine"] + VECTORS["distrusted"], ids=lambda vector: vector["name"]
)
def test_an_example_is_believed_or_refused_as_it_says(vector: dict[str, Any]) -> None:
    assert verdict(vector) == vector["code"]


def test_there_is_an_example_of_every_kind_and_of_every_code() -> None:
    # TOKEN keys have examples of their own, beside those of the other schemes.
    believed = {vector["kind"] for vector in VECTORS["genuine"]}
    assert believed == set(Kind) - {Kind.LICENSE_KEY}
    assert {vector["code"] for vector in VECTORS["distrusted"]} == CODES


def test_the_answer_names_the_digest_of_the_body_beside_it() -> None:
    (vector,) = [one for one in VECTORS["genuine"] if "body" in one]
    claims = json.loads(plain(vector["text"].split(".")[1]))
    assert claims["sha256"] == base64url(hashlib.sha256(vector["body"].encode()).digest())
