"""
Faults of two key systems that came before, each by its number, and that ours has none of them.

`stamped` are those of a system of `AGY-…` keys, `server` those of a server with `NLS-…` keys.
"""

import hashlib
from base64 import urlsafe_b64decode
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from accounts.models import ApiKey
from events.models import Event
from licenses import keys
from licenses.keys import MADE_HERE
from licenses.models import KeySigningKey, License
from licenses.services import keyring, lifecycle
from tests import factories
from tests.clock import NOW
from tests.contract.asking import on_device
from tests.contract.test_errors import assert_told

pytestmark = pytest.mark.django_db
SALT = "AGENCYOS_LICENSE_SALT_2026"
GIVEN = {"at": NOW, "origin": factories.STAFF}


def stamped(code="ACME", **terms):
    tenant = factories.make_tenant(code=code)
    return factories.issue(tenant=tenant, key_scheme="STAMPED", **terms)


def is_valid(key):
    return on_device("/validate", license_key=key).json()["data"]["code"]


def test_stamped_2_a_key_cannot_be_made_from_what_its_holder_sees(vendor):
    key = stamped().key
    prefix, tenant, stamp, checksum = key.split("-")
    assert len(checksum) == 16
    # What the old system did, with its salt and with none.
    for salt in (SALT, ""):
        plain = hashlib.sha256(f"{tenant}{stamp}{salt}".encode()).hexdigest().upper()[:16]
        guess = f"{prefix}-{tenant}-{stamp}-{plain}"
        assert_told(vendor.get(f"/licenses/by-key/{guess}"), 404, "LICENSE_NOT_FOUND")


def test_stamped_2_a_wrong_checksum_and_a_missing_row_are_told_alike(vendor):
    gone, forged = stamped("ACME"), stamped("OTHER").key
    forged = forged[:-1] + ("0" if forged[-1] != "0" else "1")
    keyring.reissue_key(license_id=gone.license.pk, reason="lost", **GIVEN)
    told = [vendor.get(f"/licenses/by-key/{key}").json()["error"] for key in (gone.key, forged)]
    assert told[0] == told[1]
    assert told[0]["code"] == "LICENSE_NOT_FOUND"


@pytest.mark.parametrize("code", ["A1", "ACME", "A" * 20, "20260131"])
def test_stamped_3_a_tenants_own_keys_validate_whatever_its_code(code):
    assert is_valid(stamped(code).key) == "VALID"


def test_stamped_3_a_code_with_a_hyphen_cannot_be(vendor):
    sent = {"code": "ACME-EU", "name": "Acme"}
    assert_told(vendor.post("/tenants", sent), 400, "VALIDATION_ERROR")


def test_stamped_4_one_tenant_has_many_keys_in_one_instant():
    tenant = factories.make_tenant(code="ACME")
    made = {factories.issue(tenant=tenant, key_scheme="STAMPED").key for _ in range(20)}
    assert len(made) == 20
    assert {is_valid(key) for key in made} == {"VALID"}


def test_stamped_5_no_two_pairs_of_tenant_and_time_are_sealed_alike():
    class Recorder:
        def __init__(self):
            self.messages = []

        def macs(self, message):
            self.messages.append(message)
            return []

    recorder = Recorder()
    stamp, checksum = "0" * 20, "0" * 16
    for prefix, tenant in (("AGY", "T1"), ("AG", "YT1"), ("AGYT", "1A"), ("AGY", "T10")):
        keys.is_genuine("STAMPED", f"{prefix}-{tenant}-{stamp}-{checksum}", recorder)
    assert len(set(recorder.messages)) == 4


@pytest.mark.parametrize("scheme", MADE_HERE)
def test_stamped_6_and_server_13_a_renewed_licence_keeps_its_key_for_years(scheme, time_machine):
    time_machine.move_to(NOW)
    issued = factories.issue(key_scheme=scheme)
    for _ in range(3):
        lifecycle.renew_license(license_id=issued.license.pk, duration_months=12, **GIVEN)
    time_machine.move_to(NOW + timedelta(days=3 * 365))
    assert is_valid(issued.key) == "VALID"


@pytest.mark.parametrize("scheme", MADE_HERE)
def test_server_13_the_key_of_a_perpetual_licence_never_dies(scheme, time_machine):
    issued = factories.issue(key_scheme=scheme, license_type="PERPETUAL")
    time_machine.move_to(NOW + timedelta(days=30 * 365))
    assert is_valid(issued.key) == "VALID"


