"""How every act begins and ends: lock and look, then write row, status and event together."""

import uuid
from datetime import datetime
from typing import Any

from events import trail
from events.refusals import Refusal
from events.trail import Origin
from licenses import states
from licenses.models import License
from licenses.services.forgetting import forget
from licenses.states import GRACE_PERIOD_ENDED, Act, Status

# Bookkeeping that no reader of the trail asks about, and secrets.
_UNTOLD = frozenset(
    {
        "id",
        "revision",
        "created_at",
        "updated_at",
        "key_ciphertext",
        "key_digest",
        "key_digest_version",
        "key_head",
        "current_activations",
        "tenant_since",
    }
)


def lock(license_id: uuid.UUID, *, at: datetime) -> License:
    """
    Return the licence, its row locked and its column caught up with the clock.

    What the clock did unnoticed is written first, so that the trail tells things in order.

    :raises LICENSE_NOT_FOUND: if there is none
    """
    license = License.objects.select_for_update().filter(pk=license_id).first()
    if license is None:
        raise Refusal("LICENSE_NOT_FOUND")
    if steps := states.steps_missed(license.status, license, at):
        for status, occurred_at in steps:
            _record_step(license, status, occurred_at=occurred_at, at=at)
        # Whoever locked may find nothing to write: told once, it is not told again by the sweep.
        license.save(update_fields=["status"])
    return license


def lock_for(act: Act, license_id: uuid.UUID, *, at: datetime) -> License:
    """
    Return the locked licence if the act is legal in its status at that instant.

    :raises LICENSE_NOT_FOUND: if there is none
    :raises ILLEGAL_STATUS_CHANGE: if the table of acts says no
    """
    license = lock(license_id, at=at)
    status = license.status_at(at)
    if code := states.refusal_of(act, status):
        raise Refusal(code, act=act.value, status=status.value)
    return license


def told(license: License) -> dict[str, Any]:
    """Return the fields whose change the trail tells, to compare after the act."""
    return {
        field.name: getattr(license, field.attname)
        for field in license._meta.concrete_fields
        if field.name not in _UNTOLD
    }


def told_at_issue(
    license: License, *, features: dict[str, Any], restrictions: list[str]
) -> dict[str, tuple[Any, Any]]:
    """
    Return all that a new licence is sold with, for the trail; what is empty goes unsaid.

    By it the trail can be retold, and a row that says something else is found.
    """
    terms = told(license) | {"features": features, "restrictions": restrictions}
    # As long as a document may be, and no right of anybody's.
    del terms["metadata"]
    return {name: (None, value) for name, value in terms.items() if not is_empty(value)}


def is_empty(value: Any) -> bool:
    """Return whether the trail leaves a value of a new licence unsaid."""
    return value in (None, "", 0, False) or value in ({}, [])


def write(
    license: License,
    event: str,
    *,
    before: dict[str, Any],
    at: datetime,
    origin: Origin,
    reason: str = "",
    extra: trail.Changes | None = None,
) -> License:
    """
    Write a changed licence down: status by the clock, next revision, one event, no stale copy.

    The status is never chosen by an act; it follows from what the act changed.
    """
    license.status = license.status_at(at).value
    license.revision += 1
    license.updated_at = at
    license.save()
    after = told(license)
    changes = {name: (before[name], after[name]) for name in after if before[name] != after[name]}
    trail.record(
        event,
        at=at,
        origin=origin,
        tenant_id=license.tenant_id,
        customer_id=license.customer_id,
        license_id=license.pk,
        changes=changes | dict(extra or {}),
        reason=reason,
    )
    forget(license)
    return license


def step_told(
    license: License, before: str, status: Status, *, occurred_at: datetime, at: datetime
) -> dict[str, Any]:
    """Return what the trail is told of one step that the clock took by itself."""
    expired = status == Status.EXPIRED
    return {
        "event_type": "license.expired" if expired else "license.suspended",
        "at": at,
        "occurred_at": occurred_at,
        "origin": trail.SYSTEM,
        "tenant_id": license.tenant_id,
        "customer_id": license.customer_id,
        "license_id": license.pk,
        "changes": {"status": (before, status.value)},
        "reason": "" if expired else GRACE_PERIOD_ENDED,
    }


def _record_step(license: License, status: Status, *, occurred_at: datetime, at: datetime) -> None:
    before, license.status = license.status, status.value
    trail.record(**step_told(license, before, status, occurred_at=occurred_at, at=at))
