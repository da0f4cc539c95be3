"""What a caller can do about a refusal, and when time alone puts it right: pure."""

import math
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from licenses import states
from licenses.facts import LicenseFacts
from licenses.restrictions import RestrictionFacts, Whereabouts, findings, hours
from licenses.states import PendingCause
from licenses.terms import RestrictionType

# What a caller can do about each code, in one word.
NEXT_ACTIONS = {
    "VALID": "none",
    "IN_GRACE": "renew",
    "LICENSE_NOT_FOUND": "check_key",
    "LICENSE_REVOKED": "contact_vendor",
    "DEVICE_BLACKLISTED": "contact_vendor",
    "ACTIVATION_DEACTIVATED": "activate",
    "INVALID_ACTIVATION_TOKEN": "activate",
    "LICENSE_SUSPENDED": "contact_vendor",
    "LICENSE_PENDING": "wait",
    "LICENSE_INACTIVE": "contact_vendor",
    "LICENSE_EXPIRED": "renew",
    "PRODUCT_MISMATCH": "check_key",
    "VERSION_NOT_COVERED": "renew",
    "DEVICE_NOT_ACTIVATED": "activate",
    "DEVICE_MISMATCH": "activate",
    "LEASE_EXPIRED": "activate",
    "EMERGENCY_ENDED": "activate",
    "HEARTBEAT_OVERDUE": "activate",
    "RESTRICTED_COUNTRY": "contact_vendor",
    "RESTRICTED_DOMAIN": "contact_vendor",
    "RESTRICTED_IP": "contact_vendor",
    "RESTRICTED_MAC": "contact_vendor",
    "RESTRICTED_HARDWARE": "contact_vendor",
    "RESTRICTED_TIME": "wait",
    "FEATURE_NOT_LICENSED": "upgrade",
    "FEATURE_EXPIRED": "renew",
}
_PENDING_ACTIONS = {
    PendingCause.FIRST_ACTIVATION: "activate",
    PendingCause.PAYMENT: "pay",
    PendingCause.APPROVAL: "wait",
}
_HOLD_ACTIONS = {"PAYMENT_FAILED": "pay", states.GRACE_PERIOD_ENDED: "renew"}
# Who waits for a person looks again so much later.
LOOK_AGAIN = timedelta(hours=1)
# Who writes more hours and spans than these is not told when the next of them begins.
_MOST_VALUES, _MOST_SPANS, _MOST_EDGES = 50, 10, 200


def way_out_of(
    license: LicenseFacts, code: str, *, at: datetime, barred_until: datetime | None = None
) -> dict[str, Any]:
    """Return what the caller can do about a code, and when to come again if that is the way."""
    action = _next_action(license, code, at=at)
    healed = _healed_at(code, license, at=at, barred_until=barred_until)
    if healed is None and code == "RESTRICTED_TIME":
        # Its hours never come again.
        action = "contact_vendor"
    if healed is None and action == "wait":
        healed = at + LOOK_AGAIN
    if healed is None:
        return {"next_action": action}
    return {"next_action": action, "retry_after": seconds_until(healed, at)}


def _next_action(license: LicenseFacts, code: str, *, at: datetime) -> str:
    if code == "LICENSE_PENDING":
        return _PENDING_ACTIONS[PendingCause(license.pending_cause)]
    if code == "LICENSE_SUSPENDED":
        cause = states.suspension_code(license, license.hold_code, at)
        return _HOLD_ACTIONS.get(cause, "contact_vendor")
    return NEXT_ACTIONS.get(code, "contact_vendor")


def _healed_at(
    code: str, license: LicenseFacts, *, at: datetime, barred_until: datetime | None = None
) -> datetime | None:
    """Return when a refusal ends by itself; None where somebody has to do something."""
    if code == "DEVICE_BLACKLISTED":
        return barred_until
    if code == "RESTRICTED_TIME":
        return opens_at(license.restrictions, at=at)
    return None


def seconds_until(moment: datetime, at: datetime) -> int:
    """Return in how many whole seconds to come again."""
    return max(1, math.ceil((moment - at).total_seconds()))


def opens_at(restrictions: Iterable[RestrictionFacts], *, at: datetime) -> datetime | None:
    """Return when restrictions of time let a caller pass again; None for never."""
    rows = [row for row in restrictions if row.restriction_type == RestrictionType.TIME_BASED]
    read = [hours.read(value) for row in rows for value in row.values][:_MOST_VALUES]
    spans = [edge for one in read if isinstance(one, hours.Span) for edge in one.edges(at)]
    starts = [at, *sorted(edge for edge in spans if edge > at)[:_MOST_SPANS]]
    edges = {edge for one in read for start in starts for edge in one.edges(start) if edge > at}
    nobody = Whereabouts()
    return next(
        (
            edge
            for edge in sorted(edges)[:_MOST_EDGES]
            if all(finding.passed for finding in findings(rows, nobody, at=edge))
        ),
        None,
    )
