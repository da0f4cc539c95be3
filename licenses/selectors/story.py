"""A licence's story: the events of its trail as sentences, newest first."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from events import trail
from events.models import Event, EventQuerySet
from licenses.models import Activation
from licenses.selectors.reasons import REASONS, TOLD_TO_CUSTOMERS
from licenses.terms import ActivationType

SENTENCES: dict[str, Any] = {
    "license.issued": _("Issued"),
    "license.updated": _("Terms changed"),
    "license.activated": _("Began to run"),
    "license.renewed": _("Renewed"),
    "license.suspended": _("Suspended"),
    "license.reinstated": _("Suspension lifted"),
    "license.parked": _("Parked"),
    "license.unparked": _("In use again"),
    "license.expired": _("Expired"),
    "license.revoked": _("Revoked"),
    "license.transferred": _("Transferred"),
    "license.emergency_code_issued": _("Emergency code made"),
    "license.emergency_code_locked": _("Emergency code locked: too many wrong ones were typed"),
    "license.key_revealed": _("Key shown"),
    "license.delivered": _("Delivery by e-mail"),
    "license.key_reissued": _("New key issued, the old one stopped"),
    "license.seats_at": _("Seats are running out"),
    "usage.at": _("A quota is running out"),
    "license.trial_extended": _("Trial extended"),
    "license.converted": _("Became a paid licence"),
    "named_user.assigned": _("Name assigned"),
    "named_user.unassigned": _("Name unassigned"),
    "activation.created": _("Activated"),
    "activation.deactivated": _("Freed"),
    "activation.updated": _("Holds its seats otherwise"),
    "activation.borrowed": _("Borrowed"),
    "license.file_issued": _("Licence file made"),
    "activation.clone_suspected": _("Two machines may share one device's place"),
    "activation.usage_forked": _("A device's record of use was told in two ways"),
    "activation.lease_expired": _("Lease ran out"),
    "activation.silent": _("Not heard of any more"),
    "activation.refused": _("Activation refused"),
}
# Landmarks of a licence's life, and what somebody ought to look at.
_BIG = frozenset(
    {
        "license.issued",
        "license.activated",
        "license.renewed",
        "license.reinstated",
        "license.converted",
    }
)
_GRAVE = frozenset(
    {
        "license.suspended",
        "license.expired",
        "license.revoked",
        "license.emergency_code_locked",
        "activation.refused",
        "activation.clone_suspected",
        "activation.usage_forked",
    }
)


@dataclass(frozen=True, slots=True)
class Line:
    """One event as people read it."""

    event: Event
    text: Any
    # The device or the named user that it befell.
    about: str
    actor: str

    @property
    def at(self) -> datetime:
        return self.event.occurred_at

    @property
    def by_vendor(self) -> bool:
        """Whether the vendor's staff did it, who go unnamed on customers' pages."""
        return self.event.actor_kind == "staff"

    @property
    def by_person(self) -> bool:
        return self.event.actor_kind in ("member", "api_key")

    @property
    def reason(self) -> Any:
        """Why, in words where the reason is the code of a rule."""
        return REASONS.get(self.event.reason, self.event.reason)

    @property
    def code(self) -> str:
        """The code behind the reason's words, for whoever looks it up."""
        return self.event.reason if self.event.reason in REASONS else ""

    @property
    def told(self) -> Any:
        """The reason as far as customers read it: what rules say, and what staff tell them."""
        return self.reason if self.code or self.event.type in TOLD_TO_CUSTOMERS else ""

    @property
    def weight(self) -> str:
        if self.event.type in _GRAVE:
            return "warn"
        return "big" if self.event.type in _BIG else ""


def story(events: EventQuerySet, *, limit: int) -> list[Line]:
    """Return the newest of these events as lines: three queries, however many they are."""
    # What a job wrote down late stands where it happened.
    rows = sorted(
        events.newest_first()[:limit],
        key=lambda row: (row.occurred_at, row.sequence),
        reverse=True,
    )
    salts = trail.salts_of(rows)
    devices = _devices({row.activation_id for row in rows if row.activation_id})
    opened = [(row, trail.unsealed(row, salts)) for row in rows]
    return [
        Line(
            event=row,
            text=_text(row),
            about=devices.get(row.activation_id, "") if row.activation_id else _name_in(clear),
            actor=clear["actor_label"],
        )
        for row, clear in opened
    ]


def _name_in(clear: dict[str, Any]) -> str:
    """Return the named user that an event is about, if it is about one and is not forgotten."""
    sides = clear["changes"].get("user_identity", {})
    return sides.get("after") or sides.get("before") or ""


def _text(row: Event) -> Any:
    """Say what happened; where a device holds more or less than before, how much."""
    units = row.changes.get("units", {})
    if "emergency_until" in row.changes:
        return _("Let in by an emergency code")
    if row.type == "activation.created" and "valid_until" in row.changes:
        return _("Activated without a network")
    if (turned := row.changes.get("activation_type")) and row.type == "activation.updated":
        offline = turned["after"] == ActivationType.OFFLINE
        return _("Does without a network now") if offline else _("Has a network again")
    if row.type != "activation.updated" or not units:
        return SENTENCES.get(row.type, row.type)
    if not units["before"]:
        return _("Took its seat again")
    return _("Holds %(after)s instead of %(before)s") % units


def _devices(ids: set[uuid.UUID]) -> dict[uuid.UUID, str]:
    return {row.pk: str(row) for row in Activation.objects.filter(pk__in=ids)}