@pytest.mark.parametrize("scheme", MADE_HERE)
def test_stamped_7_issuing_validating_and_reading_answer(vendor, scheme):
    sent = {
        "template_id": factories.make_template(key_scheme=scheme).pk,
        "tenant_id": factories.make_tenant().pk,
        "issued_to": "Ada",
    }
    made = vendor.post("/licenses", sent)
    assert made.status_code == 201
    key = made.json()["data"]["license_key"]
    assert is_valid(key) == "VALID"
    found = vendor.get(f"/licenses/by-key/{key}")
    assert found.status_code == 200
    assert found.json()["data"]["license_key"] == key


def test_stamped_11_who_knows_a_key_reads_no_tenant_and_nobody_else_activates_a_revoked_one():
    issued = stamped()
    told = on_device("/validate", license_key=issued.key).content.decode()
    assert "tenant_id" not in told
    assert "customer_id" not in told
    lifecycle.revoke_license(license_id=issued.license.pk, reason="fraud", **GIVEN)
    refused = on_device("/activations", license_key=issued.key, device_fingerprint="device-1")
    assert_told(refused, 403, "LICENSE_REVOKED")


def test_stamped_13_what_could_not_be_stored_gives_no_key(monkeypatch, vendor):
    def fail(*args, **kwargs):
        raise RuntimeError("disk full")

    monkeypatch.setattr("licenses.services.issuing._record", fail)
    template, tenant = factories.make_template(key_scheme="SIGNED"), factories.make_tenant()
    sent = {"template_id": template.pk, "tenant_id": tenant.pk, "issued_to": "Ada"}
    answer = vendor.post("/licenses", sent)
    assert_told(answer, 500, "INTERNAL_ERROR")
    assert b"CAIO" not in answer.content
    assert not License.objects.exists()
    assert not KeySigningKey.objects.exists()


def test_stamped_15_and_server_7_no_secret_of_keys_stands_in_a_row_in_clear():
    for scheme in MADE_HERE:
        factories.issue(key_scheme=scheme)
    kept = [list(model.objects.values()) for model in (License, KeySigningKey, ApiKey, Event)]
    issued = keyring.reveal_keys(
        license_ids=[row.pk for row in License.objects.all()], reason="looked", **GIVEN
    )
    assert len(issued) == len(MADE_HERE)
    for key in issued.values():
        assert key not in str(kept)


def test_server_10_no_placeholder_key_is_ever_stored():
    product = factories.make_product()
    for _ in range(2):
        factories.issue(product=product, key_scheme="TOKEN")
    assert License.objects.values("key_digest").distinct().count() == 2


@pytest.mark.parametrize(
    "name", ["license_key", "key_hint", "key_head", "key_scheme", "key_digest"]
)
def test_server_15_no_body_rewrites_a_key(vendor, name):
    issued = factories.issue()
    path = f"/licenses/{issued.license.pk}"
    before = License.objects.values("key_digest", "key_hint", "key_head", "key_scheme").get()
    vendor.put(path, {name: "TOKEN", "issued_to": "Ada"})
    assert (
        License.objects.values("key_digest", "key_hint", "key_head", "key_scheme").get() == before
    )
    assert is_valid(issued.key) == "VALID"


@pytest.mark.parametrize("scheme", MADE_HERE)
def test_server_20_keys_reach_no_log_and_are_found_whole_or_by_their_end_only(
    vendor, caplog, scheme
):
    issued = factories.issue(key_scheme=scheme)
    vendor.get(f"/licenses/by-key/{issued.key}")
    on_device("/validate", license_key=issued.key)
    assert issued.key not in caplog.text
    middle = issued.key[6:14]
    assert vendor.get(f"/licenses?search={middle}").json()["data"] == []
    found = vendor.get(f"/licenses?search={issued.license.key_hint}").json()["data"]
    assert [row["license_key"] for row in found] == [issued.license.masked_key]


@pytest.mark.parametrize(("scheme", "version"), [("SIGNED", "v2"), ("TOKEN", "")])
def test_a_key_is_checked_without_asking_by_whoever_read_the_public_key(vendor, scheme, version):
    product = factories.make_product(key_version=version)
    key = factories.issue(product=product, key_scheme=scheme).key
    shown = vendor.get(f"/products/{product.product_id}").json()["data"]["key_signing_keys"]

    class Offline:
        def macs(self, message):
            return []

        def public_key(self, kid):
            known = {row["kid"]: urlsafe_b64decode(row["public_key"] + "=") for row in shown}
            return Ed25519PublicKey.from_public_bytes(known[kid]) if kid in known else None

    assert keys.is_genuine(scheme, key, Offline())
    listed = vendor.get("/products").json()["data"]
    assert [row["key_signing_keys"] for row in listed] == [shown]
    assert [set(row) for row in shown] == [{"kid", "public_key"}]
