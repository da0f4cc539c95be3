"""Which devices a change of terms would leave without a right to a seat, or keep from running."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from licenses.models import Activation, License
from licenses.restrictions import Finding, RestrictionFacts, Whereabouts, findings
from licenses.selectors import whereabouts
from licenses.selectors.seats import last_sign
from licenses.terms import RestrictionType

OVER_LIMIT = "ACTIVATION_LIMIT_EXCEEDED"
# Of one licence: more would not be read by anybody.
MOST_SHOWN = 100
# Of one licence, its newest devices: more cannot be matched while somebody waits.
MOST_MATCHED = 10_000


@dataclass(frozen=True, slots=True)
class Affected:
    """A device, and the code of what would be in its way."""

    activation: Activation
    code: str
    last_seen: datetime


def beyond(taken: int, *, before: int | None, after: int | None) -> int:
    """Return how many units would lie beyond a lowered limit; none where it is not lowered."""
    lowered = after is not None and (before is None or after < before)
    return max(0, taken - after) if lowered and after is not None else 0


def affected_devices(
    license: License,
    *,
    units_beyond: int,
    before: Sequence[RestrictionFacts],
    after: Sequence[RestrictionFacts],
    at: datetime,
) -> list[Affected]:
    """
    Return the devices, newest first, that hold units beyond a limit or would newly be refused.

    Those beyond a lowered limit are the last that came; nobody is cut off by it.
    """
    live = Activation.objects.filter(license=license).live().select_related("heartbeat")
    matched = list(live.order_by("-id")[:MOST_MATCHED]) if units_beyond or after != before else []
    told: dict[uuid.UUID, str] = {}
    counted = 0
    for device in matched:
        if counted >= units_beyond:
            break
        told[device.pk] = OVER_LIMIT
        counted += device.units
    if after != before:
        refused = newly_refused(matched, before=before, after=after, at=at)
        told |= {device.pk: code for device, code in refused}
    return [
        Affected(device, told[device.pk], last_sign(device).at)
        for device in matched
        if device.pk in told
    ]


def newly_refused(
    devices: Iterable[Activation],
    *,
    before: Sequence[RestrictionFacts],
    after: Sequence[RestrictionFacts],
    at: datetime,
) -> Iterator[tuple[Activation, str]]:
    """
    Give each device that restrictions let pass today and would refuse, with the code.

    By what its activation recorded; hours of the day say nothing of a device.
    """
    today, future = _of_devices(before), _of_devices(after)
    for device in devices:
        known = whereabouts.of_activation(device)
        failed = {finding.restriction_type for finding in _failed(today, known, at)}
        for finding in _failed(future, known, at):
            if finding.restriction_type not in failed:
                yield device, finding.code
                break


def _of_devices(rows: Sequence[RestrictionFacts]) -> list[RestrictionFacts]:
    return [row for row in rows if row.restriction_type != RestrictionType.TIME_BASED]


def _failed(rows: Sequence[RestrictionFacts], known: Whereabouts, at: datetime) -> list[Finding]:
    return [finding for finding in findings(rows, known, at=at) if not finding.passed]
