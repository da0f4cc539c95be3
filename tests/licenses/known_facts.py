"""A licence and a device in good standing, as facts; each test says what is different."""

import uuid
from datetime import timedelta
from typing import Any

import msgspec

from licenses.facts import DeviceFacts, FeatureFacts, LicenseFacts
from tests.clock import NOW

DAY = timedelta(days=1)
LICENSE = LicenseFacts(
    id=uuid.uuid4(),
    revision=3,
    tenant_id=uuid.uuid4(),
    tenant_since=None,
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
    max_borrow_days=None,
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
    declared_units=None,
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
    borrowed_until=None,
    heartbeat_due_at=None,
    emergency_until=None,
    valid_until=None,
    user_identity=None,
    metadata={},
    barred=False,
    barred_until=None,
)


def license_with(**facts: Any) -> LicenseFacts:
    return msgspec.structs.replace(LICENSE, **facts)


def device_with(**facts: Any) -> DeviceFacts:
    return msgspec.structs.replace(DEVICE, **facts)


# (licence facts, device facts or None, asked) → code and next action
