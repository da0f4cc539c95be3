"""What a device says of itself, checked and turned into the activation it would hold."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from uuid_utils.compat import uuid7

from events import trail, vault
from events.refusals import Refusal, invalid
from events.trail import Origin
from licenses import terms
from licenses.facts import DeviceFacts, LicenseFacts
from licenses.models import NamedUser
from licenses.restrictions import Whereabouts, host_of, mac_of
from licenses.restrictions.matching import hint
from licenses.selectors.snapshots import Snapshot
from licenses.selectors.whereabouts import HARDWARE_ID, MAC_ADDRESS, known_country, of_caller
from licenses.services import leases
from licenses.services.leases import Lease
from licenses.services.seat_counter import told_once_since
from licenses.services.seats import SeatRequest
from licenses.services.tokens import token_digest, token_for
from licenses.terms import ActivationType, LicenseModel

_JUNK = re.compile(r"(?:0+|f+|none|null|n/?a|unknown|default string|to be filled by o\.?e\.?m\.?)")
_SEPARATORS = re.compile(r"[\s:_-]+")
_MAX_FINGERPRINT = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """What a device says of itself."""

    fingerprint: str
    machine_name: str = ""
    hardware_id: str = ""
    mac_address: str = ""
    operating_system: str = ""
    application_version: str = ""
    user_agent: str = ""
    ip_address: str | None = None
    domain: str = ""
    country: str = ""
    metadata: dict[str, Any] | None = None
    cpu_count: int | None = None
    core_count: int | None = None
    borrow_days: int | None = None
    # Who uses it, where names hold the seats.
    user_identity: str = ""
    # It has no network: it holds no lease, and runs until `facts.offline_until`.
    offline: bool = False
    # What a full licence offered: the leave to take the place of one device.
    replace_token: str = ""

    @property
    def version(self) -> str:
        """The version it runs, as releases are named; empty where it does not say."""
        return self.application_version.strip()


def check_numbers(device: Device) -> None:
    """
    Let a device pass whose numbers can be.

    :raises VALIDATION_ERROR: naming what no device has
    """
    wrong = {
        name: f"Between 1 and {terms.MOST_UNITS}."
        for name in terms.DECLARED.values()
        if (number := getattr(device, name)) is not None and not 1 <= number <= terms.MOST_UNITS
    }
    if wrong:
        raise invalid(**wrong)
    check_borrow_days(device.borrow_days)


def check_borrow_days(days: int | None) -> int | None:
    """
    Return for how many days a seat is to be borrowed, if it can be asked for at all.

    :raises VALIDATION_ERROR: if it cannot
    """
    if days is not None and not 1 <= days <= terms.MOST_BORROW_DAYS:
        raise invalid(borrow_days=f"Between 1 and {terms.MOST_BORROW_DAYS}.")
    return days


def declared_units(facts: LicenseFacts, device: Device) -> int | None:
    """
    Return what a device says it has of what the licence counts; None where it does not say.

    Where names hold the seats, nothing of a device is counted.
    """
    if facts.held_by_names:
        return None
    name = terms.DECLARED.get(LicenseModel(facts.license_model))
    count: int | None = getattr(device, name) if name else None
    return count


def whereabouts_of(device: Device) -> Whereabouts:
    """Return what a device says of itself as restrictions are matched against it."""
    return of_caller(
        address=device.ip_address,
        country=device.country,
        domain=device.domain,
        mac_address=device.mac_address,
        hardware_id=device.hardware_id,
        fingerprint=device.fingerprint,
    )


def check_fingerprint(fingerprint: str) -> None:
    """
    Let a fingerprint pass if it can tell one device from another.

    :raises INVALID_FINGERPRINT: if it is blank, a filler of some firmware, or beyond reason long
    """
    bare = _SEPARATORS.sub(" ", fingerprint.strip().lower())
    if not bare.strip() or _JUNK.fullmatch(bare) or _JUNK.fullmatch(bare.replace(" ", "")):
        raise Refusal("INVALID_FINGERPRINT")
    if len(fingerprint) > _MAX_FINGERPRINT:
        raise Refusal("INVALID_FINGERPRINT", max_length=_MAX_FINGERPRINT)


def claim(
    facts: LicenseFacts,
    device: Device,
    fingerprint: bytes,
    *,
    at: datetime,
    origin: Origin,
    named: NamedUser | None = None,
    emergency_until: datetime | None = None,
) -> tuple[SeatRequest, str]:
    """
    Return what a seat is to be taken with, and the token its device would get.

    The device of a name takes no seat: its name has one. Nor does one that is let in until the end
    of an emergency, which has nothing to renew either.
    """
    activation_id = uuid7()
    version = vault.token_version()
    token = token_for(activation_id, generation=1, version=version)
    declared = None if emergency_until else declared_units(facts, device)
    takes_none = named or emergency_until
    units = 0 if takes_none else declared or 1
    capacity = None if takes_none else facts.capacity
    lease, due = Lease(None, None), None
    valid_until = facts.offline_until(at) if device.offline else None
    if not (emergency_until or device.offline):
        lease = leases.lease_of(facts, borrow_days=device.borrow_days, at=at)
        due = leases.heartbeat_due(facts, at=at)
    kind = ActivationType.OFFLINE if device.offline else ActivationType.ONLINE
    if emergency_until:
        kind = ActivationType.EMERGENCY
    activation = {
        "id": activation_id,
        "named_user_id": named.pk if named else None,
        "fingerprint_digest": fingerprint,
        "fingerprint_digest_version": vault.digest_version(),
        "fingerprint_hint": hint(device.fingerprint),
        "hardware_digest": _digest(HARDWARE_ID, device.hardware_id),
        "hardware_hint": hint(device.hardware_id),
        "mac_digest": _digest(MAC_ADDRESS, mac_of(device.mac_address)),
        "mac_hint": hint(device.mac_address),
        "token_digest": token_digest(token),
        "token_generation": 1,
        "token_key_version": version,
        "units": units,
        "declared_units": declared,
        "lease_expires_at": lease.expires_at,
        "borrowed_until": lease.borrowed_until,
        "heartbeat_due_at": due,
        "emergency_until": emergency_until,
        "valid_until": valid_until,
        "activation_type": kind.value,
        "machine_name": device.machine_name[:255],
        "operating_system": device.operating_system[:255],
        "application_version": device.application_version[:100],
        "user_agent": device.user_agent[:500],
        "ip_address": device.ip_address,
        "domain": host_of(device.domain)[:255],
        "country": known_country(device.country, address=device.ip_address),
        "metadata": device.metadata or {},
        "activated_at": at,
    }
    event = trail.columns(
        "activation.created",
        at=at,
        origin=origin,
        salt=_salt(facts, origin),
        tenant_id=facts.tenant_id,
        customer_id=facts.customer_id,
        license_id=facts.id,
        activation_id=activation_id,
        changes=_told(activation),
    )
    request = SeatRequest(
        license=facts.id,
        tenant=facts.tenant_id,
        revision=facts.revision,
        capacity=capacity,
        sold=None if capacity is None else facts.max_activations,
        told_once_since=told_once_since(leased=facts.lease_length is not None, at=at),
        units=units,
        at=at,
        activation=activation,
        event=event,
    )
    return request, token


def _told(activation: dict[str, Any]) -> trail.Changes:
    """Return what the trail is told of a new activation."""
    told = {"machine_name": activation["machine_name"] or None}
    if activation["named_user_id"]:
        told["named_user_id"] = activation["named_user_id"]
    if activation["declared_units"]:
        told["units"] = activation["units"]
    if activation["borrowed_until"]:
        told["borrowed_until"] = activation["borrowed_until"]
    for name in ("emergency_until", "valid_until"):
        if activation[name]:
            told[name] = activation[name]
    return {name: (None, value) for name, value in told.items()}


def _digest(purpose: str, value: str) -> bytes | None:
    return vault.digest(purpose, value.strip()) if value.strip() else None


def _salt(facts: LicenseFacts, origin: Origin) -> bytes | None:
    if facts.customer_id is None or not trail.is_personal(origin):
        return None
    return facts.person_salt or trail.salt_of(facts.customer_id)


def snapshot_after(
    request: SeatRequest, facts: LicenseFacts, taken: int, *, named: NamedUser | None = None
) -> Snapshot:
    """Return what is known right after the seat was taken, without asking the database again."""
    given = request.activation
    device = DeviceFacts(
        id=given["id"],
        revision=1,
        license_id=request.license,
        deactivated_at=None,
        deactivation_reason="",
        user_identity=named.identity if named else None,
        barred=False,
        barred_until=None,
        **{
            name: given[name]
            for name in (
                "fingerprint_digest", "fingerprint_hint", "hardware_digest", "hardware_hint",
                "mac_digest", "mac_hint", "domain", "country", "token_digest",
                "token_generation", "token_key_version", "units", "declared_units",
                "lease_expires_at", "borrowed_until", "heartbeat_due_at", "emergency_until",
                "valid_until", "activation_type",
                "machine_name", "operating_system", "application_version", "user_agent",
                "ip_address", "activated_at", "metadata",
            )
        },
    )  # fmt: skip
    return Snapshot(_with_seats(facts, taken, at=request.at), device)


def _with_seats(facts: LicenseFacts, taken: int, *, at: datetime) -> LicenseFacts:
    return msgspec.structs.replace(
        facts, current_activations=taken, activation_date=facts.activation_date or at
    )
