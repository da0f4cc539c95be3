"""The verdict: every check told, the gravest failure names the code."""

import uuid
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from licenses import validation
from licenses.facts import DeviceFacts, FeatureFacts, LicenseFacts
from licenses.restrictions import RestrictionFacts, Whereabouts
from licenses.states import Status
from licenses.validation import Asked
from tests.clock import NOW

DAY = timedelta(days=1)
LICENSE = LicenseFacts(
    id=uuid.uuid4(),
    revision=3,
    tenant_id=uuid.uuid4(),
    customer_id=None,
    product_id="mill",
    product_name="Mill",
    product_version="4.2",
    license_type="SUBSCRIPTION",
    license_model="PER_DEVICE",
    issued_to="Brenner Ingenieure",
    max_activations=3,
    current_activations=1,
    overage="NONE",
    issued_date=NOW - 300 * DAY,
    activation_date=None,
    expiry_date=NOW + 65 * DAY,
    grace_ends_at=NOW + 95 * DAY,
    maintenance_expiry=None,
    grace_period_days=30,
    trial_period_days=None,
    auto_renewal=False,
    pending_cause="",
    parked=False,
    hold_code="",
    hold_reason="",
    revoked_at=None,
    heartbeat_interval_seconds=600,
    lease_seconds=None,
    require_heartbeat=False,
    self_service="SEE",
    bind_on_first_activation="",
    key_digest=b"k" * 32,
    key_scheme="GROUPED",
    key_head="",
    key_hint="Q7RT",
    created_at=NOW,
    updated_at=NOW,
    person_salt=None,
    customer_name=None,
    public_metadata=None,
    restrictions=(),
    features=(
        FeatureFacts("export", "Export", True, None, "", "NONE", None),
        FeatureFacts("sync", "Sync", True, None, "", "NONE", NOW),
        FeatureFacts("api", "API", False, None, "", "NONE", None),
    ),
)
DEVICE = DeviceFacts(
    id=uuid.uuid4(),
    revision=1,
    license_id=LICENSE.id,
    fingerprint_digest=b"f" * 32,
    fingerprint_hint="a1b2",
    hardware_digest=None,
    hardware_hint="",
    mac_digest=None,
    mac_hint="",
    token_digest=b"t" * 32,
    token_generation=1,
    token_key_version=1,
    units=1,
    activation_type="ONLINE",
    machine_name="PC",
    operating_system="",
    application_version="",
    user_agent="",
    ip_address=None,
    domain="",
    country="",
    activated_at=NOW,
    deactivated_at=None,
    deactivation_reason="",
    lease_expires_at=None,
    metadata={},
    barred=False,
    barred_until=None,
)
EXPIRED = {"expiry_date": NOW, "grace_ends_at": NOW}
IN_GRACE = {"expiry_date": NOW - DAY, "grace_ends_at": NOW + DAY}
AFTER_GRACE = {"expiry_date": NOW - 2 * DAY, "grace_ends_at": NOW - DAY}


NOWHERE = Whereabouts()
ONLY_GERMANY = {"restrictions": (RestrictionFacts("GEOGRAPHIC", "ALLOW", ("DE",)),)}
# NOW is a Saturday.
ONLY_ON_SUNDAYS = {
    "restrictions": (RestrictionFacts("TIME_BASED", "ALLOW", ("Sun 00:00-24:00 UTC",)),)
}


def license_with(**facts: Any) -> LicenseFacts:
    return msgspec.structs.replace(LICENSE, **facts)


def device_with(**facts: Any) -> DeviceFacts:
    return msgspec.structs.replace(DEVICE, **facts)


