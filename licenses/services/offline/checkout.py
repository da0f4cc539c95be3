"""Checking a licence out into a file: for any device, or for one that holds a seat."""

from datetime import datetime, timedelta

from django.db import transaction

from accounts import statements
from events import vault
from events.refusals import Refusal, invalid
from events.trail import Origin
from licenses.models import Activation, FileKind, OfflineDevice
from licenses.restrictions import Whereabouts
from licenses.selectors import entry, snapshots, whereabouts
from licenses.selectors.snapshots import FINGERPRINT, Snapshot
from licenses.services.claims import check_fingerprint
from licenses.services.forgetting import forget
from licenses.services.lifecycle.writing import lock
from licenses.services.offline import devices, files
from licenses.services.offline.files import SignedFile
from licenses.validation import Asked, Verdict

DEFAULT_DAYS = 14
MOST_DAYS = 90


def checked_days(days: int | None) -> int | None:
    """
    Return for how many days a file is to hold, if it can be asked for at all.

    :raises VALIDATION_ERROR: if it cannot
    """
    if days is not None and not 1 <= days <= MOST_DAYS:
        raise invalid(ttl_days=f"Between 1 and {MOST_DAYS}.")
    return days


def checkout(
    *,
    found: Snapshot,
    fingerprint: str = "",
    ttl_days: int | None = None,
    address: str | None = None,
    at: datetime,
    origin: Origin,
) -> SignedFile:
    """
    Return a file of a licence as it is now: bound to the device of `found`, if there is one.

    A file never outlives the licence's grace, a lease or an emergency. An offline device gets by it
    until the file's end, and with no days named as long as its response would last today.

    :param address: where the device calls from; None where somebody else asks for it
    :raises VALIDATION_ERROR INVALID_FINGERPRINT: if the days or the fingerprint cannot be, or it
        has to be said
    :raises LICENSE_REVOKED DEVICE_BLACKLISTED ACTIVATION_DEACTIVATED LICENSE_SUSPENDED
        LICENSE_PENDING LICENSE_INACTIVE LICENSE_EXPIRED DEVICE_NOT_ACTIVATED LEASE_EXPIRED
        HEARTBEAT_OVERDUE EMERGENCY_ENDED RESTRICTED_…: as everywhere
    :raises DEVICE_MISMATCH: if the device is another than the token's
    :raises SIGNING_ROOT_ABSENT FILE_TOO_LARGE: if it cannot be signed
    """
    checked_days(ttl_days)
    if fingerprint:
        check_fingerprint(fingerprint)
    with statements.beyond_wall():
        return _checked_out(found, fingerprint, ttl_days, address, at=at, origin=origin)


def checkout_for(
    activation: Activation,
    *,
    fingerprint: str = "",
    ttl_days: int | None = None,
    at: datetime,
    origin: Origin,
) -> SignedFile:
    """
    Return a file for a device, asked for by whoever answers for it; the rest of `checkout`.

    `fingerprint` has to be said if the device never asked for a file itself.
    """
    found = snapshots.by_token(bytes(activation.token_digest))
    if found is None:
        raise Refusal("ACTIVATION_NOT_FOUND")
    return checkout(found=found, fingerprint=fingerprint, ttl_days=ttl_days, at=at, origin=origin)


@transaction.atomic
def _checked_out(
    found: Snapshot,
    fingerprint: str,
    ttl_days: int | None,
    address: str | None,
    *,
    at: datetime,
    origin: Origin,
) -> SignedFile:
    license = lock(found.license.id, at=at)
    found, verdict = _judged(found, fingerprint, address, at=at)
    if not _let_through(found, verdict):
        raise Refusal(verdict.code, **verdict.way_out)
    facts, held = found.license, found.device
    end = _end(found, verdict, ttl_days, at=at)
    if held is None:
        return files.make(FileKind.LICENSE, license, facts, expires_at=end, at=at, origin=origin)
    device = _known(found, fingerprint)
    key = bytes(device.public_key) if device.public_key is not None else None
    made = files.make(
        FileKind.DEVICE,
        license,
        facts,
        activation_id=held.id,
        bound=devices.bound(device, key=key),
        expires_at=end,
        at=at,
        origin=origin,
    )
    if held.valid_until is not None and held.valid_until < made.expires_at:
        row = Activation.objects.select_for_update().get(pk=held.id)
        row.valid_until = made.expires_at
        row.revision += 1
        row.save(update_fields=["valid_until", "revision"])
        forget(row)
    return made


def _judged(
    found: Snapshot, fingerprint: str, address: str | None, *, at: datetime
) -> tuple[Snapshot, Verdict]:
    """Return the verdict on the rows as they are, under the licence's lock."""
    asked = Asked(
        device=found.device is not None or bool(fingerprint),
        barred=found.barred_at(at),
        barred_until=found.barred_until,
    )

    def caller(found: Snapshot) -> Whereabouts:
        if found.device is None:
            return whereabouts.of_caller(address=address)
        # Whoever asks for it sits elsewhere: the device is where it was when it activated.
        where = address or found.device.ip_address
        return whereabouts.of_device(found.device, address=where)

    return entry.judged(snapshots.reloaded(found), asked, caller=caller, at=at)


def _let_through(found: Snapshot, verdict: Verdict) -> bool:
    """Return whether a file may be had: also where it is what an offline device has run out of."""
    offline = found.device is not None and found.device.offline
    return all(
        check.passed or (offline and check.name == "offline_lasts") for check in verdict.checks
    )


def _known(found: Snapshot, fingerprint: str) -> OfflineDevice:
    """Return what is known of the device that a file is for."""
    held = found.device
    assert held is not None  # noqa: S101 - the caller has looked
    if fingerprint:
        if held.fingerprint_digest not in vault.digests(FINGERPRINT, fingerprint):
            raise Refusal("DEVICE_MISMATCH")
        return devices.remember(held.id, fingerprint)
    known = OfflineDevice.objects.filter(pk=held.id).first()
    if known is None:
        raise invalid(device_fingerprint="A file is bound to it: it has to be said once.")
    return known


def _end(found: Snapshot, verdict: Verdict, ttl_days: int | None, *, at: datetime) -> datetime:
    facts, held = found.license, found.device
    ends = [at + timedelta(days=ttl_days or DEFAULT_DAYS)]
    if ttl_days is None and held is not None and held.offline:
        ends = [facts.offline_until(at)]
    if verdict.emergency_until is not None:
        return min(*ends, verdict.emergency_until)
    if facts.ends_at is not None:
        ends.append(facts.ends_at)
    if held is not None and held.lease_expires_at is not None:
        ends.append(held.lease_expires_at)
    return min(ends)
