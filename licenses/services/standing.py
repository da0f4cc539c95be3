"""Letting only a licence in force go on: the verdict that validation gives, as a refusal."""

from datetime import datetime

from events.refusals import Refusal
from events.trail import Origin
from licenses.restrictions import Whereabouts
from licenses.selectors import entry, whereabouts
from licenses.selectors.snapshots import Snapshot
from licenses.validation import Asked


def in_force(
    found: Snapshot, *, features: tuple[str, ...] = (), at: datetime, origin: Origin
) -> Snapshot:
    """
    Return the licence if it may be used now, and grants these features; newer than it was given.

    :raises LICENSE_REVOKED DEVICE_BLACKLISTED ACTIVATION_DEACTIVATED LICENSE_SUSPENDED
        LICENSE_PENDING LICENSE_INACTIVE LICENSE_EXPIRED: by the clock, as everywhere
    :raises RESTRICTED_COUNTRY RESTRICTED_DOMAIN RESTRICTED_IP RESTRICTED_MAC RESTRICTED_HARDWARE
        RESTRICTED_TIME: by where the device runs
    :raises FEATURE_NOT_LICENSED FEATURE_EXPIRED: if it does not grant one of them now
    """

    def caller(found: Snapshot) -> Whereabouts:
        address = origin.ip_address or None
        if found.device is None:
            return whereabouts.of_caller(address=address)
        return whereabouts.of_device(found.device, address=address)

    asked = Asked(device=found.device is not None, features=features)
    found, verdict = entry.judged(found, asked, caller=caller, at=at)
    if not verdict.valid:
        raise Refusal(verdict.code, **verdict.way_out)
    return found
