"""How a device call gets in: its limits spent and its licence found, in one trip when warm."""

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec
from django.conf import settings
from django.db import connection

from events import vault
from events.refusals import Refusal
from licenses import hot, validation
from licenses.facts import DeviceFacts, FeatureFacts, LicenseFacts
from licenses.hot.limits import Count, calls_of_license, limit_of
from licenses.hot.protocol import Document, Question, Reply
from licenses.restrictions import RestrictionFacts, Whereabouts
from licenses.selectors import snapshots
from licenses.selectors.snapshots import KEY, Snapshot
from licenses.validation import Asked, Verdict


@dataclass(slots=True)
class Entry:
    """A call that got in: what its credential stands for, and what is left of its limits."""

    found: Snapshot | None
    counts: list[Count] = field(default_factory=list)
    beat_kept: bool = False
    # As the store had it when it was asked: what is known by then may be kept under it.
    boot: bytes = b""


def by_token(digest: bytes, *, address: str, at: datetime, beat: bytes = b"") -> Entry:
    """
    Let in who holds a token, known or not; its heartbeat is kept if the store knows whose it is.

    :raises RATE_LIMITED: if the token or its licence called too often, or if the token is unknown
        and the address has guessed too often
    """
    reply = hot.store().ask(_question("t", digest, address, at, beat=beat))
    _check(reply.counts)
    license, device = _license(reply.license), _device(reply.device)
    if license and device and device.token_digest == digest:
        found = Snapshot(license, device, device.barred, device.barred_until, cached=True)
        return Entry(found, reply.counts, reply.beat_kept, reply.boot)
    loaded = snapshots.by_token(digest)
    _keep_or_charge(loaded, reply, address, at)
    return Entry(loaded, reply.counts, reply.beat_kept, reply.boot)


def keep(found: Snapshot, boot: bytes) -> None:
    """Keep what is known of a device now; a copy that knows less may only be too modest."""
    if boot and not connection.in_atomic_block:
        hot.store().put(_documents(found)[1:], boot=boot)


def by_key(
    key: str,
    *,
    address: str,
    at: datetime,
    fingerprint: bytes = b"",
    device_needed: bool = True,
) -> Entry:
    """
    Let in who holds a key in canonical form, known or not.

    Without `device_needed` a copy of the licence is enough, and a device may hold a seat although
    `found` does not say so.

    :raises RATE_LIMITED: if the licence called too often, or the address guessed too often: a
        right guess would otherwise tell itself from a wrong one
    """
    digest = vault.digest(KEY, key)
    reply = hot.store().ask(_question("k", digest, address, at, fingerprint=fingerprint))
    if reply.blocked_for:
        raise _too_often(reply.blocked_for)
    _check(reply.counts)
    license, device = _license(reply.license), _device(reply.device)
    if license:
        if device and not (device.live and device.fingerprint_digest == fingerprint):
            device = None
        enough = device or not fingerprint or not device_needed
        if enough and license.key_digest == digest:
            barred, until = (device.barred, device.barred_until) if device else (False, None)
            return Entry(Snapshot(license, device, barred, until, cached=True), reply.counts)
    loaded = snapshots.by_key(key, fingerprint=fingerprint or None)
    _keep_or_charge(loaded, reply, address, at)
    return Entry(loaded, reply.counts)


def judged(
    found: Snapshot, asked: Asked, *, caller: Callable[[Snapshot], Whereabouts], at: datetime
) -> tuple[Snapshot, Verdict]:
    """
    Return the verdict; one that came from a copy and says no is confirmed by the row first.

    `caller` tells where the caller is, and is asked only where the licence is restricted.
    """
    verdict = _judged(found, asked, caller, at)
    if not verdict.valid and found.cached:
        found = snapshots.reloaded(found)
        verdict = _judged(found, asked, caller, at)
    return found, verdict


