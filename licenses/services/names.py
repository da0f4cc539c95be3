"""Names on the seats of a locked named-user licence: given, taken away, an event each."""

import unicodedata
from datetime import datetime
from decimal import Decimal

from events import trail
from events.refusals import Refusal, invalid
from events.trail import Origin
from licenses import terms
from licenses.models import License, NamedUser
from licenses.models.named_user import MAX_IDENTITY
from licenses.services import seats
from licenses.services.forgetting import forget

UNASSIGNED = "USER_UNASSIGNED"


def folded(identity: str) -> str:
    """
    Return a name in the one form in which names are kept and compared.

    :raises USER_IDENTITY_REQUIRED: if there is none
    :raises VALIDATION_ERROR: if it is too long, or holds what nobody can see
    """
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", identity).casefold())
    folded = folded.strip()
    if not folded:
        raise Refusal("USER_IDENTITY_REQUIRED")
    if len(folded) > MAX_IDENTITY:
        raise invalid(user_identity=f"At most {MAX_IDENTITY} characters.")
    if any(unicodedata.category(symbol) in ("Cc", "Cs") for symbol in folded):
        raise invalid(user_identity="It holds what is no character of a name.")
    return folded


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
    license.current_activations += 1
    license.save(update_fields=["current_activations"])
    _record("named_user.assigned", license, named, at=at, origin=origin, reason=reason)
    _tell_share(license, at=at, origin=origin)
    return named, True


def take_away(
    license: License, named: NamedUser, *, reason: str, at: datetime, origin: Origin
) -> None:
    """Sign a name's devices out and give its seat back; the licence's row is locked."""
    capacity = license.capacity
    was_over = capacity is not None and license.current_activations > capacity
    seats.release_all(license, of=named, reason=UNASSIGNED, at=at, origin=origin)
    named.unassigned_at, named.unassign_reason = at, reason[:500]
    named.save(update_fields=["unassigned_at", "unassign_reason"])
    _record("named_user.unassigned", license, named, at=at, origin=origin, reason=reason)
    license.current_activations -= 1
    # While over its limit the snapshot says so; the next reader must see when it ends.
    license.revision += was_over
    license.save(update_fields=["current_activations", "revision"])
    if was_over:
        forget(license)


def take_all_away(license: License, *, reason: str, at: datetime, origin: Origin) -> None:
    """Unassign every name of a locked licence; whoever calls signs out the devices and stores."""
    assigned = list(license.named_users.assigned().order_by("pk"))
    license.named_users.filter(pk__in=[named.pk for named in assigned]).update(
        unassigned_at=at, unassign_reason=reason
    )
    for named in assigned:
        _record("named_user.unassigned", license, named, at=at, origin=origin, reason=reason)
    license.current_activations -= len(assigned)


def _tell_share(license: License, *, at: datetime, origin: Origin) -> None:
    """Tell that a share of the seats was reached; about a licence, so it names no address."""
    if license.capacity is None:
        return
    after = license.current_activations
    sold = Decimal(license.max_activations)
    mark = terms.mark_reached(Decimal(after - 1), Decimal(after), sold)
    if mark is not None:
        trail.record(
            "license.seats_at",
            at=at,
            origin=Origin(origin.actor_kind, origin.actor_id, request_id=origin.request_id),
            tenant_id=license.tenant_id,
            customer_id=license.customer_id,
            license_id=license.pk,
            changes={"percent": (None, mark), "current_activations": (after - 1, after)},
        )


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
