"""A licence as its trail tells it: the last word on each of its fields, and what cannot be so."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from events import trail
from events.models import Event
from licenses.models import License
from licenses.services import entitlements, kept_restrictions
from licenses.services.erasing import ADDRESS, NOBODY
from licenses.services.lifecycle.writing import is_empty, told
from licenses.states import Status

ISSUED, REVOKED, TRANSFERRED = "license.issued", "license.revoked", "license.transferred"
# Told from the issue on by everybody who issues, so that what is empty goes unsaid.
_ALWAYS_TOLD = "product_version"
# The one may be too long to be told at issue; the other is the first device's to say.
_UNSAID = frozenset({"metadata", "activation_date"})


@dataclass(slots=True)
class Retold:
    """What a licence's events say of it, and where they contradict themselves."""

    fields: dict[str, Any] = field(default_factory=dict)
    # Whether its issue told everything, so that what it does not name was empty.
    complete: bool = False
    issued: int = 0
    revoked: bool = False
    # A key that came from another system, which alone can vouch for it.
    key_brought: bool = False
    # Fields of which an event says that they were something else than was told before.
    broken: set[str] = field(default_factory=set)
    # Whether anything moved the status after it was final.
    lifted: bool = False


def retold(license: License) -> Retold:
    """Return what the events of a licence say of it, read from the first to the last."""
    said = Retold()
    names = columns_of(license).keys()
    events = list(
        Event.objects.of_license(license.pk)
        .filter(type__startswith="license.")
        .order_by("sequence")
    )
    salts = trail.salts_of(events)
    for event in events:
        changes = trail.unsealed(event, salts)["changes"]
        _read(said, event.type, changes, names)
    return said


def columns_of(license: License) -> dict[str, Any]:
    """Return what the row says now, in the words of the trail."""
    row = {name: trail.plain(value) for name, value in told(license).items()}
    return row | {
        "features": entitlements.told(license.entitlements.order_by("position", "id")),
        "restrictions": kept_restrictions.told(kept_restrictions.held_by(license)),
    }


def contradicted(said: Retold, license: License) -> list[str]:
    """Return the fields of the row that are something else than the trail tells."""
    row = columns_of(license)
    forgotten = license.customer is not None and license.customer.email == ADDRESS
    differing = []
    for name, value in row.items():
        if name == "issued_to" and value == NOBODY and forgotten:
            continue
        if name in said.fields:
            known = said.fields[name]
            # Of who was forgotten the trail has nothing left to say.
            if known not in (value, trail.FORGOTTEN):
                differing.append(name)
        elif said.complete and name not in _UNSAID and not is_empty(value):
            differing.append(name)
    return differing


def _read(said: Retold, kind: str, changes: Mapping[str, Any], names: Any) -> None:
    if kind == ISSUED:
        said.issued += 1
        said.complete = _ALWAYS_TOLD in changes
        said.key_brought = "key_brought" in changes
    elif kind == "license.key_reissued":
        said.key_brought = False
    if said.revoked and changes.get("status", {}).get("after", Status.REVOKED) != Status.REVOKED:
        said.lifted = True
    said.revoked = said.revoked or kind == REVOKED
    moves = kind == TRANSFERRED and "tenant" in changes
    for name in names & changes.keys():
        before, after = changes[name]["before"], changes[name]["after"]
        # Neither of two tenants is told of the other's holder.
        if not (moves and before is None) and _broken(said, name, before):
            said.broken.add(name)
        said.fields[name] = after
    if moves:
        # The old tenant's is told to nobody, and the new one has none.
        said.fields["reseller"] = None
        said.key_brought = False


def _broken(said: Retold, name: str, before: Any) -> bool:
    if name not in said.fields:
        return said.complete and name not in _UNSAID and not is_empty(before)
    known = said.fields[name]
    return trail.FORGOTTEN not in (before, known) and before != known
