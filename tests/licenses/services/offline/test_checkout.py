"""A licence is checked out into a file, for any device or for one."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from events import vault
from events.models import Event
from licenses.models import Activation, BlacklistedDevice, IssuedFile, License, OfflineDevice
from licenses.selectors import snapshots
from licenses.selectors.offline import files_still_worth_naming
from licenses.services import lifecycle, offline
from licenses.services.entitlements import FeatureGrant
from licenses.services.offline.devices import is_salted
from licenses.services.tokens import token_digest
from licenses.signing import Kind
from licenses.signing.times import seconds
from tests.clock import NOW
from tests.factories import DEVICE, STAFF, activate, give_back, issue, make_product
from tests.licenses.services.need import make, redeem
from tests.licenses.services.offline.carried import (
    DAY,
    SECOND,
    answer,
    claims_of,
    code_of,
    request,
    verdict,
)

pytestmark = pytest.mark.django_db


def by_key(key: str, fingerprint: str = "", *, at: datetime = NOW, **asks: Any) -> Any:
    digest = vault.digest(snapshots.FINGERPRINT, fingerprint) if fingerprint else None
    found = snapshots.by_key(key, fingerprint=digest)
    assert found is not None
    return offline.checkout(found=found, fingerprint=fingerprint, at=at, origin=DEVICE, **asks)


def by_token(token: str, fingerprint: str = "", *, at: datetime = NOW, **asks: Any) -> Any:
    found = snapshots.by_token(token_digest(token))
    assert found is not None
    return offline.checkout(found=found, fingerprint=fingerprint, at=at, origin=DEVICE, **asks)


def test_by_key_alone_it_is_a_licence_file_that_says_what_is_granted():
    product = make_product("reports", "exports", product_id="atlas")
    grants = [
        FeatureGrant(feature_id="reports", limit_value=Decimal(5), limit_type="COUNT"),
        FeatureGrant(feature_id="exports", expires_at=NOW + 40 * DAY),
    ]
    issued = issue(product=product, features=grants, maintenance_expiry=NOW + 100 * DAY)
    made = by_key(issued.key)
    told = claims_of(made.text, Kind.LICENSE_FILE)
    row, license = IssuedFile.objects.get(), issued.license
    assert told == {
        "iss": str(license.tenant_id),
        "sub": str(license.pk),
        "aud": "atlas",
        "jti": str(row.pk),
        "seq": 1,
        "status": "ACTIVE",
        "license_type": "SUBSCRIPTION",
        "limits": {"max_activations": 3},
        "entitlements": [
            {"feature_id": "reports", "limit": 5, "limit_type": "COUNT"},
            {"feature_id": "exports", "expires_at": seconds(NOW + 40 * DAY)},
        ],
        "lexp": seconds(NOW + 365 * DAY),
        "grace": 30 * 24 * 3600,
        "maint": seconds(NOW + 100 * DAY),
        "rev": 0,
        "iat": seconds(NOW),
        "nbf": seconds(NOW),
        "exp": seconds(NOW + 14 * DAY),
        "force_online_after": seconds(NOW + 10.5 * DAY),
    }
    assert (row.kind, row.kid, row.activation_id) == ("LICENSE", made.kid, None)
    assert Event.objects.get(type="license.file_issued").changes["seq"]["after"] == 1
    assert License.objects.get().current_activations == 0


@pytest.mark.parametrize("by", [by_key, by_token])
def test_for_a_device_it_is_bound_to_it(by: Any):
    issued = issue()
    held = activate(issued.key)
    made = by(issued.key if by is by_key else held.token, "device-1", ttl_days=90)
    told = claims_of(made.text, Kind.DEVICE_FILE)
    assert told["dev"] == str(Activation.objects.get().pk)
    assert is_salted(told["fp"], "device-1")
    assert (told["device_key"], "dpk" in told) == (False, False)
    assert made.expires_at == NOW + 90 * DAY
    # Once it said it, it need not say it again, and stays known by the same.
    again = by_token(held.token)
    assert claims_of(again.text, Kind.DEVICE_FILE)["fp"] == told["fp"]


def test_attack_9_another_machine_gets_no_file_by_a_copied_token():
    issued = issue()
    held = activate(issued.key)
    assert code_of(by_token, held.token, "device-2") == "DEVICE_MISMATCH"
    assert code_of(by_key, issued.key, "device-2") == "DEVICE_NOT_ACTIVATED"
    assert not IssuedFile.objects.exists()
    assert not OfflineDevice.objects.exists()


def test_the_fingerprint_has_to_be_said_once():
    held = activate(issue().key)
    assert code_of(by_token, held.token) == "VALIDATION_ERROR"
    assert not IssuedFile.objects.exists()


@pytest.mark.parametrize("ttl_days", [0, -1, 91, 10**9])
def test_a_file_lasts_for_one_to_ninety_days(ttl_days: int):
    issued = issue()
    assert code_of(by_key, issued.key, ttl_days=ttl_days) == "VALIDATION_ERROR"
    assert not IssuedFile.objects.exists()


def test_it_never_outlives_grace_and_in_grace_the_known_device_alone_gets_one():
    issued = issue()
    held = activate(issued.key)
    ends = issued.license.grace_ends_at
    assert ends
    made = by_token(held.token, "device-1", at=ends - DAY)
    assert made.expires_at == ends
    assert code_of(by_token, held.token, at=ends) == "LICENSE_EXPIRED"


def test_it_never_outlives_a_lease():
    issued = issue(license_type="CONCURRENT", max_activations=1, lease_seconds=3600)
    held = activate(issued.key)
    assert by_token(held.token, "device-1").expires_at == NOW + DAY / 24
    assert code_of(by_token, held.token, at=NOW + DAY) == "LEASE_EXPIRED"


def test_attack_11_every_file_has_a_higher_number_than_all_before():
    issued = issue()
    held = activate(issued.key)
    files = [by_key(issued.key), by_token(held.token, "device-1"), by_key(issued.key)]
    assert [file.row.seq for file in files] == [1, 2, 3]


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lifecycle.suspend_license, "LICENSE_SUSPENDED"),
        (lifecycle.park_license, "LICENSE_INACTIVE"),
        (lifecycle.revoke_license, "LICENSE_REVOKED"),
    ],
    ids=["suspended", "parked", "revoked"],
)
def test_a_licence_out_of_force_gives_no_file(act: Any, code: str):
    issued = issue()
    act(license_id=issued.license.pk, reason="x", at=NOW, origin=STAFF)
    assert code_of(by_key, issued.key) == code
    assert not IssuedFile.objects.exists()


def test_a_device_that_gave_back_gets_none():
    held = activate(issue().key)
    give_back(held.token)
    assert code_of(by_token, held.token, "device-1") == "ACTIVATION_DEACTIVATED"


def test_an_offline_device_is_refreshed_after_a_renewal_without_naming_days():
    issued = issue()
    answer(issued.license, request(issued.key))
    row = Activation.objects.get()
    lifecycle.renew_license(license_id=issued.license.pk, duration_months=12, at=NOW, origin=STAFF)
    license = License.objects.get()
    late = row.valid_until
    assert late is not None
    assert verdict(row, at=late).code == "LEASE_EXPIRED"
    made = offline.checkout_for(row, at=late, origin=STAFF)
    assert made.expires_at == license.grace_ends_at
    told = claims_of(made.text, Kind.DEVICE_FILE, at=late)
    assert (told["seq"], len(told["dpk"])) == (2, 43)
    row.refresh_from_db()
    assert row.valid_until == license.grace_ends_at
    assert verdict(row, at=late).code == "VALID"


def test_a_short_file_takes_nothing_from_an_offline_device():
    issued = issue()
    answered = answer(issued.license, request(issued.key))
    made = offline.checkout_for(Activation.objects.get(), ttl_days=1, at=NOW, origin=STAFF)
    assert made.expires_at == NOW + DAY
    assert Activation.objects.get().valid_until == answered.expires_at
    assert answered.expires_at - SECOND > made.expires_at


def test_in_an_emergency_a_file_lasts_as_long_as_its_code():
    issued = issue(at=NOW - 400 * DAY)
    token = redeem(issued.key, make(issued.license).typed).token
    made = by_token(token, "device-1")
    assert made.expires_at == NOW.replace(microsecond=0) + DAY
    assert code_of(by_token, token, at=NOW + DAY) == "LICENSE_EXPIRED"


def test_a_barred_device_gets_no_file_by_key_nor_by_token():
    issued = issue()
    held = activate(issued.key)
    BlacklistedDevice.objects.create(
        fingerprint_digest=vault.digest(snapshots.FINGERPRINT, "device-1"), created_at=NOW
    )
    assert code_of(by_key, issued.key, "device-1") == "DEVICE_BLACKLISTED"
    assert code_of(by_token, held.token, "device-1") == "DEVICE_BLACKLISTED"
    assert not IssuedFile.objects.exists()


def test_a_licence_that_went_to_another_tenant_has_its_older_files_named():
    issued = issue()
    by_key(issued.key)
    License.objects.update(tenant_since=NOW + SECOND)
    by_key(issued.key, at=NOW + 2 * SECOND)
    assert [file.seq for file in files_still_worth_naming(NOW)] == [1]
