"""Keys of every scheme at the doors of devices, honest, forged and mistyped."""

import re
from typing import Any

import pytest

from licenses import keys
from licenses.keys import MADE_HERE
from licenses.models import License
from licenses.selectors import typed_keys
from licenses.services import keyring, lifecycle
from tests.clock import NOW
from tests.factories import STAFF, issue, make_product, make_tenant
from tests.licenses.device_api.conftest import Call
from tests.licenses.keys.sealed import FixedSeal

pytestmark = pytest.mark.django_db
FORMS = [("GROUPED", ""), ("STAMPED", ""), ("SIGNED", "v1"), ("SIGNED", "v2"), ("TOKEN", "")]
each_form = pytest.mark.parametrize(("scheme", "version"), FORMS)
LEGACY = "legacy_KEY.0815"


def issued_as(scheme: str, version: str) -> Any:
    return issue(product=make_product("maps", key_version=version), key_scheme=scheme)


def forged_from(license: License, version: str) -> str:
    """A key of the right form with the licence's own contents, vouched for by somebody else."""
    contents = keyring.contents_of(license, features=["maps"], at=NOW)
    return keys.make(license.key_scheme, contents, FixedSeal())


def verdict(answer: Any) -> tuple[int, str, bool, bool]:
    data = answer.json()["data"]
    details = data["validation_details"]
    return (
        answer.status_code, data["code"], details["key_format_valid"], details["signature_valid"],
    )  # fmt: skip


@each_form
def test_a_key_activates_validates_and_is_shown_masked(
    call: Call, scheme: str, version: str
) -> None:
    issued = issued_as(scheme, version)
    device = {"license_key": issued.key, "device_fingerprint": "device-1"}

    activated = call("activations", device)
    judged = call("validate", {"license_key": f" {issued.key}\n"})

    assert activated.status_code == 201
    assert verdict(judged) == (200, "VALID", True, True)
    shown = judged.json()["data"]["license"]
    assert shown["license_key"] == issued.license.masked_key
    assert shown["key_scheme"] == scheme
    assert issued.key not in activated.content.decode() + judged.content.decode()


@each_form
def test_a_forged_key_is_answered_as_an_unknown_one_after_the_same_work(
    call: Call, scheme: str, version: str, django_assert_num_queries: Any
) -> None:
    issued = issued_as(scheme, version)
    keyring.reissue_key(license_id=issued.license.pk, reason="lost", at=NOW, origin=STAFF)
    unknown = issued.key
    answers = []
    for key in (unknown, forged_from(issued.license, version)):
        with django_assert_num_queries(1):
            judged = call("validate", {"license_key": key})
        assert verdict(judged) == (200, "LICENSE_NOT_FOUND", True, False)
        with django_assert_num_queries(1):
            refused = call("activations", {"license_key": key, "device_fingerprint": "d"})
        told = refused.json()
        answers.append((refused.status_code, told["code"], told["message"], told["error"]))
    assert answers[0] == answers[1]
    assert answers[0][:2] == (404, "LICENSE_NOT_FOUND")


@pytest.mark.parametrize("key", [
    "hello",
    "ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ",
    "AGY-BRENNER-20260131-9K2MQ7RT",
    "AGY-BRENNER-20260131120000000000-9K2MQ7RT",
    "CAIO-v2-MFRGG-MFRGG-perpetual-MFRGG",
    "CAIO-v3-MFRGG-MFRGG-perpetual-" + "A" * 128,
    "NLS-ZXlKaGJHY2lPaUpGWkVSVFFTSjk-00000000",
    "****-****-****-****-Q7RT",
    "x" * 9_000,
])  # fmt: skip
def test_what_has_no_form_of_ours_is_refused_without_a_query(
    call: Call, key: str, django_assert_num_queries: Any
) -> None:
    typed_keys.opaque_held()
    for route, body in (("validate", {}), ("activations", {"device_fingerprint": "device-1"})):
        with django_assert_num_queries(0):
            answer = call(route, {"license_key": key} | body)
        assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_LICENSE_KEY_FORMAT")


def test_where_a_key_of_another_system_is_held_such_a_text_may_be_a_key(call: Call) -> None:
    body = {"license_key": LEGACY}
    assert call("validate", body).status_code == 400
    license = issue().license
    license.key_scheme = "OPAQUE"
    keyring.keep(license, LEGACY)
    license.save()
    typed_keys.look_again()

    assert verdict(call("validate", body)) == (200, "VALID", True, True)
    other_case = {"license_key": LEGACY.lower()}
    assert verdict(call("validate", other_case)) == (200, "LICENSE_NOT_FOUND", True, False)
    assert call("validate", {"license_key": "with space"}).status_code == 400


@each_form
def test_a_revoked_licences_key_is_known_and_never_works(
    call: Call, scheme: str, version: str
) -> None:
    issued = issued_as(scheme, version)
    lifecycle.revoke_license(license_id=issued.license.pk, reason="fraud", at=NOW, origin=STAFF)

    body = {"license_key": issued.key, "device_fingerprint": "device-1"}
    refused = call("activations", body)
    assert (refused.status_code, refused.json()["code"]) == (403, "LICENSE_REVOKED")


def test_every_scheme_that_can_be_chosen_is_tried_here() -> None:
    assert {scheme for scheme, _ in FORMS} == set(MADE_HERE)
    key = issue(tenant=make_tenant(code="ACME"), key_scheme="STAMPED").key
    assert re.fullmatch(r"AGY-ACME-\d{20}-[0-9A-Z]{16}", key)


def test_a_reissued_key_ends_every_token_at_once_and_lets_the_device_in_again(call) -> None:
    issued = issue(max_activations=1)
    sent = {"license_key": issued.key, "device_fingerprint": "pc-7"}
    old = {"activation_token": call("activations", sent).json()["data"]["activation_token"]}
    # A copy of it lies in the store, where there is one.
    assert call("activations/validate", old).json()["data"]["valid"]

    new = keyring.reissue_key(license_id=issued.license.pk, reason="x", at=NOW, origin=STAFF)

    told = call("activations/validate", old).json()["data"]
    assert (told["code"], "license" in told) == ("INVALID_ACTIVATION_TOKEN", False)
    assert call("activations/heartbeat", old).status_code == 401
    again = call("activations", sent | {"license_key": new.key})
    fresh = {"activation_token": again.json()["data"]["activation_token"]}
    assert (again.status_code, fresh == old) == (200, False)
    assert call("activations/validate", fresh).json()["data"]["valid"]
