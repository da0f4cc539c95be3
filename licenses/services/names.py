"""Names on the seats of a locked named-user licence: given, taken away, an event each."""

import unicodedata
from datetime import datetime

from events import trail
from events.refusals import Refusal, invalid
from events.trail import Origin
from licenses.models import License, NamedUser
from licenses.models.named_user import MAX_IDENTITY
from licenses.services import counting, seats

UNASSIGNED = "USER_UNASSIGNED"


def folded(identity: str) -> str:
    """
    Return a name in the one form in which names are kept and compared.

    :raises USER_IDENTITY_REQUIRED: if there is none
    :raises VALIDATION_ERROR: if it is too long, or holds what nobody can see
    """
    folded = spelt(identity)
    if not folded:
        raise Refusal("USER_IDENTITY_REQUIRED")
    if len(folded) > MAX_IDENTITY:
        raise invalid(user_identity=f"At most {MAX_IDENTITY} characters.")
    if any(unicodedata.category(symbol) in ("Cc", "Cs") for symbol in folded):
        raise invalid(user_identity="It holds what is no character of a name.")
    return folded


def spelt(identity: str) -> str:
    """Return what somebody typed as a name would be spelt, were it one: to look for it."""
    composed = unicodedata.normalize("NFC", identity).casefold()
    return unicodedata.normalize("NFC", composed).strip()


def give(
    license: License, identity: str, *, at: datetime, origin: Origin, reason: str = ""
) -> tuple[NamedUser, bool]:
    """
    Return who has that name, folded, and whether the name is new; a new one takes a seat.

    :raises ACTIVATION_LIMIT_EXCEEDED: if every seat has a name
    """
    held = license.named_users.assigned().filter(identity=identity).first()
    if held is not None:
        return held, False
    capacity = license.capacity
    if capacity is not None and license.current_activations >= capacity:
        raise Refusal(
            "ACTIVATION_LIMIT_EXCEEDED",
            current_activations=license.current_activations,
            max_activations=license.max_activations,
        )
    named = license.named_users.create(identity=identity, assigned_at=at)
    _record("named_user.assigned", license, named, at=at, origin=origin, reason=reason)
    counting.move(license, 1, at=at, origin=origin)
    return named, True


def take_away(
    license: License, named: NamedUser, *, reason: str, at: datetime, origin: Origin
) -> None:
    """Sign a name's devices out and give its seat back; the licence's row is locked."""
    seats.release_all(license, of=named, reason=UNASSIGNED, at=at, origin=origin)
    named.unassigned_at, named.unassign_reason = at, reason[:500]
    named.save(update_fields=["unassigned_at", "unassign_reason"])
    _record("named_user.unassigned", license, named, at=at, origin=origin, reason=reason)
    counting.move(license, -1, at=at, origin=origin)


def take_all_away(license: License, *, reason: str, at: datetime, origin: Origin) -> None:
    """Unassign every name of a locked licence; whoever calls signs out the devices and stores."""
    assigned = list(license.named_users.assigned().order_by("pk"))
    license.named_users.filter(pk__in=[named.pk for named in assigned]).update(
        unassigned_at=at, unassign_reason=reason
    )
    for named in assigned:
        _record("named_user.unassigned", license, named, at=at, origin=origin, reason=reason)
    license.current_activations -= len(assigned)


def _record(
    event: str, license: License, named: NamedUser, *, at: datetime, origin: Origin, reason: str
) -> None:
    pair = (None, named.identity) if event.endswith(".assigned") else (named.identity, None)
    trail.record(
        event,
        at=at,
        origin=origin,
        tenant_id=license.tenant_id,
        customer_id=license.customer_id,
        license_id=license.pk,
        changes={"user_identity": pair, "named_user_id": (None, named.pk)},
        reason=reason,
    )
