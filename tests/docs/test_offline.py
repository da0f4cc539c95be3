"""The calls that docs/api/offline.md shows are calls that work."""

import json
import re

import pytest
from django.test import Client
from django.utils import timezone

from accounts.services.api_keys import create_api_key
from licenses.signing import Kind, signed_by_device
from tests.docs.test_examples import CURL
from tests.engines import BASE_DIR
from tests.factories import STAFF, issue
from tests.licenses.services.offline.carried import KEY, NONCE, answer, request
from tests.licenses.services.offline.test_bundles import chain, entry

pytestmark = pytest.mark.django_db
PAGE = BASE_DIR / "docs" / "api" / "offline.md"


def test_the_examples_work_one_after_the_other():
    at = timezone.now()
    issued = issue(at=at)
    _, api_key = create_api_key(
        name="docs", scopes=["activations:write"], tenant=issued.license.tenant, at=at, origin=STAFF
    )
    signed = answer(issued.license, request(issued.key, "signs", nonce=NONCE, at=at), at=at)
    words = {
        "KEY": issued.key,
        "RECEIPT": signed_by_device(
            Kind.DEACTIVATION_RECEIPT, {"dev": str(signed.activation_id), "seq": 9}, key=KEY
        ),
        "BUNDLE": chain(signed.activation_id, [entry(1)]),
    }
    found = CURL.findall(PAGE.read_text().replace("'$", "$").replace("'\"", '"'))
    assert len(found) == 9
    headers = {"Authorization": f"Bearer {api_key}"}
    for path, body in found:
        path, body = (_filled(text, words) for text in (path, body))
        json.loads(body)
        response = Client().post(
            f"/api/licensing{path}", body, content_type="application/json", headers=headers
        )
        assert response.status_code in (200, 201), (path, response.content)
        data = response.json()["data"]
        told = {
            "TOKEN": data.get("activation_token"),
            "REQUEST": data.get("request_code"),
            "RESPONSE": data.get("response_code"),
            "ID": data.get("activation_id"),
        }
        words |= {name: value for name, value in told.items() if value}


def _filled(text: str, words: dict[str, str]) -> str:
    return re.sub(r"\$(\w+)", lambda name: words[name.group(1)], text)
