"""Fault 46: the integrity check always answered intact, for any key, even one that is unknown."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from time_machine import travel

from licenses import hot
from licenses.models import License
from licenses.selectors import signers
from licenses.services.signing_keys import signer_for
from licenses.signing import Kind, signed
from tests import factories
from tests.contract.asking import on_device
from tests.contract.conftest import Caller
from tests.contract.test_errors import assert_told
from tests.contract.world import World
from tests.factories import STAFF

pytestmark = pytest.mark.django_db
INTACT = {"integrity_check": True, "tampering_detected": False}
TAMPERED = {"integrity_check": False, "tampering_detected": True}
UNKNOWN = "0000-0000-0000-0000-0000"


@pytest.fixture
def issued() -> Any:
    return factories.issue(at=timezone.now())


def ask(key: str, caller: Caller | None = None, **more: Any) -> Any:
    answer = (caller or Caller()).post("/integrity-check", {"license_key": key} | more)
    assert answer.status_code == 200, answer.content
    return answer.json()["data"]


def file_of(license: License, kind: Kind = Kind.LICENSE_FILE, **claims: Any) -> str:
    at = timezone.now()
    stated = {"aud": license.product.product_id, "sub": str(license.pk)} | claims
    signer = signer_for(product_id=license.product_id, at=at, origin=STAFF)
    return signed(kind, stated, signer=signer, issued_at=at, expires_at=at + timedelta(days=14))


def test_46_an_honest_licence_is_intact_and_a_changed_one_is_not(issued):
    assert ask(issued.key, nonce="n-8f2a61c0") == INTACT | {"nonce": "n-8f2a61c0"}
    License.objects.filter(pk=issued.license.pk).update(max_activations=900)
    assert ask(issued.key) == TAMPERED


def test_46_an_unknown_and_a_forged_key_are_tampered_and_a_malformed_one_is_refused():
    stamped = factories.issue(product=factories.make_product(key_scheme="STAMPED"))
    forged = stamped.key[:-5] + ("0" if stamped.key[-5] != "0" else "1") + stamped.key[-4:]
    assert ask(UNKNOWN) == ask(forged) == TAMPERED
    for wrong in ("hello", "9QRA-R9D0-HK8H-D92H-3F1C", "****-****-****-****-Q7RT", ""):
        refused = on_device("/integrity-check", license_key=wrong)
        assert_told(refused, 400, "INVALID_LICENSE_KEY_FORMAT")
    assert_told(on_device("/integrity-check"), 400, "VALIDATION_ERROR")


def test_46_a_file_of_this_licence_is_believed_and_any_other_is_not(issued):
    license, other = issued.license, factories.issue(at=timezone.now()).license
    text = file_of(license)
    assert ask(issued.key, signature=text) == INTACT
    assert ask(issued.key, signature=file_of(license, Kind.DEVICE_FILE)) == INTACT
    framed = f"-----BEGIN LICENSE FILE-----\n{text[:64]}\r\n{text[64:]}\n-----END LICENSE FILE-----"
    assert ask(issued.key, signature=framed) == INTACT
    for wrong in (
        file_of(other),
        file_of(license, sub=str(other.pk)),
        file_of(license, aud="another"),
        file_of(license, Kind.EMERGENCY_CODE),
        text[:-4] + "AAAA",
        "a.b.c",
    ):
        assert ask(issued.key, signature=wrong) == TAMPERED
    license.product.signing_keys.update(compromised_at=timezone.now())
    signers.look_again()
    assert ask(issued.key, signature=text) == TAMPERED
    assert ask(issued.key) == INTACT


def test_46_a_file_that_has_ended_was_genuine_all_the_same(issued):
    text = file_of(issued.license)
    with travel(timezone.now() + timedelta(days=15), tick=False):
        assert ask(issued.key, signature=text) == INTACT


@pytest.mark.parametrize("text", ["x", "a.b", "a.b.c.d", "."])
def test_46_what_is_no_file_at_all_is_refused(issued, text):
    refused = on_device("/integrity-check", license_key=issued.key, signature=text)
    assert_told(refused, 400, "VALIDATION_ERROR")
    assert "signature" in refused.json()["error"]["details"]


def test_46_what_differs_is_told_to_an_api_key_that_may_know_it(caller_with, issued):
    License.objects.filter(pk=issued.license.pk).update(max_activations=900)
    told = TAMPERED | {"differences": [{"code": "ROW_NOT_AS_TOLD", "field": "max_activations"}]}
    tenant = issued.license.tenant
    assert ask(issued.key, caller_with("security:read")) == told
    assert ask(issued.key, caller_with("security:read", tenant=tenant)) == told
    stranger = World.make(timezone.now()).tenant
    for caller in (
        caller_with("licenses:read"),
        caller_with("security:read", tenant=stranger),
        Caller("lp_unknown"),
        Caller("act_none"),
        Caller(Authorization="Basic x"),
    ):
        assert ask(issued.key, caller) == TAMPERED
    unknown = TAMPERED | {"differences": [{"code": "KEY_UNKNOWN"}]}
    assert ask(UNKNOWN, caller_with("security:read")) == unknown
    assert ask(UNKNOWN, caller_with("security:read", tenant=tenant)) == TAMPERED


def test_46_keys_of_both_kinds_are_guessed_no_faster_here(issued):
    guesses = [on_device("/integrity-check", license_key=UNKNOWN).status_code for _ in range(22)]
    assert guesses == [200] * 20 + [429] * 2
    hot.store().clear()
    guesser = Caller("lp_guessed")
    told = [
        guesser.post("/integrity-check", {"license_key": issued.key}).status_code for _ in range(22)
    ]
    assert told == [200] * 20 + [429] * 2
