"""What docs/api/signatures.md shows believes an answer of ours and no other."""

import re
from typing import Any

import jwt
import pytest
from django.test import Client

from licenses.selectors import signers
from licenses.signing import jwk_of
from tests.engines import BASE_DIR
from tests.factories import issue

pytestmark = pytest.mark.django_db
PAGE = BASE_DIR / "docs" / "api" / "signatures.md"
NONCE = "b2f1c0de-7a"


@pytest.fixture
def shown() -> dict[str, Any]:
    """The names that the page's example defines."""
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.S)
    names: dict[str, Any] = {}
    exec(code, names)
    return names


def test_the_example_believes_a_genuine_answer_and_no_altered_one(shown: dict[str, Any]) -> None:
    path, body = "/api/licensing/validate", {"license_key": issue().key, "nonce": NONCE}
    told = Client().post(path, body, content_type="application/json")
    shown["ROOTS"] = {kid: jwk_of(key)["x"] for kid, key in signers.roots().items()}
    signature = told["X-Signature"]
    assert shown["believed"](signature, told.content, NONCE, path, 200)
    assert not shown["believed"](signature, told.content + b" ", NONCE, path, 200)
    assert not shown["believed"](signature, told.content, "another-nonce", path, 200)
    assert not shown["believed"](signature, told.content, NONCE, "/api/licensing/status", 200)
    assert not shown["believed"](signature, told.content, NONCE, path, 403)
    with pytest.raises(jwt.InvalidSignatureError):
        shown["believed"](signature[:-4] + "AAAA", told.content, NONCE, path, 200)


def test_the_page_names_every_claim_of_an_answer_and_of_the_list() -> None:
    path, body = "/api/licensing/validate", {"license_key": issue().key, "nonce": NONCE}
    told = Client().post(path, body, content_type="application/json")
    listed = Client().get("/.well-known/revocations").content.decode()
    text = PAGE.read_text()
    unverified = {"verify_signature": False}
    for token in (told["X-Signature"], listed):
        for claim in jwt.decode(token, options=unverified):
            assert f"`{claim}`" in text, claim
