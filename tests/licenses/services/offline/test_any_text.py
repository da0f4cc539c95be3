"""Whatever is pasted for a code of a device is refused with a code, and nothing is written."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events.refusals import Refusal
from licenses.models import Activation
from licenses.selectors import offline_requests
from licenses.services import offline
from licenses.signing import Kind, jwk_of
from tests.clock import NOW
from tests.factories import DEVICE, issue
from tests.licenses.services.offline.carried import KEY, answer, code_of, request
from tests.licenses.signing.forged import put_together

pytestmark = pytest.mark.django_db
ANY = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
CODES = {
    "DOCUMENT_INVALID", "INVALID_LICENSE_KEY_FORMAT", "LICENSE_NOT_FOUND", "VALIDATION_ERROR",
    "INVALID_FINGERPRINT", "USAGE_INCOMPLETE", "STALE_SEQUENCE",
}  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec=None), max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


def signed_over(kind: Kind, claims: dict[str, Any]) -> str:
    header = {"alg": "EdDSA", "typ": kind.value, "jwk": jwk_of(KEY.public_key())}
    return put_together(header, claims, KEY)


@ANY
@given(text=st.text(max_size=200))
def test_any_text(text: str):
    for act in (
        lambda: offline_requests.read(text, at=NOW),
        lambda: offline.accept_receipt(text=text, at=NOW, origin=DEVICE),
        lambda: offline.accept_bundle(text=text, at=NOW, origin=DEVICE),
    ):
        assert code_of(act) == "DOCUMENT_INVALID"


@ANY
@given(
    name=st.sampled_from(
        ["license_key", "device_fingerprint", "nonce", "machine_name", "cpu_count", "public_key"]
    ),
    value=VALUES,
)
def test_any_claim_of_a_signed_request(name: str, value: Any):
    issued = issue()
    claims = {
        "license_key": issued.key,
        "device_fingerprint": "device-1",
        "nonce": "n" * 20,
        name: value,
    }
    try:
        answer(issued.license, signed_over(Kind.ACTIVATION_REQUEST, claims))
    except Refusal as refusal:
        assert refusal.code in CODES  # noqa: PT017 - what is right is answered
        assert not Activation.objects.filter(license=issued.license).exists()


@ANY
@given(
    name=st.sampled_from(["dev", "seq", "start", "prev", "head", "entries"]),
    value=VALUES | st.lists(st.text(st.characters(codec=None), max_size=20), max_size=3),
)
def test_any_claim_of_receipts_and_bundles(name: str, value: Any):
    issued = issue()
    dev = str(answer(issued.license, request(issued.key)).activation_id)
    claims = {"dev": dev, "seq": 1, "start": 0, "prev": "", "head": "", "entries": [], name: value}
    bundle = signed_over(Kind.USAGE_BUNDLE, claims)
    assert code_of(offline.accept_bundle, text=bundle, at=NOW, origin=DEVICE) in CODES
    receipt = signed_over(Kind.DEACTIVATION_RECEIPT, claims)
    try:
        freed = offline.accept_receipt(text=receipt, at=NOW, origin=DEVICE)
    except Refusal as refusal:
        assert refusal.code in CODES  # noqa: PT017 - what is right is answered
        assert Activation.objects.get(pk=dev).live
    else:
        assert not freed.live


@pytest.mark.parametrize("half", ["\ud800", "a\0b"], ids=["half a character", "NUL"])
def test_what_cannot_be_written_down_is_malformed(half: str):
    issued = issue()
    said = {"license_key": issued.key, "device_fingerprint": half, "nonce": "n" * 20}
    code = signed_over(Kind.ACTIVATION_REQUEST, said)
    assert code_of(offline_requests.read, code, at=NOW) == "DOCUMENT_INVALID"
    assert not Activation.objects.exists()