# (licence facts, device facts or None, asked) → code and next action
MAINTAINED = {"maintenance_expiry": NOW - DAY}
FOUR = {"product_version": "4.2"}
VERDICTS: list[tuple[dict[str, Any], dict[str, Any] | None, dict[str, Any], str, str]] = [
    ({}, {}, {}, "VALID", "none"),
    ({}, None, {}, "VALID", "none"),
    (IN_GRACE, {}, {}, "IN_GRACE", "renew"),
    (EXPIRED, {}, {}, "LICENSE_EXPIRED", "renew"),
    (AFTER_GRACE, {}, {}, "LICENSE_EXPIRED", "renew"),
    (IN_GRACE | {"parked": True}, {}, {}, "LICENSE_EXPIRED", "renew"),
    ({"revoked_at": NOW}, {}, {}, "LICENSE_REVOKED", "contact_vendor"),
    ({"hold_code": "STAFF"}, {}, {}, "LICENSE_SUSPENDED", "contact_vendor"),
    ({"hold_code": "PAYMENT_FAILED"}, {}, {}, "LICENSE_SUSPENDED", "pay"),
    ({"parked": True}, {}, {}, "LICENSE_INACTIVE", "contact_vendor"),
    ({"pending_cause": "FIRST_ACTIVATION"}, None, {}, "LICENSE_PENDING", "activate"),
    ({"pending_cause": "PAYMENT"}, None, {}, "LICENSE_PENDING", "pay"),
    ({"pending_cause": "APPROVAL"}, None, {}, "LICENSE_PENDING", "wait"),
    ({}, {"deactivated_at": NOW}, {}, "ACTIVATION_DEACTIVATED", "activate"),
    ({}, {"barred": True}, {}, "DEVICE_BLACKLISTED", "contact_vendor"),
    ({}, {"barred": True, "barred_until": NOW}, {}, "VALID", "none"),
    ({}, {"lease_expires_at": NOW}, {}, "LEASE_EXPIRED", "activate"),
    ({}, None, {"device": True}, "DEVICE_NOT_ACTIVATED", "activate"),
    ({}, {}, {"product_id": "mill"}, "VALID", "none"),
    ({}, {}, {"product_id": "lathe"}, "PRODUCT_MISMATCH", "check_key"),
    ({}, {}, FOUR, "VALID", "none"),
    (MAINTAINED, {}, {}, "VALID", "none"),
    (MAINTAINED, {}, FOUR, "VERSION_NOT_COVERED", "renew"),
    ({}, {}, {"features": ("export",)}, "VALID", "none"),
    ({}, {}, {"features": ("export", "warp")}, "FEATURE_NOT_LICENSED", "upgrade"),
    ({}, {}, {"features": ("api",)}, "FEATURE_NOT_LICENSED", "upgrade"),
    ({}, {}, {"features": ("sync",)}, "FEATURE_EXPIRED", "renew"),
    (ONLY_GERMANY, {}, {}, "VALID", "none"),
    (ONLY_GERMANY, {}, {"caller": NOWHERE}, "RESTRICTED_COUNTRY", "contact_vendor"),
    (ONLY_GERMANY, {}, {"caller": Whereabouts(country="DE")}, "VALID", "none"),
    (ONLY_ON_SUNDAYS, {}, {"caller": NOWHERE}, "RESTRICTED_TIME", "wait"),
    # The gravest names the code.
    ({"revoked_at": NOW, "hold_code": "STAFF"}, {"barred": True}, {}, "LICENSE_REVOKED",
     "contact_vendor"),
    ({"hold_code": "STAFF"}, {"barred": True, "deactivated_at": NOW}, {}, "DEVICE_BLACKLISTED",
     "contact_vendor"),
    ({"hold_code": "STAFF"}, {"deactivated_at": NOW}, {}, "ACTIVATION_DEACTIVATED", "activate"),
    (EXPIRED | {"hold_code": "STAFF"}, {}, {}, "LICENSE_SUSPENDED", "contact_vendor"),
    (EXPIRED, {}, {"product_id": "lathe"}, "LICENSE_EXPIRED", "renew"),
    ({}, None, {"product_id": "lathe", "device": True}, "PRODUCT_MISMATCH", "check_key"),
    (EXPIRED | MAINTAINED, {}, FOUR, "LICENSE_EXPIRED", "renew"),
    (MAINTAINED, {}, FOUR | {"product_id": "lathe"}, "PRODUCT_MISMATCH", "check_key"),
    (MAINTAINED, None, FOUR | {"device": True}, "VERSION_NOT_COVERED", "renew"),
    (MAINTAINED, {"lease_expires_at": NOW}, FOUR, "VERSION_NOT_COVERED", "renew"),
    (MAINTAINED | ONLY_GERMANY, {}, FOUR | {"caller": NOWHERE}, "VERSION_NOT_COVERED", "renew"),
    (ONLY_GERMANY, {"lease_expires_at": NOW}, {"caller": NOWHERE}, "LEASE_EXPIRED", "activate"),
    (ONLY_GERMANY, None, {"device": True, "caller": NOWHERE}, "DEVICE_NOT_ACTIVATED", "activate"),
    (ONLY_GERMANY, {}, {"features": ("warp",), "caller": NOWHERE}, "RESTRICTED_COUNTRY",
     "contact_vendor"),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "device", "asked", "code", "action"), VERDICTS)
