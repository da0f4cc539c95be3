"""Changing what a licence was sold as, deliberately and one licence at a time."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from events.refusals import Refusal, invalid
from events.trail import Origin
from licenses import states, terms
from licenses.models import License
from licenses.services import entitlements, restricting
from licenses.services.fixed_terms import check_features_of
from licenses.services.issue_terms import grace_end
from licenses.services.kept_restrictions import Rows
from licenses.services.lifecycle.writing import lock, told, write
from licenses.services.metadata import check_metadata
from licenses.states import Status
from licenses.terms import LicenseType

# Field → lowest and highest value; None where there are no numbers.
CHANGEABLE: Mapping[str, tuple[int, int] | None] = {
    "product_name": None,
    "product_version": None,
    "issued_to": None,
    "max_activations": (1, 2**31 - 1),
    "overage": None,
    "grace_period_days": (0, 36_500),
    "trial_period_days": (1, 36_500),
    "auto_renewal": None,
    "expiry_date": None,
    "maintenance_expiry": None,
    "heartbeat_interval_seconds": (1, 2**31 - 1),
    "lease_seconds": (1, 2**31 - 1),
    "max_borrow_days": (1, terms.MOST_BORROW_DAYS),
    "self_service": None,
    "metadata": None,
}
_MAY_BE_EMPTY = frozenset(
    {
        "expiry_date",
        "maintenance_expiry",
        "trial_period_days",
        "lease_seconds",
        "max_borrow_days",
    }
)
_DATES = frozenset({"expiry_date", "maintenance_expiry"})
_REQUIRED_WORDS = frozenset({"product_name", "product_version", "issued_to"})
_CHOICES = {
    "overage": terms.Overage,
    "self_service": terms.SelfService,
}


@transaction.atomic
def change_license(
    *,
    license_id: uuid.UUID,
    changes: Mapping[str, Any],
    at: datetime,
    origin: Origin,
    features: Sequence[entitlements.FeatureGrant] | None = None,
    restrictions: Rows | None = None,
    shorthands: Mapping[str, str | None] | None = None,
    expected_revision: int | None = None,
    reason: str = "",
    may_override: bool = False,
) -> License:
    """
    Change terms of a licence; nothing is written when nothing differs.

    `features` and `restrictions`, where given, replace what it has as a whole; `shorthands` name
    the one domain or hardware id that is allowed.

    What its template fixes stays, unless the caller `may_override` it.

    Seats may be lowered below what is taken: nobody is cut off, and no new seat is given.

    :raises STALE_REVISION: if the licence has another revision than the caller saw
    :raises ILLEGAL_STATUS_CHANGE: if it is revoked
    :raises VALIDATION_ERROR: if a value is impossible, the field is not changed this way or the
        template fixes it
    """
    license = lock(license_id, at=at)
    if expected_revision is not None and expected_revision != license.revision:
        raise Refusal("STALE_REVISION", revision=license.revision)
    if license.status_at(at) == Status.REVOKED:
        raise Refusal(states.ILLEGAL, act="change", status=Status.REVOKED.value)
    _check(license, changes)
    before = told(license)
    for name, value in changes.items():
        setattr(license, name, value)
    if {"expiry_date", "grace_period_days"} & changes.keys():
        license.grace_ends_at = grace_end(license)
    if features is not None and not may_override:
        check_features_of(license, features)
    parts = {} if features is None else entitlements.replace(license, features)
    if restrictions is not None or shorthands:
        parts |= restricting.change(
            license, restrictions, shorthands or {}, may_override=may_override
        )
    if told(license) == before and not parts:
        return license
    return write(
        license,
        "license.updated",
        before=before,
        at=at,
        origin=origin,
        reason=reason,
        extra=parts,
    )


def _check(license: License, changes: Mapping[str, Any]) -> None:
    wrong: dict[str, str] = {}
    for name, value in changes.items():
        if name not in CHANGEABLE:
            wrong[name] = "Not changed this way."
            continue
        bounds = CHANGEABLE[name]
        if bounds and value is not None and not bounds[0] <= value <= bounds[1]:
            wrong[name] = f"Between {bounds[0]} and {bounds[1]}."
        blank = value is None or (name in _REQUIRED_WORDS and not value.strip())
        if blank and name not in _MAY_BE_EMPTY:
            wrong[name] = "Not empty."
        if name in _DATES and value is not None and not terms.in_calendar(value):
            wrong[name] = terms.BEYOND_CALENDAR
        if name in _CHOICES and value not in list(_CHOICES[name]):
            wrong[name] = f"One of {', '.join(_CHOICES[name])}."
    expiry = changes.get("expiry_date")
    if expiry is not None and license.license_type == LicenseType.PERPETUAL:
        wrong["expiry_date"] = "A perpetual licence does not expire."
    elif expiry is not None and "expiry_date" not in wrong and expiry <= license.issued_date:
        wrong["expiry_date"] = "Before the licence was issued."
    if wrong:
        raise invalid(**wrong)
    if "metadata" in changes:
        check_metadata(changes["metadata"])
