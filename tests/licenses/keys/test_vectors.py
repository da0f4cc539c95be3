"""The examples of docs/vectors/license_keys.json, by which others can check their own readers."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from licenses import keys
from licenses.keys import signed, token
from tests.licenses.keys.sealed import KID, PRIVATE, SECRET, FixedSeal

FILE = Path(__file__).resolve().parents[3] / "docs" / "vectors" / "license_keys.json"
VECTORS: dict[str, Any] = json.loads(FILE.read_text())


def test_the_file_names_the_secrets_it_was_made_with() -> None:
    assert VECTORS["hmac_secret"] == SECRET.decode()
    assert VECTORS["kid"] == KID
    public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(VECTORS["public_key"]))
    assert public == PRIVATE.public_key()


@pytest.mark.parametrize("vector", VECTORS["keys"], ids=lambda vector: vector["name"])
def test_a_key_of_the_examples_reads_as_written(vector: dict[str, Any]) -> None:
    found = keys.recognise(vector["typed"])

    assert found == (vector["scheme"], vector["key"])
    assert keys.is_genuine(*found, FixedSeal())
    head, hint = keys.head_of(*found), keys.hint_of(*found)
    assert keys.masked(vector["scheme"], head, hint) == vector["mask"]


@pytest.mark.parametrize("vector", VECTORS["wrong"], ids=lambda vector: vector["name"])
def test_a_wrong_key_of_the_examples_is_refused_for_the_reason_given(
    vector: dict[str, Any],
) -> None:
    found = keys.recognise(vector["key"])

    assert (found is not None) == vector["form_is_right"]
    assert found is None or not keys.is_genuine(*found, FixedSeal())


def test_what_signed_and_token_keys_carry_can_be_read_by_anybody() -> None:
    by_name = {vector["name"]: vector for vector in VECTORS["keys"]}
    for vector in by_name.values():
        if vector["scheme"] == "SIGNED":
            _, version, customer, features, expiration, _ = vector["key"].split("-")
            read = [
                base64.b32decode(part + "=" * (-len(part) % 8)) for part in (customer, features)
            ]
            carried = vector["carries"]
            assert [version, *(part.decode() for part in read), expiration] == [
                carried["version"], carried["customer"], carried["features"], carried["expiration"],
            ]  # fmt: skip
        if vector["scheme"] == "TOKEN":
            assert token.claims_of(vector["key"], FixedSeal()) == vector["carries"]


def test_many_features_are_carried_as_their_hash() -> None:
    assert signed.listed(["b", "a"]) == b"a,b"
    just = ["x" * 99, "y" * 100]
    assert signed.listed(just) == ",".join(just).encode()
    assert signed.listed([*just, "z"]).startswith(b"sha256:")
    assert len(signed.listed([*just, "z"])) == 71
