"""What devices are told of their seat."""

from datetime import datetime, timedelta

from msgspec import UNSET, UnsetType

from licenses import states
from licenses.device_api.shapes import Activation, Moment, Text
from licenses.facts import DeviceFacts, LicenseFacts
from licenses.terms import DECLARED


def held(license: LicenseFacts, device: DeviceFacts, *, at: datetime) -> Activation:
    """Return a device's hold on a licence as anybody may see it: its identity by its end alone."""
    return Activation(
        id=device.id,
        license_id=device.license_id,
        activation_token="",
        device_fingerprint=f"****{device.fingerprint_hint}",
        machine_name=device.machine_name or UNSET,
        user_identity=device.user_identity or UNSET,
        hardware_id=_hint(device.hardware_hint),
        mac_address=_hint(device.mac_hint),
        ip_address=device.ip_address or UNSET,
        country=device.country or UNSET,
        operating_system=device.operating_system or UNSET,
        user_agent=device.user_agent or UNSET,
        application_version=device.application_version,
        activation_type=device.activation_type,
        units=device.units,
        units_declared=_declared(license, device),
        status=states.activation_status_at(
            license,
            live=device.live,
            lease_expires_at=device.lease_expires_at,
            emergency_until=device.emergency_until,
            emergency_only=device.emergency_only,
            valid_until=device.valid_until,
            at=at,
        ).value,
        activated_at=device.activated_at,
        deactivated_at=device.deactivated_at or UNSET,
        deactivation_reason=device.deactivation_reason or UNSET,
        lease_expires_at=device.lease_expires_at or UNSET,
        borrowed_until=borrowed(device, at),
        emergency_until=device.emergency_until or UNSET,
        valid_until=device.valid_until or UNSET,
        heartbeat_interval_seconds=_interval(license),
        license_revision=license.revision,
    )


def pause(license: LicenseFacts) -> timedelta:
    """Return how long a device may wait with its next heartbeat, and keep its lease."""
    interval = timedelta(seconds=license.heartbeat_interval_seconds)
    return interval if license.lease_length is None else min(interval, license.lease_length / 2)


def _interval(license: LicenseFacts) -> int:
    """Return the same in whole seconds, for a device that counts on them alone."""
    return max(1, int(pause(license).total_seconds()))


def borrowed(device: DeviceFacts, at: datetime) -> Moment:
    """Return until when a seat is borrowed, while it is."""
    until = device.borrowed_until
    return until if until is not None and at < until else UNSET


def _declared(license: LicenseFacts, device: DeviceFacts) -> bool | UnsetType:
    """Return whether a device said what it has of what the licence counts, if it counts that."""
    if license.license_model not in DECLARED:
        return UNSET
    return device.declared_units is not None


def _hint(hint: str) -> Text:
    return f"****{hint}" if hint else UNSET
