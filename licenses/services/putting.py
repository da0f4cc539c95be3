"""One licence written as its caller holds it: terms and status together, or neither."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from events.refusals import Refusal, invalid
from events.trail import Origin
from licenses import states
from licenses.models import License
from licenses.services import lifecycle
from licenses.services.changing import change_license
from licenses.services.entitlements import FeatureGrant
from licenses.services.kept_restrictions import Rows
from licenses.services.lifecycle.writing import lock
from licenses.states import Status

Move = Callable[..., License]

# From what it is to what it should be. Everything else is no move of anybody's choosing.
_MOVES: dict[tuple[Status, Status], Move] = {
    (Status.PENDING, Status.ACTIVE): lifecycle.approve_license,
    (Status.INACTIVE, Status.ACTIVE): lifecycle.unpark_license,
    (Status.SUSPENDED, Status.ACTIVE): lifecycle.reinstate_license,
    (Status.ACTIVE, Status.INACTIVE): lifecycle.park_license,
} | {
    (status, target): act
    for target, act in (
        (Status.SUSPENDED, lifecycle.suspend_license),
        (Status.REVOKED, lifecycle.revoke_license),
    )
    for status in Status
}
# Settled when it was sold: another customer is a transfer, another type an upgrade.
FIXED = ("customer_id", "reseller_id", "product_id", "license_type", "license_model")


@transaction.atomic
def put_license(
    *,
    license_id: uuid.UUID,
    changes: Mapping[str, Any],
    fixed: Mapping[str, str | None],
    at: datetime,
    origin: Origin,
    features: Sequence[FeatureGrant] | None = None,
    restrictions: Rows | None = None,
    shorthands: Mapping[str, str | None] | None = None,
    status: str | None = None,
    expected_revision: int | None = None,
    reason: str = "",
    may_override: bool = False,
) -> License:
    """
    Change terms and, where another status is asked for, run the act that leads there.

    `fixed` holds what the caller believes of what never changes this way.

    :raises LICENSE_NOT_FOUND: there is none
    :raises STALE_REVISION: it has another revision than the caller saw
    :raises ILLEGAL_STATUS_CHANGE: no act leads there, or none is legal now
    :raises VALIDATION_ERROR: a value is impossible, or something fixed differs
    """
    license = lock(license_id, at=at)
    if expected_revision is not None and expected_revision != license.revision:
        raise Refusal("STALE_REVISION", revision=license.revision)
    _agree(license, fixed)
    held = license.status_at(at)
    reason = reason.strip() or f"updated by {_named(origin)}"
    if changes or features is not None or restrictions is not None or shorthands:
        license = change_license(
            license_id=license_id,
            changes=changes,
            features=features,
            restrictions=restrictions,
            shorthands=shorthands,
            at=at,
            origin=origin,
            reason=reason,
            may_override=may_override,
        )
    now = license.status_at(at)
    if status is None or status in (held, now):
        return license
    move = _MOVES.get((now, Status(status)))
    if move is None:
        raise Refusal(states.ILLEGAL, status=now.value, wanted=status)
    return move(license_id=license_id, reason=reason, at=at, origin=origin)


def _agree(license: License, fixed: Mapping[str, str | None]) -> None:
    held = {
        "customer_id": license.customer_id and str(license.customer_id),
        "reseller_id": license.reseller_id and str(license.reseller_id),
        "product_id": license.product.product_id,
        "license_type": license.license_type,
        "license_model": license.license_model,
    }
    if wrong := [name for name, value in fixed.items() if held[name] != (value or None)]:
        raise invalid(**dict.fromkeys(wrong, "Transfer or upgrade the licence instead."))


def _named(origin: Origin) -> str:
    """Return who it was without a person's address, which a reason would keep in clear."""
    return origin.actor_label if origin.actor_kind == "api_key" else origin.actor_kind
