"""Renewing: more time, and with it more features or maintenance."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction

from events.refusals import Refusal, invalid
from events.trail import Origin
from licenses import terms
from licenses.models import License
from licenses.services import entitlements
from licenses.services.entitlements import FeatureGrant
from licenses.services.fixed_terms import check_features_of
from licenses.services.lifecycle.acts import lift
from licenses.services.lifecycle.writing import lock_for, told, write
from licenses.states import Act, HoldCode, PendingCause
from licenses.terms import LicenseType


@transaction.atomic
def renew_license(
    *,
    license_id: uuid.UUID,
    at: datetime,
    origin: Origin,
    duration_months: int = 0,
    duration_days: int = 0,
    extend_maintenance: bool = False,
    upgrade_features: Sequence[FeatureGrant] = (),
    reason: str = "",
    may_override: bool = False,
) -> License:
    """
    Extend a licence by calendar months, or by days: from its expiry while it works, else from `at`.

    A hold for a failed payment is lifted; every other hold, and parking, stays.

    :raises ILLEGAL_STATUS_CHANGE: if it is revoked
    :raises TRIAL_NOT_RENEWABLE: if it is a trial or an evaluation
    :raises NOTHING_TO_RENEW: if it never expires and no maintenance is asked for
    :raises VALIDATION_ERROR: if an upgrade is impossible, or overrides what the template fixes and
        the caller may not (`may_override`)
    """
    if duration_days and not 1 <= duration_days <= terms.MAX_RENEWAL_DAYS:
        raise invalid(duration_days=f"Between 1 and {terms.MAX_RENEWAL_DAYS} days.")
    if not duration_days and not 1 <= duration_months <= terms.MAX_RENEWAL_MONTHS:
        raise invalid(duration_months=f"Between 1 and {terms.MAX_RENEWAL_MONTHS} months.")
    license = lock_for(Act.RENEW, license_id, at=at)
    before = told(license)
    if license.license_type in terms.TRIALS:
        raise Refusal("TRIAL_NOT_RENEWABLE")
    more = _More(duration_months, duration_days)
    if not _extends_term(license, more, at=at) and not extend_maintenance:
        raise Refusal("NOTHING_TO_RENEW")
    if extend_maintenance:
        base = max(license.maintenance_expiry or at, at)
        license.maintenance_expiry = _moved(license, base, more)
    lift(license, HoldCode.PAYMENT_FAILED, at=at)
    if upgrade_features and not may_override:
        check_features_of(license, upgrade_features, whole=False, named="upgrade_features")
    granted = entitlements.upgrade(license, upgrade_features) if upgrade_features else {}
    return write(
        license,
        "license.renewed",
        before=before,
        at=at,
        origin=origin,
        reason=reason,
        extra=granted,
    )


class _More(NamedTuple):
    """By how much: calendar months, or days where those are said."""

    months: int
    days: int


def _extends_term(license: License, more: _More, *, at: datetime) -> bool:
    """Lengthen the term and return whether there was one to lengthen."""
    if license.license_type == LicenseType.PERPETUAL:
        return False
    if license.expiry_date is not None:
        grace_ends_at = license.grace_ends_at or license.expiry_date
        base = license.expiry_date if at < grace_ends_at else at
        license.expiry_date = _moved(license, base, more)
        license.grace_ends_at = license.grace_end_for(license.expiry_date)
        return True
    if license.pending_cause == PendingCause.FIRST_ACTIVATION and license.duration_days:
        # Not started yet: the days that those months would have from the issue on.
        end = _moved(license, license.issued_date, more)
        license.duration_days += (end - license.issued_date).days
        return True
    return False


def _moved(license: License, base: datetime, more: _More) -> datetime:
    try:
        if more.days:
            moved = base + timedelta(days=more.days)
        else:
            moved = terms.add_months(base, more.months, anchor_day=license.issued_date.day)
        beyond = not terms.in_calendar(license.grace_end_for(moved) or moved)
    except (ValueError, OverflowError):
        # Python's dates end with the year 9999.
        beyond = True
    if beyond:
        raise invalid(duration_months=terms.BEYOND_CALENDAR)
    return moved
