"""What a device used without a network: a chain of days, of which only what is new is counted."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import msgspec
from django.db import transaction

from events import trail
from events.refusals import Refusal
from events.trail import Origin
from licenses.models import OfflineDevice
from licenses.services import reports
from licenses.services.lifecycle.writing import lock
from licenses.services.offline import alerts
from licenses.services.offline.signed_by import believed
from licenses.signing import Distrusted, Kind
from licenses.signing.chains import head_after, head_of
from licenses.signing.compact import exactly

FORKED = "activation.usage_forked"
# As many days as fit into a document; each entry is a line of text.
_MOST_ENTRIES = 1_000


@dataclass(frozen=True, slots=True)
class TakenBundle:
    """How many entries were new, and how many of the device's are in the books."""

    accepted: int
    entries: int


class Chain(msgspec.Struct, frozen=True):
    """A stretch of a device's chain: the entries after the first `start`, which end in `head`."""

    entries: list[str]
    # The hash before the first of them, and after the last: base64url.
    prev: str
    head: str
    start: int = 0


class _Entry(msgspec.Struct, frozen=True):
    """What was used on a day."""

    day: date
    usage: dict[str, float]


def accept_bundle(*, text: str, at: datetime, origin: Origin) -> TakenBundle:
    """
    Count what a device used since its last bundle; what is counted already counts no more.

    A chain that goes another way than the one in the books is a copied or a restored device. It is
    refused, told and flagged, and yet what it has more than the books is counted: the longest is
    billed.

    :raises DOCUMENT_INVALID: if it is no bundle, its hashes are wrong, or another key signed it
    :raises VALIDATION_ERROR: naming the entry that cannot be
    :raises USAGE_INCOMPLETE: if entries before it never came; `expected` says from which on
    :raises USAGE_FORKED: if the chain was told otherwise before
    """
    taken = _taken(text, at=at, origin=origin)
    if taken is None:
        # Outside: what was written about it stands.
        raise Refusal("USAGE_FORKED")
    return taken


@transaction.atomic
def _taken(text: str, *, at: datetime, origin: Origin) -> TakenBundle | None:
    found, claims = believed(text, Kind.USAGE_BUNDLE)
    chain = _checked(claims, str(found.pk))
    # The licence's row first, as everywhere: of two bundles the second sees what the first left.
    lock(found.activation.license_id, at=at)
    device = OfflineDevice.objects.filter(pk=found.pk, public_key=found.public_key).first()
    if device is None:
        # Another key took its place in this moment, and with it another chain.
        raise Refusal("DOCUMENT_INVALID", reason="KEY_UNKNOWN")
    known = device.usage_count - chain.start
    if known < 0:
        raise Refusal("USAGE_INCOMPLETE", expected=device.usage_count)
    new = [_entry(number, entry) for number, entry in enumerate(chain.entries[known:], known)]
    forked = len(chain.entries) < known or not _goes_on(device, chain, known)
    for entry in new:
        reports.add(found.activation.license_id, _in_reach(entry.day, at), entry.usage)
    before = device.usage_count
    if new:
        device.usage_count += len(new)
        device.usage_head = exactly(chain.head)
    if forked:
        device.usage_forks += 1
        _tell(found, chain, before, billed=len(new), at=at, origin=origin)
    device.save(update_fields=["usage_count", "usage_head", "usage_forks"])
    return None if forked else TakenBundle(len(new), device.usage_count)


def _checked(claims: dict[str, object], device: str) -> Chain:
    """Return a chain whose hashes are right, from the beginning where it begins there."""
    try:
        chain = msgspec.convert(claims, Chain)
        prev, head = exactly(chain.prev), exactly(chain.head)
    except (msgspec.ValidationError, Distrusted):
        raise Refusal("DOCUMENT_INVALID", reason="MALFORMED") from None
    if not 0 <= chain.start < 2**53 or len(chain.entries) > _MOST_ENTRIES:
        raise Refusal("DOCUMENT_INVALID", reason="MALFORMED")
    begins = chain.start > 0 or prev == head_of(device)
    try:
        ends = head_after(prev, chain.entries)
    except UnicodeError:
        raise Refusal("DOCUMENT_INVALID", reason="MALFORMED") from None
    if not begins or ends != head:
        raise Refusal("DOCUMENT_INVALID", reason="CHAIN_BROKEN")
    return chain


def _goes_on(device: OfflineDevice, chain: Chain, known: int) -> bool:
    """Return whether a chain has come by where the books end."""
    if not device.usage_count:
        return True
    return head_after(exactly(chain.prev), chain.entries[:known]) == bytes(device.usage_head)


def _entry(number: int, text: str) -> _Entry:
    try:
        entry = msgspec.json.decode(text, type=_Entry)
    except (msgspec.MsgspecError, UnicodeError):
        raise Refusal("DOCUMENT_INVALID", reason="MALFORMED", entry=number) from None
    # A day without use is a day; refused, it would bar all that follow it.
    return _Entry(entry.day, reports.read_numbers(entry.usage) if entry.usage else {})


def _in_reach(day: date, at: datetime) -> date:
    """
    Return the day, or the nearest that reports are kept for.

    A chain cannot be mended: a clock that was wrong one day must not lose all that follows.
    """
    today = at.astimezone(UTC).date()
    return min(max(day, today - reports.OLDEST), today + timedelta(days=1))


def _tell(
    device: OfflineDevice, chain: Chain, before: int, *, billed: int, at: datetime, origin: Origin
) -> None:
    license, after = device.activation.license, chain.start + len(chain.entries)
    trail.record(
        FORKED,
        at=at,
        origin=origin,
        tenant_id=license.tenant_id,
        customer_id=license.customer_id,
        license_id=license.pk,
        activation_id=device.pk,
        changes={
            "entries": (before, after),
            "counted": (None, billed),
        },
        reason="FORKED" if after >= before else "ROLLED_BACK",
    )
    alerts.tell_staff(license.pk, device.pk, alerts.FORKED, at=at)
