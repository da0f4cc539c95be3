"""Reports of a day's use by the sold software: telemetry, which never moves a quota."""

import math
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from events.refusals import invalid
from events.trail import Origin
from licenses.models import UsageReport, UsageRollup
from licenses.models.series import Grain, Source
from licenses.selectors.snapshots import Snapshot
from licenses.services import standing

OLDEST = timedelta(days=400)
_MOST = 10.0**15
_MAX_METRICS = 100
_MAX_NAME = 100


@dataclass(frozen=True, slots=True)
class Taken:
    """That a report is in the books; a duplicate was before and added nothing."""

    duplicate: bool


def report_usage(
    *,
    found: Snapshot,
    usage: Mapping[str, Any],
    report_date: str | None,
    report_id: str | None,
    at: datetime,
    origin: Origin,
) -> Taken:
    """
    Add a day's use to the licence's series, once per licence, day and report id.

    Without an id it is the device's report of that day, or the licence's where a key was shown.

    :raises VALIDATION_ERROR: naming the metric that is no number, or a day beyond reason
    :raises LICENSE_REVOKED DEVICE_BLACKLISTED ACTIVATION_DEACTIVATED LICENSE_SUSPENDED
        LICENSE_PENDING LICENSE_INACTIVE LICENSE_EXPIRED RESTRICTED_…: as everywhere
    """
    numbers = read_numbers(usage)
    day = _day(report_date, at=at)
    name = _name(report_id, found)
    found = standing.in_force(found, at=at, origin=origin)
    try:
        with transaction.atomic():
            UsageReport.objects.create(
                license_id=found.license.id,
                day=day,
                report_id=name,
                usage=numbers,
                received_at=at,
            )
            add(found.license.id, day, numbers)
    except IntegrityError:
        # It is there: this one adds nothing, whatever it says. Any other fault is told.
        if not _known(found.license.id, day, name):
            raise
        return Taken(duplicate=True)
    return Taken(duplicate=False)


def add(license_id: uuid.UUID, day: date, numbers: Mapping[str, float]) -> None:
    """Add to the day, and to its first hour: a report does not say when in the day it was."""
    midnight = datetime.combine(day, time.min, UTC)
    stretches = [(grain, metric) for grain in Grain for metric in sorted(numbers)]
    for grain, metric in stretches:
        row = {
            "license_id": license_id,
            "grain": grain,
            "starts_at": midnight,
            "source": Source.REPORT,
            "metric": metric,
        }
        UsageRollup.objects.bulk_create([UsageRollup(**row, value=0)], ignore_conflicts=True)
        UsageRollup.objects.filter(**row).update(value=F("value") + numbers[metric])


def _known(license_id: uuid.UUID, day: date, name: str) -> bool:
    return UsageReport.objects.filter(license_id=license_id, day=day, report_id=name).exists()


def _name(report_id: str | None, found: Snapshot) -> str:
    if report_id is None:
        return str(found.device.id) if found.device else "daily"
    if not (0 < len(report_id) <= _MAX_NAME and report_id.isprintable()):
        raise invalid(report_id=f"1 to {_MAX_NAME} printable characters.")
    return report_id


def read_numbers(usage: Mapping[str, Any]) -> dict[str, float]:
    """
    Return what a report tells, one number by name.

    :raises VALIDATION_ERROR: naming what is no number, or beyond reason
    """
    if not 0 < len(usage) <= _MAX_METRICS:
        raise invalid(usage=f"1 to {_MAX_METRICS} numbers by name.")
    numbers = {}
    for name, value in usage.items():
        if not (0 < len(name) <= _MAX_NAME and name.isprintable()):
            raise invalid(usage=f"Names of 1 to {_MAX_NAME} printable characters.")
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise invalid(**{f"usage.{name}": "A number."})
        if not math.isfinite(value) or not 0 <= value <= _MOST:
            raise invalid(**{f"usage.{name}": "Zero or more, and at most 10^15."})
        numbers[name] = float(value)
    return numbers


def _day(text: str | None, *, at: datetime) -> date:
    """Return the day that is meant, in UTC; a time of day says no more than its day."""
    today = at.astimezone(UTC).date()
    if text is None:
        return today
    try:
        moment = datetime.fromisoformat(text)
        day = (moment.astimezone(UTC) if moment.tzinfo else moment).date()
    except (ValueError, OverflowError):
        raise invalid(report_date="A day, like 2026-03-14.") from None
    # Somewhere it is tomorrow already.
    if not today - OLDEST <= day <= today + timedelta(days=1):
        raise invalid(report_date="Not in the future, and at most 400 days ago.")
    return day
