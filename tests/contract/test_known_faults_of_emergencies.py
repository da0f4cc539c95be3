"""Faults of the server that the API came from, in emergencies and checks, by their numbers."""

from datetime import timedelta

import pytest
from django.utils import timezone
from time_machine import travel

from licenses.models import EmergencyCode
from licenses.services import lifecycle
from tests import factories
from tests.contract.asking import on_device
from tests.contract.routes import World
from tests.contract.test_errors import assert_told

pytestmark = pytest.mark.django_db
UNKNOWN = "0000-0000-0000-0000-0000"


def ask(caller, key, reason="The line stands."):
    return caller.post("/emergency-code", {"license_key": key, "reason": reason})


def come(key, code, fingerprint="in need"):
    return on_device(
        "/activations",
        license_key=key,
        device_fingerprint=fingerprint,
        activation_type="EMERGENCY",
        emergency_code=code,
    )


def test_47_there_is_no_code_for_any_string_nor_for_an_unknown_key(vendor, world):
    assert_told(ask(vendor, "hello"), 400, "INVALID_LICENSE_KEY_FORMAT")
    assert_told(ask(vendor, "****-****-****-****-Q7RT"), 400, "INVALID_LICENSE_KEY_FORMAT")
    assert_told(ask(vendor, UNKNOWN), 404, "LICENSE_NOT_FOUND")
    assert_told(ask(vendor, world.key, " "), 400, "VALIDATION_ERROR")
    assert not EmergencyCode.objects.exists()


def test_47_a_code_is_stored_and_checked_and_its_day_ends(vendor, world):
    made = ask(vendor, world.key).json()["data"]
    assert set(made) == {"emergency_code", "typed_code", "valid_until"}
    assert EmergencyCode.objects.get().license_id == world.license.pk
    assert_told(come(world.key, made["emergency_code"] + "A"), 403, "EMERGENCY_CODE_INVALID")
    given = come(world.key, made["emergency_code"])
    assert given.status_code == 201
    assert given.json()["data"]["emergency_until"] == made["valid_until"]
    assert come(world.key, made["typed_code"]).status_code == 200
    assert_told(come(world.key, made["typed_code"], "another"), 409, "EMERGENCY_CODE_USED")
    with travel(timezone.now() + timedelta(days=1, minutes=1), tick=False):
        assert_told(come(world.key, made["typed_code"]), 403, "EMERGENCY_CODE_EXPIRED")


def test_47_it_is_made_where_the_licence_ended_and_never_where_it_was_revoked(vendor, world):
    for _ in range(3):
        assert ask(vendor, world.key).status_code == 200
    refused = assert_told(ask(vendor, world.key), 409, "EMERGENCY_LIMIT_EXCEEDED")
    assert refused["error"]["details"]["limit"] == 3
    gone = factories.issue(at=timezone.now())
    lifecycle.revoke_license(
        license_id=gone.license.pk, reason="x", at=timezone.now(), origin=factories.STAFF
    )
    assert_told(ask(vendor, gone.key), 403, "LICENSE_REVOKED")


def test_47_another_tenant_learns_nothing_and_a_reseller_only_that_it_may_not(caller_with, world):
    other = World.make(timezone.now())
    stranger = caller_with("security:write", tenant=other.tenant)
    foreign = assert_told(ask(stranger, world.key), 404, "LICENSE_NOT_FOUND")
    assert (
        foreign["error"] == assert_told(ask(stranger, UNKNOWN), 404, "LICENSE_NOT_FOUND")["error"]
    )
    world.license.reseller = other.tenant
    world.license.save(update_fields=["reseller"])
    assert_told(ask(stranger, world.key), 403, "RESELLER_READS_ONLY")
    assert not EmergencyCode.objects.exists()


def test_47_the_same_request_again_makes_no_second_code(vendor, world):
    body = {"license_key": world.key, "reason": "x"}
    told = [vendor.post("/emergency-code", body, Idempotency_Key="once") for _ in range(2)]
    assert told[0].json() == told[1].json()
    assert EmergencyCode.objects.count() == 1