def _judged(
    found: Snapshot, asked: Asked, caller: Callable[[Snapshot], Whereabouts], at: datetime
) -> Verdict:
    if found.license.restrictions:
        asked = msgspec.structs.replace(asked, caller=caller(found))
    return validation.judge(found.license, found.device, asked, at=at)


def _question(
    kind: str,
    digest: bytes,
    address: str,
    at: datetime,
    *,
    fingerprint: bytes = b"",
    beat: bytes = b"",
) -> Question:
    return Question(
        kind=kind,
        digest=digest,
        address=address,
        now=at.timestamp(),
        token=limit_of(settings.RATE_LIMIT_TOKEN),
        license=limit_of(settings.RATE_LIMIT_LICENSE),
        fingerprint=fingerprint,
        beat=beat,
    )


def _keep_or_charge(loaded: Snapshot | None, reply: Reply, address: str, at: datetime) -> None:
    """Go on after the database was asked: charge a guess, or spend and keep what was found."""
    now = at.timestamp()
    if loaded is None:
        if reply.blocked_for:
            raise _too_often(reply.blocked_for)
        if limit := limit_of(settings.RATE_LIMIT_FAILURES):
            hot.store().fail(address, limit, now=now)
        return
    license = loaded.license
    base = limit_of(settings.RATE_LIMIT_LICENSE)
    # A store that gave a copy has spent the licence's limit already.
    if base and not reply.license:
        limit = base._replace(calls=calls_of_license(base.calls, _seats(license)))
        reply.counts.append(hot.store().hit(f"l:{license.id}", limit, now=now))
        _check(reply.counts)
    # What a transaction has read may never be committed.
    if reply.boot and not connection.in_atomic_block:
        hot.store().put(_documents(loaded), boot=reply.boot)


def _documents(found: Snapshot) -> list[Document]:
    license, device = found.license, found.device
    seats = _seats(license)
    documents = [
        Document(
            f"l:{license.id}",
            license.revision,
            _encode(license),
            seats=-1 if seats is None else seats,
            found_by=((f"k:{license.key_digest.hex()}", str(license.id)),),
        )
    ]
    if device is not None:
        fingerprint = device.fingerprint_digest.hex()
        documents.append(
            Document(
                f"a:{device.id}",
                device.revision,
                _encode(device),
                found_by=(
                    (f"t:{device.token_digest.hex()}", f"{license.id}:{device.id}"),
                    (f"d:{license.id}:{fingerprint}", str(device.id)),
                ),
            )
        )
    return documents


def _seats(license: LicenseFacts) -> int | None:
    return None if license.capacity is None else license.max_activations


def _check(counts: Sequence[Count]) -> None:
    for count in counts:
        if count.exceeded:
            raise _too_often(count.resets_in, limit=count.limit)


def _too_often(seconds: float, **details: int) -> Refusal:
    return Refusal("RATE_LIMITED", retry_after=max(1, math.ceil(seconds)), **details)


def _shape() -> bytes:
    """Return the mark of what facts consist of today: another release's copies are not read."""
    kinds = (LicenseFacts, FeatureFacts, RestrictionFacts, DeviceFacts)
    fields = [
        (field.name, str(field.type)) for kind in kinds for field in msgspec.structs.fields(kind)
    ]
    return hashlib.sha256(repr(fields).encode()).digest()[:8]


_SHAPE = _shape()
_packed = msgspec.msgpack.Encoder().encode
_unpacked_license = msgspec.msgpack.Decoder(LicenseFacts).decode
_unpacked_device = msgspec.msgpack.Decoder(DeviceFacts).decode


def _encode(facts: LicenseFacts | DeviceFacts) -> bytes:
    return _SHAPE + _packed(facts)


def _license(body: bytes | None) -> LicenseFacts | None:
    return _unpacked_license(body[8:]) if body and body.startswith(_SHAPE) else None


def _device(body: bytes | None) -> DeviceFacts | None:
    return _unpacked_device(body[8:]) if body and body.startswith(_SHAPE) else None