def test_the_gravest_failure_names_the_code_and_the_way_on(
    facts: dict[str, Any],
    device: dict[str, Any] | None,
    asked: dict[str, Any],
    code: str,
    action: str,
) -> None:
    known = None if device is None else device_with(**device)

    verdict = validation.judge(license_with(**facts), known, Asked(**asked), at=NOW)

    assert (verdict.code, verdict.next_action) == (code, action)
    assert verdict.valid == (code in ("VALID", "IN_GRACE"))
    assert verdict.valid == all(check.passed for check in verdict.checks)


def test_every_check_is_told_even_after_the_first_failure() -> None:
    license = license_with(hold_code="STAFF", parked=True)

    verdict = validation.judge(
        license, None, Asked(product_id="lathe", device=True, features=("warp",)), at=NOW
    )

    failed = [check.name for check in verdict.checks if not check.passed]
    assert failed == [
        "not_suspended", "not_inactive", "product", "device_activated", "feature:warp",
    ]  # fmt: skip


def test_grace_is_told_with_its_end() -> None:
    assert validation.judge(license_with(**IN_GRACE), None, Asked(), at=NOW).grace_ends_at == (
        NOW + DAY
    )
    assert validation.judge(LICENSE, None, Asked(), at=NOW).grace_ends_at is None


@pytest.mark.parametrize(
    ("facts", "known", "barred", "code"),
    [
        ({}, False, False, None),
        ({"pending_cause": "FIRST_ACTIVATION"}, False, False, None),
        ({"revoked_at": NOW}, True, True, "LICENSE_REVOKED"),
        ({"hold_code": "STAFF"}, True, True, "DEVICE_BLACKLISTED"),
        ({"hold_code": "STAFF", "pending_cause": "PAYMENT"}, False, False, "LICENSE_SUSPENDED"),
        ({"pending_cause": "PAYMENT", "parked": True}, False, False, "LICENSE_PENDING"),
        ({"parked": True}, True, False, "LICENSE_INACTIVE"),
        (IN_GRACE, True, False, None),
        (IN_GRACE, False, False, "LICENSE_EXPIRED"),
        (EXPIRED, True, False, "LICENSE_EXPIRED"),
        (AFTER_GRACE, True, False, "LICENSE_EXPIRED"),
    ],
)
def test_a_device_is_refused_in_the_order_of_gravity(
    facts: dict[str, Any], known: bool, barred: bool, code: str | None
) -> None:
    refusal = validation.refusal_to_activate(
        license_with(**facts), known=known, barred=barred, at=NOW
    )

    assert refusal == code


def test_facts_survive_being_kept_as_a_document() -> None:
    for facts in (LICENSE, DEVICE):
        kept = msgspec.msgpack.encode(facts)
        assert msgspec.msgpack.decode(kept, type=type(facts)) == facts


def test_the_facts_answer_for_their_status_as_the_row_does() -> None:
    assert LICENSE.status_at(NOW) == Status.ACTIVE
    assert LICENSE.status_at(NOW + 65 * DAY) == Status.EXPIRED
    assert LICENSE.status_at(NOW + 95 * DAY) == Status.SUSPENDED
