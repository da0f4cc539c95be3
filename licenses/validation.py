"""The verdict on a licence: pure, over immutable snapshots, with every check told."""

from datetime import datetime
from typing import Any

import msgspec

from events import moments
from licenses import states
from licenses.facts import DeviceFacts, LicenseFacts
from licenses.restrictions import NOT_STATED, Finding, Whereabouts, findings
from licenses.states import PendingCause, Status
from licenses.terms import BindTo, RestrictionType
from licenses.ways_out import NEXT_ACTIONS, way_out_of

# How the name of a check begins that looks at a restriction.
RESTRICTION = "restriction:"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller wants to know besides; whatever is asked is checked."""

    product_id: str | None = None
    product_version: str | None = None
    # When that version was released; None where nobody knows of it.
    released_at: datetime | None = None
    device: bool = False
    # The device asking is barred, though it may hold no seat here.
    barred: bool = False
    barred_until: datetime | None = None
    features: tuple[str, ...] = ()
    # Where and on what the caller runs, as far as it is known; None where that is not judged.
    caller: Whereabouts | None = None


class Check(msgspec.Struct, frozen=True, omit_defaults=True):
    """One question and its answer."""

    name: str
    passed: bool
    code: str = ""
    detail: str = ""


class Verdict(msgspec.Struct, frozen=True):
    """Whether a licence may be used, the first code that says no, and every check."""

    valid: bool
    code: str
    checks: tuple[Check, ...]
    next_action: str
    grace_ends_at: datetime | None = None
    # In how many seconds it is worth asking again, where time alone puts it right.
    retry_after: int | None = None
    # Until when an emergency code excuses that the licence ended, or was not paid.
    emergency_until: datetime | None = None

    @property
    def way_out(self) -> dict[str, Any]:
        """What to do, and when to come again if that helps, as a refusal tells it."""
        when = {} if self.retry_after is None else {"retry_after": self.retry_after}
        return {"next_action": self.next_action} | when

    @property
    def good_but_for_silence(self) -> bool:
        """Whether all that is wrong, if anything, is that the device was not heard of."""
        return all(check.passed or check.name in _SILENCE for check in self.checks)


# Checks that a sign of life of the device puts right.
_SILENCE = frozenset({"lease_current", "heartbeat_heard"})


def judge(
    license: LicenseFacts, device: DeviceFacts | None, asked: Asked, *, at: datetime
) -> Verdict:
    """
    Judge a known licence: every check is made and told, the gravest failure names the code.

    `device` is the activation the caller stands for, None where none was found. Speaks of rights,
    never of counters: whether a seat is left is for activation to say.
    """
    until = device.emergency_at(at) if device is not None else None
    checks = tuple(_checks(license, device, asked, eased=until is not None, at=at))
    grace = license.grace_ends_at if states.in_grace(license, at) and not until else None
    failed = next((check for check in checks if not check.passed), None)
    if failed is None:
        code = "IN_GRACE" if grace else "VALID"
        return Verdict(True, code, checks, NEXT_ACTIONS[code], grace, emergency_until=until)
    barred_until = asked.barred_until if device is None else device.barred_until
    way_out = way_out_of(license, failed.code, at=at, barred_until=barred_until)
    return Verdict(
        False, failed.code, checks, grace_ends_at=grace, emergency_until=until, **way_out
    )


def refusal_to_activate(
    license: LicenseFacts, *, known: bool, barred: bool, at: datetime
) -> str | None:
    """
    Return the code by which any device is refused before its whereabouts are looked at, or None.

    `known`: the device has a live activation here; in grace it is served, a new one is not.
    """
    status = license.status_at(at)
    if status == Status.REVOKED:
        return "LICENSE_REVOKED"
    if barred:
        return "DEVICE_BLACKLISTED"
    # After grace the licence is suspended by the clock alone; to its device it has expired.
    if license.held:
        return "LICENSE_SUSPENDED"
    if license.pending_cause not in (PendingCause.NONE, PendingCause.FIRST_ACTIVATION):
        return "LICENSE_EXPIRED" if _expired(license, at) else "LICENSE_PENDING"
    if _expired(license, at):
        return None if known and states.in_grace(license, at) else "LICENSE_EXPIRED"
    if status == Status.INACTIVE:
        return "LICENSE_INACTIVE"
    return None


def refusal_in_emergency(license: LicenseFacts, *, barred: bool) -> str | None:
    """Return the code by which a device is refused although it has an emergency code, or None."""
    code = states.refusal_in_emergency(license)
    return "DEVICE_BLACKLISTED" if barred and code != "LICENSE_REVOKED" else code


def version_covered(license: LicenseFacts, asked: Asked, *, at: datetime) -> Check | None:
    """
    Return whether maintenance covers the version asked for; None where none was named.

    What nobody released counts as released now. Without maintenance that ends, all is covered.
    """
    version, until = asked.product_version, license.maintenance_expiry
    if not version:
        return None
    if until is None or (asked.released_at or at) < until:
        return Check("version", True)
    if asked.released_at is None:
        detail = f"{version} is no known release and counts as released now"
    else:
        detail = f"{version} was released {moments.written(asked.released_at)}"
    detail += f"; covered is what was released before {moments.written(until)}"
    return Check("version", False, "VERSION_NOT_COVERED", detail)


def restriction_in_the_way(
    license: LicenseFacts, caller: Whereabouts, *, at: datetime
) -> Finding | None:
    """
    Return the gravest restriction by which a device is refused, or None.

    A licence that its first device is to be tied to needs that device to say what it is tied by.
    """
    found = findings(license.restrictions, caller, at=at)
    stated = {
        RestrictionType.DOMAIN: caller.domain,
        RestrictionType.HARDWARE_ID: caller.hardware or caller.fingerprint,
    }
    found += [
        Finding(kind, False, NOT_STATED)
        for kind in BindTo(license.bind_on_first_activation).types
        if not stated[kind]
    ]
    return next((finding for finding in found if not finding.passed), None)


def unknown(code: str) -> Verdict:
    """Return the verdict on a key or a token that nobody knows."""
    return Verdict(False, code, (), NEXT_ACTIONS[code])


def _checks(
    license: LicenseFacts, device: DeviceFacts | None, asked: Asked, *, eased: bool, at: datetime
) -> list[Check]:
    """Return every check in the order in which a failure names the code."""
    status = license.status_at(at)
    expired = _expired(license, at) and not eased
    paid = not license.held or (eased and states.excused(license.hold_code))
    standing = [
        Check("not_revoked", status != Status.REVOKED, "LICENSE_REVOKED"),
        *_device_stands(device, asked, at),
        Check("not_suspended", paid, "LICENSE_SUSPENDED", license.hold_code),
        Check(
            "not_pending",
            not license.pending_cause or expired,
            "LICENSE_PENDING",
            license.pending_cause,
        ),
        Check("not_inactive", not license.parked or expired, "LICENSE_INACTIVE"),
        Check("not_expired", not expired or states.in_grace(license, at), "LICENSE_EXPIRED"),
    ]
    if asked.product_id is not None:
        standing.append(
            Check("product", asked.product_id == license.product_id, "PRODUCT_MISMATCH")
        )
    if version := version_covered(license, asked, at=at):
        standing.append(version)
    if asked.device:
        standing.append(Check("device_activated", device is not None, "DEVICE_NOT_ACTIVATED"))
    return [
        *map(_told, [*standing, *_device_holds(license, device, eased=eased, at=at)]),
        *_restrictions(license, asked.caller, at),
        *map(_told, _features(license, asked, at)),
    ]


def _told(check: Check) -> Check:
    """Return a check without the code that only its failure has."""
    return Check(check.name, True) if check.passed else check


def _restrictions(license: LicenseFacts, caller: Whereabouts | None, at: datetime) -> list[Check]:
    if caller is None or not license.restrictions:
        return []
    return [
        Check(
            f"{RESTRICTION}{finding.restriction_type.lower()}",
            finding.passed,
            "" if finding.passed else finding.code,
            finding.detail,
        )
        for finding in findings(license.restrictions, caller, at=at)
    ]


def _device_stands(device: DeviceFacts | None, asked: Asked, at: datetime) -> list[Check]:
    if device is None:
        if not asked.device:
            return []
        return [Check("device_not_blacklisted", not asked.barred, "DEVICE_BLACKLISTED")]
    return [
        Check("device_not_blacklisted", not device.barred_at(at), "DEVICE_BLACKLISTED"),
        Check("activation_live", device.live, "ACTIVATION_DEACTIVATED", device.deactivation_reason),
    ]


def _device_holds(
    license: LicenseFacts, device: DeviceFacts | None, *, eased: bool, at: datetime
) -> list[Check]:
    """Return whether a device still holds what it was given for a time; in need it is excused."""
    if device is None:
        return []
    checks = []
    if device.emergency_only:
        checks.append(Check("emergency_lasts", eased, "EMERGENCY_ENDED"))
    if (until := device.valid_until) is not None:
        # Of the codes that clients know this is the one: what it was given for a time has run out.
        checks.append(Check("offline_lasts", eased or at < until, "LEASE_EXPIRED"))
    if (until := device.lease_expires_at) is not None:
        checks.append(Check("lease_current", eased or at < until, "LEASE_EXPIRED"))
    if license.require_heartbeat and (due := device.heartbeat_due_at) is not None:
        checks.append(Check("heartbeat_heard", eased or at < due, "HEARTBEAT_OVERDUE"))
    return checks


def _features(license: LicenseFacts, asked: Asked, at: datetime) -> list[Check]:
    held = {feature.feature_id: feature for feature in license.features}
    checks = []
    for feature_id in asked.features:
        feature = held.get(feature_id)
        name = f"feature:{feature_id}"
        if feature is None or not feature.enabled:
            checks.append(Check(name, False, "FEATURE_NOT_LICENSED"))
        else:
            checks.append(Check(name, feature.granted_at(at), "FEATURE_EXPIRED"))
    return checks


def _expired(license: states.Standing, at: datetime) -> bool:
    return license.expiry_date is not None and license.expiry_date <= at
