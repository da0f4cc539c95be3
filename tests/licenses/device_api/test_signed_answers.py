"""Who sends a nonce gets an answer that a false server cannot give."""

import base64
import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from time_machine import travel

from events.models import Event
from licenses.models import Activation, SigningKey
from licenses.selectors import signers
from licenses.services import replacing_keys
from licenses.services.signing_keys import signer_for
from licenses.signing import Distrusted, Kind, Purpose, opened, signed
from tests.clock import NOW
from tests.factories import STAFF, activate, issue
from tests.licenses.device_api.conftest import Call

pytestmark = pytest.mark.django_db
NONCE = "b2f1c0de-7a"
SECOND = timedelta(seconds=1)


def believed(answer: Any, *, nonce: str = NONCE, path: str, at: Any = NOW) -> dict[str, Any]:
    """The claims of an answer's signature, as an honest client checks them."""
    document = opened(
        answer["X-Signature"],
        Kind.ANSWER,
        roots=signers.roots(),
        at=at,
        revoked=signers.compromised(),
    )
    claims = document.claims
    digest = hashlib.sha256(answer.content).digest()
    assert claims["sha256"] == base64.urlsafe_b64encode(digest).decode().rstrip("=")
    assert (claims["method"], claims["path"]) == ("POST", f"/api/licensing/{path}")
    assert claims["status"] == answer.status_code
    if claims["nonce"] != nonce:
        raise Distrusted("REPLAYED")
    return claims


def test_every_kind_of_answer_is_signed(call: Call) -> None:
    issued = issue()
    key = {"license_key": issued.key, "nonce": NONCE}
    told = call("activations", key | {"device_fingerprint": "machine"})
    token = {"activation_token": told.json()["data"]["activation_token"], "nonce": NONCE}
    believed(told, path="activations")
    calls = {
        "validate": key,
        "activations/validate": token,
        "activations/heartbeat": token,
        "status": key,
        "feature-flags": key,
        "activations/deactivate": token,
    }
    for path, body in calls.items():
        answer = call(path, body)
        assert answer.json()["data"]["nonce"] == NONCE
        believed(answer, path=path)


def test_refusals_and_unknown_keys_are_signed_as_well(call: Call) -> None:
    issue()
    unknown = {"license_key": "ABCD-EFGH-JKMN-PQRS-TVW0", "nonce": NONCE}
    for path, body, status in [
        ("activations", {"license_key": "x", "device_fingerprint": "machine", "nonce": NONCE}, 400),
        ("activations/heartbeat", {"activation_token": "act_unknown", "nonce": NONCE}, 401),
        ("activations/validate", {"activation_token": "act_unknown", "nonce": NONCE}, 200),
        ("validate", unknown, 400),
    ]:
        answer = call(path, body)
        assert answer.status_code == status
        believed(answer, path=path)


def test_without_a_nonce_nothing_is_signed_and_no_key_is_made(call: Call) -> None:
    answer = call("validate", {"license_key": issue().key})
    assert "X-Signature" not in answer
    assert not SigningKey.objects.filter(purpose=Purpose.ANSWERS).exists()


@pytest.mark.parametrize(
    "nonce",
    ["", "seven77", "n" * 129, "with blank", "line-end\n", "non-äscii", 12345678, None],
    ids=ascii,
)
def test_a_nonce_that_is_none_is_refused_and_nothing_is_taken(call: Call, nonce: Any) -> None:
    issued = issue()
    body = {"license_key": issued.key, "device_fingerprint": "machine", "nonce": nonce}
    answer = call("activations", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
    assert list(answer.json()["error"]["details"]) == ["nonce"]
    assert "X-Signature" not in answer
    assert not Activation.objects.exists()


@pytest.mark.parametrize("nonce", ["8-of-it!", "n" * 128])
def test_the_shortest_and_the_longest_nonce_are_taken(call: Call, nonce: str) -> None:
    answer = call("validate", {"license_key": issue().key, "nonce": nonce})
    believed(answer, nonce=nonce, path="validate")


def test_attack_15_a_recorded_answer_played_again(call: Call) -> None:
    recorded = call("validate", {"license_key": issue().key, "nonce": NONCE})
    believed(recorded, path="validate")
    with pytest.raises(Distrusted, match="REPLAYED"):
        believed(recorded, nonce="another-nonce", path="validate")
    with pytest.raises(Distrusted, match="FILE_EXPIRED"):
        believed(recorded, path="validate", at=NOW + timedelta(minutes=5))


def test_attack_15_a_recorded_signature_beside_another_body_or_address(call: Call) -> None:
    issued = issue()
    good = call("validate", {"license_key": issued.key, "nonce": NONCE})
    bad = call("validate", {"license_key": issued.key, "nonce": NONCE, "product_id": "other"})
    assert (good.json()["data"]["valid"], bad.json()["data"]["valid"]) == (True, False)
    good_signature, bad["X-Signature"] = good["X-Signature"], good["X-Signature"]
    with pytest.raises(AssertionError):
        believed(bad, path="validate")
    good["X-Signature"] = good_signature
    with pytest.raises(AssertionError):
        believed(good, path="activations/validate")


def test_a_products_key_signs_no_answer_that_is_believed(call: Call) -> None:
    product = issue().license.product
    forged = signed(
        Kind.ANSWER,
        {"nonce": NONCE, "aud": product.product_id},
        signer=signer_for(product_id=product.pk, at=NOW, origin=STAFF),
        issued_at=NOW,
        expires_at=NOW + SECOND,
    )
    with pytest.raises(Distrusted, match="CERT_INVALID"):
        opened(forged, Kind.ANSWER, roots=signers.roots(), at=NOW)


def test_without_a_root_the_answer_is_right_and_unsigned_and_looked_for_once_a_second(
    call: Call, settings: LazySettings
) -> None:
    settings.SIGNING_ROOT = "offline"
    body = {"license_key": issue().key, "nonce": NONCE}
    first = call("validate", body)
    with CaptureQueriesContext(connection) as seen:
        again = call("validate", body)
    for answer in (first, again):
        assert answer.json()["data"] | {"nonce": NONCE, "valid": True} == answer.json()["data"]
        assert "X-Signature" not in answer
    assert "signingkey" not in json.dumps(seen.captured_queries)
    assert not SigningKey.objects.exists()
    settings.SIGNING_ROOT = "embedded"
    believed(call("validate", body, at=NOW + SECOND), path="validate", at=NOW + SECOND)


def test_the_key_is_looked_up_once_a_second_and_a_new_one_signs_after_that() -> None:
    token = activate(issue().key).token
    client, url = Client(), "/api/licensing/activations/validate"

    def told(at: Any) -> tuple[int, str]:
        body = {"activation_token": token, "nonce": NONCE}
        with travel(at, tick=False), CaptureQueriesContext(connection) as seen:
            answer = client.post(url, body, content_type="application/json")
        claims = opened(answer["X-Signature"], Kind.ANSWER, roots=signers.roots(), at=at)
        asked = sum("signingkey" in (query["sql"] or "") for query in seen.captured_queries)
        return asked, claims.certificate.kid

    _, first = told(NOW)
    assert told(NOW + SECOND / 2) == (0, first)
    asked, still = told(NOW + SECOND)
    assert (asked, still) == (1, first)
    key = SigningKey.objects.get(purpose=Purpose.ANSWERS)
    replacing_keys.rotate_now(key_id=key.pk, reason="Drill.", at=NOW + SECOND, origin=STAFF)
    assert told(NOW + 3 * SECOND)[1] != first
    assert Event.objects.filter(type="signing_key.rotated").count() == 1
