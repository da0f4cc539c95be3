"""Faults of the server that the API came from, where devices have no network, by their numbers."""

import pytest
from django.utils import timezone

from events import vault
from licenses.models import Activation, BlacklistedDevice, IssuedFile, License
from licenses.selectors.snapshots import FINGERPRINT
from tests.contract.asking import on_device
from tests.contract.test_errors import assert_told
from tests.contract.world import World
from tests.licenses.services.offline.carried import request

pytestmark = pytest.mark.django_db


def asked(world, fingerprint="in the cellar"):
    response = on_device(
        "/activations/offline-request", license_key=world.key, device_fingerprint=fingerprint
    )
    assert response.status_code == 200, response.content
    return response.json()["data"]


def bring(caller, code, **headers):
    return caller.post("/activations/offline-response", {"request_code": code}, **headers)


def test_fault_30_a_request_can_be_answered_and_what_comes_back_activates(vendor, world):
    told = asked(world)
    answered = bring(vendor, told["request_code"])
    assert answered.status_code == 200
    given = answered.json()["data"]
    assert set(given) == {"response_code", "activation_id", "expires_at"}
    done = on_device(
        "/activations/offline-activate",
        request_code=told["request_code"],
        response_code=given["response_code"],
    )
    assert done.status_code == 200
    shown = done.json()["data"]
    assert (shown["id"], shown["activation_type"]) == (given["activation_id"], "OFFLINE")
    assert shown["activation_token"].startswith("act_")
    read = vendor.get(f"/activations/{shown['id']}").json()["data"]
    assert (read["status"], read["valid_until"]) == ("ACTIVE", given["expires_at"])


def test_fault_30_two_requests_of_one_device_are_two_codes_and_one_seat(vendor, world):
    codes = [asked(world)["request_code"] for _ in range(2)]
    assert len(set(codes)) == 2
    answers = [bring(vendor, code).json()["data"] for code in codes]
    assert answers[0]["activation_id"] == answers[1]["activation_id"]
    assert License.objects.get(pk=world.license.pk).current_activations == 2


@pytest.mark.parametrize("code", ["hello", "a.b.c", "A" * 60_000, "gAAAAABn" + "A" * 300])
def test_fault_30_no_text_is_a_request_unless_a_device_or_we_wrote_it(vendor, world, code):
    assert_told(bring(vendor, code), 400, "DOCUMENT_INVALID")
    assert Activation.objects.count() == 1


def test_another_tenant_learns_nothing_and_a_reseller_only_that_it_may_not(caller_with, world):
    code = asked(world)["request_code"]
    other = World.make(timezone.now())
    stranger = caller_with("activations:write", tenant=other.tenant)
    assert_told(bring(stranger, code), 404, "LICENSE_NOT_FOUND")
    world.license.reseller = other.tenant
    world.license.save(update_fields=["reseller"])
    assert_told(bring(stranger, code), 403, "RESELLER_READS_ONLY")
    checked = stranger.post(
        f"/activations/{world.activation.pk}/checkout", {"device_fingerprint": "device-1"}
    )
    assert_told(checked, 403, "RESELLER_READS_ONLY")
    assert Activation.objects.filter(license=world.license).count() == 1
    assert not IssuedFile.objects.exists()


def test_a_device_that_the_vendor_barred_everywhere_is_barred_for_a_tenants_own_key(
    caller_with, world
):
    BlacklistedDevice.objects.create(
        fingerprint_digest=vault.digest(FINGERPRINT, "device-9"), created_at=timezone.now()
    )
    tenants = caller_with("activations:write", "licenses:read", tenant=world.tenant)
    refused = bring(tenants, request(world.key, "device-9", at=timezone.now()))
    assert_told(refused, 403, "DEVICE_BLACKLISTED")
    assert not Activation.objects.filter(fingerprint_hint="ce-9", license=world.license).exists()
    # And what follows sees its tenant's rows alone again.
    listed = tenants.get("/licenses").json()["data"]
    assert [row["id"] for row in listed] == [str(world.license.pk)]


def test_the_same_request_by_two_people_is_one_answer(vendor, caller_with, world):
    code = asked(world)["request_code"]
    member = caller_with("activations:write", tenant=world.tenant)
    assert bring(member, code).json()["data"] == bring(vendor, code).json()["data"]


def test_days_and_devices_that_cannot_be_make_no_file(vendor, world):
    at = f"/activations/{world.activation.pk}/checkout"
    assert_told(vendor.post(at, {"ttl_days": 91}), 400, "VALIDATION_ERROR")
    assert_told(vendor.post(at, {}), 400, "VALIDATION_ERROR")
    wrong = {"device_fingerprint": "another"}
    assert_told(vendor.post(at, wrong), 403, "DEVICE_MISMATCH")
    assert not IssuedFile.objects.exists()
