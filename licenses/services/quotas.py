"""Consuming a quota and giving it back: exact under any load, refused whole or done whole."""

from datetime import datetime
from decimal import Decimal

from events.refusals import Refusal, invalid
from events.trail import Origin
from licenses import terms, ways_out
from licenses.facts import FeatureFacts, Reading
from licenses.selectors import snapshots
from licenses.selectors.snapshots import Snapshot
from licenses.services import counters, standing
from licenses.services.counters import Counted, Step

PLACES = 6
_JUDGED_ANEW = 5


def consume(
    *, found: Snapshot, feature_id: str, amount: Decimal, at: datetime, origin: Origin
) -> Reading:
    """
    Count an amount against a feature's quota; a feature without a limit is counted just so.

    :raises VALIDATION_ERROR: if the amount is no positive number of at most six places
    :raises LICENSE_REVOKED DEVICE_BLACKLISTED ACTIVATION_DEACTIVATED LICENSE_SUSPENDED
        LICENSE_PENDING LICENSE_INACTIVE LICENSE_EXPIRED RESTRICTED_…: as everywhere
    :raises FEATURE_NOT_LICENSED FEATURE_EXPIRED: if the licence does not grant it now
    :raises QUOTA_EXCEEDED: if less is left in this period; nothing was counted
    :raises TRY_AGAIN: if the licence kept changing meanwhile
    """
    check_amount(amount)
    for _ in range(_JUDGED_ANEW):
        found, feature = _granted(found, feature_id, at=at, origin=origin)
        step = _step(found, feature, amount, at=at, origin=origin)
        counted = counters.add(step)
        if counted.moved:
            return reading(feature, counted.used, at=at)
        if _is_past(step, counted):
            raise _exceeded(feature, amount, counted.used, at=at)
        found = snapshots.reloaded(found)
    raise Refusal("TRY_AGAIN", retry_after=1)


def release(
    *, found: Snapshot, feature_id: str, amount: Decimal, at: datetime, origin: Origin
) -> Reading:
    """
    Give back what was consumed in this period.

    Refused as `consume` is, but for the limit.

    :raises USAGE_UNDERFLOW: if less than that was consumed; nothing changed
    """
    check_amount(amount)
    for _ in range(_JUDGED_ANEW):
        found, feature = _granted(found, feature_id, at=at, origin=origin)
        counted = counters.take_back(_step(found, feature, amount, at=at, origin=origin))
        if counted.moved:
            return reading(feature, counted.used, at=at)
        if counted.revision == found.license.revision and counted.used < amount:
            raise Refusal("USAGE_UNDERFLOW", **_told(reading(feature, counted.used, at=at)))
        found = snapshots.reloaded(found)
    raise Refusal("TRY_AGAIN", retry_after=1)


def reading(feature: FeatureFacts, used: Decimal, *, at: datetime) -> Reading:
    """Return where a feature's quota stands in the period that holds `at`."""
    return Reading(
        feature.feature_id, used, feature.limit_value, terms.period_end(feature.period, at)
    )


def check_amount(amount: Decimal) -> None:
    """
    Let an amount pass that a counter can hold exactly.

    :raises VALIDATION_ERROR: if it is none
    """
    if not amount.is_finite() or not 0 < amount <= counters.FULL:
        raise invalid(amount="More than zero, and at most 10^15.")
    _, digits, exponent = amount.as_tuple()
    beyond = -int(exponent) - PLACES
    # Looked at digit by digit: arithmetic would round a long tail away unseen.
    if beyond > 0 and any(digits[-beyond:]):
        raise invalid(amount=f"At most {PLACES} places behind the point.")


def _granted(
    found: Snapshot, feature_id: str, *, at: datetime, origin: Origin
) -> tuple[Snapshot, FeatureFacts]:
    """Return the feature as the licence grants it, beside what is known of the licence now."""
    found = standing.in_force(found, features=(feature_id,), at=at, origin=origin)
    held = (feature for feature in found.license.features if feature.feature_id == feature_id)
    return found, next(held)


def _step(
    found: Snapshot, feature: FeatureFacts, amount: Decimal, *, at: datetime, origin: Origin
) -> Step:
    return Step(
        license=found.license,
        feature_id=feature.feature_id,
        period_start=terms.period_start(feature.period, at),
        limit=feature.limit_value,
        amount=amount,
        at=at,
        origin=origin,
    )


def _is_past(step: Step, counted: Counted) -> bool:
    """Whether the limit explains it; what was seen may be older than what the statement met."""
    unchanged = counted.revision == step.license.revision
    return unchanged and counted.used + step.amount > step.most


def _exceeded(feature: FeatureFacts, amount: Decimal, used: Decimal, *, at: datetime) -> Refusal:
    if feature.limit_value is None:
        return invalid(amount="More than a counter holds.")
    read = reading(feature, used, at=at)
    told = _told(read)
    # What is beyond a whole period's quota is so in the next period too.
    if read.resets_at is not None and amount <= feature.limit_value:
        told["retry_after"] = ways_out.seconds_until(read.resets_at, at)
    return Refusal("QUOTA_EXCEEDED", **told)


def _told(read: Reading) -> dict[str, object]:
    """Return a reading as the details of a refusal."""
    told: dict[str, object] = {
        "feature_id": read.feature_id,
        "used": _number(read.used),
    }
    if read.limit is not None and read.remaining is not None:
        told |= {"limit": _number(read.limit), "remaining": _number(read.remaining)}
    if read.resets_at is not None:
        told["resets_at"] = read.resets_at
    return told


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)
