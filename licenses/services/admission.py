"""Whether a device may hold a seat of a licence at all, however many are free."""

from datetime import datetime

from events.refusals import Refusal
from licenses import validation, ways_out
from licenses.facts import LicenseFacts
from licenses.selectors.snapshots import Snapshot
from licenses.services import leases, places
from licenses.services.claims import Device, whereabouts_of
from licenses.validation import Asked


def refusal(found: Snapshot, device: Device, *, at: datetime) -> Refusal | None:
    """Return why the device gets no seat, however many are free, or None."""
    license = found.license
    known = places.stands(found, device)
    code = validation.refusal_to_activate(license, known=known, barred=found.barred_at(at), at=at)
    if code:
        until = found.barred_until
        return Refusal(code, **ways_out.way_out_of(license, code, at=at, barred_until=until))
    in_the_way = _version(found, device, at=at) or _restricted(license, device, at=at)
    return in_the_way or leases.refusal_to_lend(license, device.borrow_days)


def refusal_in_emergency(found: Snapshot, device: Device, *, at: datetime) -> Refusal | None:
    """Return why a device is not let in although it has an emergency code, or None."""
    license = found.license
    code = validation.refusal_in_emergency(license, barred=found.barred_at(at))
    if code:
        until = found.barred_until
        return Refusal(code, **ways_out.way_out_of(license, code, at=at, barred_until=until))
    if device.borrow_days is not None:
        return Refusal("BORROW_NOT_ALLOWED")
    return _version(found, device, at=at) or _restricted(license, device, at=at)


def _restricted(license: LicenseFacts, device: Device, *, at: datetime) -> Refusal | None:
    if not (license.restrictions or license.bind_on_first_activation):
        return None
    finding = validation.restriction_in_the_way(license, whereabouts_of(device), at=at)
    if finding is None:
        return None
    return Refusal(
        finding.code,
        restriction_type=finding.restriction_type.value,
        detail=finding.detail,
        **ways_out.way_out_of(license, finding.code, at=at),
    )


def _version(found: Snapshot, device: Device, *, at: datetime) -> Refusal | None:
    """Return why a device may not run the version it names under this licence, or None."""
    released_at = found.release.released_at if found.release else None
    asked = Asked(product_version=device.version, released_at=released_at)
    covered = validation.version_covered(found.license, asked, at=at)
    if covered is None or covered.passed:
        return None
    way_out = ways_out.way_out_of(found.license, covered.code, at=at)
    return Refusal(covered.code, detail=covered.detail, **way_out)
