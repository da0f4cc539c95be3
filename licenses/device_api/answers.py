"""Turning what is known into what devices are told."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from django.http import HttpResponse
from msgspec import UNSET, UnsetType

from licenses import keys, states
from licenses.device_api import payloads
from licenses.device_api.seat_answers import borrowed, held, pause
from licenses.device_api.shapes import (
    Activation,
    Answer,
    Feature,
    Flag,
    HeartbeatAnswer,
    KeyValidation,
    Number,
    QuotaReading,
    Restriction,
    SoftwareLicense,
    Status,
    Validation,
    ValidationDetails,
)
from licenses.facts import FeatureFacts, LicenseFacts, Reading
from licenses.restrictions import bound_to
from licenses.selectors import flags as flag_rows
from licenses.selectors import offline_requests
from licenses.selectors.snapshots import Snapshot
from licenses.services.activation import Activated
from licenses.terms import RestrictionType, days_remaining
from licenses.validation import RESTRICTION, Verdict

_encode = msgspec.json.Encoder().encode


def answer(data: Answer, request: payloads.Payload, status: int = 200) -> HttpResponse:
    """Return the finished response, the caller's nonce in it."""
    data.nonce = request.nonce
    return HttpResponse(_encode({"data": data}), content_type="application/json", status=status)


def activated(
    done: Activated, sent: payloads.Activate | offline_requests.Wish, *, at: datetime
) -> Activation:
    """Return a seat as the device that asked for it sees it: with what it just sent."""
    assert done.snapshot.device is not None  # noqa: S101 - an activation has its device
    shown = held(done.snapshot.license, done.snapshot.device, at=at)
    shown.activation_token = done.token
    shown.device_fingerprint = sent.device_fingerprint
    shown.hardware_id = sent.hardware_id or UNSET
    shown.mac_address = sent.mac_address or UNSET
    return shown


def deactivated(found: Snapshot, *, at: datetime) -> Activation:
    """Return a seat that was given back."""
    assert found.device is not None  # noqa: S101 - found by its token
    return held(found.license, found.device, at=at)


def token_verdict(
    found: Snapshot | None, verdict: Verdict, sent: payloads.ValidateActivation, *, at: datetime
) -> Validation:
    """
    Return the verdict on a seat, with the seat where the token is known, and its licence.

    A device that a licence left behind hears nothing of it: that is a stranger's now.
    """
    told = Validation(
        valid=verdict.valid,
        code=verdict.code,
        checks=verdict.checks or UNSET,
        next_action=verdict.next_action,
        retry_after=UNSET if verdict.retry_after is None else verdict.retry_after,
        grace_ends_at=verdict.grace_ends_at or UNSET,
        emergency_until=verdict.emergency_until or UNSET,
    )
    if found is not None and found.device is not None:
        told.lease_expires_at = found.device.lease_expires_at or UNSET
        told.activation = held(found.license, found.device, at=at)
        if not found.left_behind:
            told.license = software_license(found.license, at=at)
        told.license_changed = _changed(found.license, sent.revision)
    return told


def key_verdict(found: Snapshot | None, verdict: Verdict, *, at: datetime) -> KeyValidation:
    """Return the verdict on a key; a key nobody issued has no signature of ours either."""
    license, device = (None, None) if found is None else (found.license, found.device)
    passed = {check.name: check.passed for check in verdict.checks}
    satisfied = all(passed[name] for name in passed if name.startswith(RESTRICTION))
    capacity = None if license is None else license.capacity
    return KeyValidation(
        valid=verdict.valid,
        code=verdict.code,
        checks=verdict.checks or UNSET,
        next_action=verdict.next_action,
        retry_after=UNSET if verdict.retry_after is None else verdict.retry_after,
        grace_ends_at=verdict.grace_ends_at or UNSET,
        emergency_until=verdict.emergency_until or UNSET,
        lease_expires_at=(device.lease_expires_at if device else None) or UNSET,
        license=UNSET if license is None else software_license(license, at=at, told=satisfied),
        validation_details=ValidationDetails(
            key_format_valid=True,
            signature_valid=license is not None,
            not_expired=passed.get("not_expired", False),
            activation_limit_ok=license is not None
            and (capacity is None or license.current_activations <= capacity),
            restrictions_satisfied=license is not None and satisfied,
        ),
    )


def heartbeat(
    found: Snapshot, verdict: Verdict, sent: payloads.Heartbeat, *, at: datetime
) -> HeartbeatAnswer:
    """Return what a device hears when it says that it lives."""
    license, device = found.license, found.device
    assert device is not None  # noqa: S101 - found by its token
    return HeartbeatAnswer(
        status="SUCCESS" if verdict.valid else "REFUSED",
        valid=verdict.valid,
        code=verdict.code,
        next_action=verdict.next_action,
        retry_after=UNSET if verdict.retry_after is None else verdict.retry_after,
        next_heartbeat_at=at + pause(license),
        lease_expires_at=device.lease_expires_at or UNSET,
        borrowed_until=borrowed(device, at),
        grace_ends_at=verdict.grace_ends_at or UNSET,
        emergency_until=verdict.emergency_until or UNSET,
        revision=license.revision,
        license_changed=_changed(license, sent.revision),
    )


def status(license: LicenseFacts, *, at: datetime) -> Status:
    """Return how a licence stands, whatever its state."""
    granted = [feature for feature in license.features if feature.granted_at(at)]
    expires = license.expiry_date
    in_grace = states.in_grace(license, at)
    limits: dict[str, Number] = {
        feature.feature_id: _number(feature.limit_value)
        for feature in granted
        if feature.limit_value is not None
    }
    if license.capacity is not None:
        limits["max_activations"] = license.max_activations
    return Status(
        status=license.status_at(at).value,
        license_type=license.license_type,
        customer_name=license.customer_name or license.issued_to,
        expires_at=expires or UNSET,
        days_remaining=UNSET if expires is None else days_remaining(expires, at),
        in_grace=in_grace,
        grace_ends_at=(license.grace_ends_at if in_grace else None) or UNSET,
        features=[feature.feature_id for feature in granted],
        limits=limits,
    )


def software_license(license: LicenseFacts, *, at: datetime, told: bool = True) -> SoftwareLicense:
    """
    Return a licence as its device sees it.

    Without `told` the values of its restrictions are left out: who holds a key and is not where
    the licence may run must not learn from us what to say.
    """
    restrictions = license.restrictions if told else ()
    in_grace = states.in_grace(license, at)
    return SoftwareLicense(
        id=license.id,
        license_key=keys.masked(license.key_scheme, license.key_head, license.key_hint),
        product_id=license.product_id,
        product_name=license.product_name,
        product_version=license.product_version,
        license_type=license.license_type,
        license_model=license.license_model,
        issued_to=license.issued_to,
        max_activations=license.max_activations,
        current_activations=license.current_activations,
        features=[_feature(feature) for feature in license.features],
        restrictions=[
            Restriction(
                restriction_type=row.restriction_type,
                operator=row.operator,
                values=row.shown_values if told else [],
            )
            for row in license.restrictions
        ],
        bound_domain=bound_to(restrictions, RestrictionType.DOMAIN) or UNSET,
        hardware_fingerprint=bound_to(restrictions, RestrictionType.HARDWARE_ID) or UNSET,
        issued_date=license.issued_date,
        activation_date=license.activation_date or UNSET,
        expiry_date=license.expiry_date or UNSET,
        maintenance_expiry=license.maintenance_expiry or UNSET,
        status=license.status_at(at).value,
        suspension_code=states.suspension_code(license, license.hold_code, at) or UNSET,
        suspension_reason=license.hold_reason or UNSET,
        in_grace=in_grace,
        grace_ends_at=(license.grace_ends_at if in_grace else None) or UNSET,
        auto_renewal=license.auto_renewal,
        trial_period_days=UNSET if license.trial_period_days is None else license.trial_period_days,
        grace_period_days=license.grace_period_days,
        unlimited=license.capacity is None,
        overage=license.overage,
        key_scheme=license.key_scheme,
        heartbeat_interval_seconds=license.heartbeat_interval_seconds,
        lease_seconds=UNSET if license.lease_seconds is None else license.lease_seconds,
        max_borrow_days=UNSET if license.max_borrow_days is None else license.max_borrow_days,
        metadata=license.public_metadata or {},
        revision=license.revision,
        created_at=license.created_at,
        updated_at=license.updated_at,
    )


def quota(read: Reading) -> QuotaReading:
    """Return where a quota stands."""
    return QuotaReading(
        feature_id=read.feature_id,
        used=_number(read.used),
        limit=UNSET if read.limit is None else _number(read.limit),
        remaining=UNSET if read.remaining is None else _number(read.remaining),
        resets_at=read.resets_at or UNSET,
    )


def flags(granted: dict[str, flag_rows.Flag], request: payloads.Payload) -> HttpResponse:
    """Return what a tenant may do, by feature."""
    shown: dict[str, Any] = {
        feature_id: Flag(
            enabled=flag.enabled,
            limit_value=UNSET if flag.limit_value is None else _number(flag.limit_value),
            remaining=UNSET if flag.remaining is None else _number(flag.remaining),
            expires_at=flag.expires_at or UNSET,
        )
        for feature_id, flag in granted.items()
    }
    if request.nonce is not UNSET:
        shown["nonce"] = request.nonce
    return HttpResponse(_encode({"data": shown}), content_type="application/json")


def _feature(feature: FeatureFacts) -> Feature:
    limit = feature.limit_value
    return Feature(
        feature_id=feature.feature_id,
        feature_name=feature.feature_name,
        enabled=feature.enabled,
        limit_value=UNSET if limit is None else _number(limit),
        limit_type=feature.limit_type or UNSET,
        period=UNSET if feature.period in ("", "NONE") else feature.period,
        expires_at=feature.expires_at or UNSET,
    )


def _number(value: Decimal) -> Number:
    """Return a limit as JSON shows it: 5 rather than 5.000000."""
    return int(value) if value == value.to_integral_value() else float(value)


def _changed(license: LicenseFacts, seen: int | UnsetType) -> bool | UnsetType:
    return UNSET if seen is UNSET else seen != license.revision
