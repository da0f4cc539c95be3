"""How a device call gets in: its limits spent and its licence found, in one trip when warm."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec
from django.conf import settings
from django.db import connection

from events import vault
from events.refusals import Refusal
from licenses import hot, keys, validation
from licenses.facts import version_mark
from licenses.hot.limits import Count, calls_of_license, limit_of
from licenses.hot.protocol import Document, Question, Reply
from licenses.restrictions import Whereabouts
from licenses.selectors import snapshots
from licenses.selectors.copies import (
    device_in,
    document_of,
    documents,
    license_in,
    release_in,
    seats_counted,
)
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


def by_token(
    digest: bytes, *, address: str, at: datetime, beat: bytes = b"", version: str = ""
) -> Entry:
    """
    Let in who holds a token, known or not; its heartbeat is kept if the store knows whose it is.

    `version` is what the device says it runs; else what it said last is looked up.

    :raises RATE_LIMITED: if the token or its licence called too often, or if the token is unknown
        and the address has guessed too often
    """
    reply = hot.store().ask(_question("t", digest, address, at, beat=beat, version=version))
    _check(reply.counts)
    license, device = license_in(reply.license), device_in(reply.device)
    if license and device and device.token_digest == digest:
        found = Snapshot(license, device, device.barred, device.barred_until, cached=True)
    elif loaded := snapshots.by_token(digest):
        found = _kept(loaded, reply, at)
    else:
        _charge(reply, address, at)
        return Entry(None, reply.counts, reply.beat_kept)
    if found.license.maintenance_expiry is not None:
        found = _with_release(found, version or found.runs, reply)
    return Entry(found, reply.counts, reply.beat_kept, reply.boot)


def keep(found: Snapshot, boot: bytes) -> None:
    """Keep what is known of a device now; a copy that knows less may only be too modest."""
    if boot and not connection.in_atomic_block:
        hot.store().put(documents(found)[1:], boot=boot)


def by_key(
    key: str,
    *,
    address: str,
    at: datetime,
    fingerprint: bytes = b"",
    device_needed: bool = True,
    version: str = "",
) -> Entry:
    """
    Let in who holds a key in canonical form, known or not.

    Without `device_needed` a copy of the licence is enough, and a device may hold a seat although
    `found` does not say so. `version` is looked up where maintenance decides on it.

    Who has used up a limit, or guessed too often a key that could be guessed, is still let in as
    a device that holds a seat: whoever names one knows more than others could flood or guess.

    :raises RATE_LIMITED: if the licence was called too often, or the key is unknown and the
        address has guessed too often
    """
    digest = vault.digest(KEY, key)
    reply = hot.store().ask(
        _question("k", digest, address, at, fingerprint=fingerprint, version=version)
    )
    device = device_in(reply.device)
    if device and not (device.live and device.fingerprint_digest == fingerprint):
        device = None
    if device:
        _check(reply.counts)
    barrier = None if device else _barrier(key, reply)
    if barrier and not fingerprint:
        raise barrier
    license = license_in(reply.license)
    enough = device or not fingerprint or not (device_needed or barrier)
    if license and enough and license.key_digest == digest:
        barred, until = (device.barred, device.barred_until) if device else (False, None)
        found = Snapshot(license, device, barred, until, cached=True)
        return Entry(_with_release(found, version, reply), reply.counts)
    loaded = snapshots.by_key(key, fingerprint=fingerprint or None)
    if barrier and (loaded is None or loaded.device is None):
        raise barrier
    if loaded is None:
        _charge(reply, address, at)
        return Entry(None, reply.counts)
    found = _kept(loaded, reply, at)
    return Entry(_with_release(found, version, reply), reply.counts)


def judged(
    found: Snapshot, asked: Asked, *, caller: Callable[[Snapshot], Whereabouts], at: datetime
) -> tuple[Snapshot, Verdict]:
    """
    Return the verdict; one that came from a copy and says no is confirmed by the row first.

    `caller` tells where the caller is, and is asked only where the licence is restricted.
    """
    verdict = _judged(found, asked, caller, at)
    if not verdict.valid and found.cached:
        found = snapshots.with_release(snapshots.reloaded(found), asked.product_version)
        verdict = _judged(found, asked, caller, at)
    return found, verdict


def _judged(
    found: Snapshot, asked: Asked, caller: Callable[[Snapshot], Whereabouts], at: datetime
) -> Verdict:
    if found.license.restrictions:
        asked = msgspec.structs.replace(asked, caller=caller(found))
    if found.release is not None:
        asked = msgspec.structs.replace(asked, released_at=found.release.released_at)
    return validation.judge(found.license, found.device, asked, at=at)


def _question(
    kind: str,
    digest: bytes,
    address: str,
    at: datetime,
    *,
    fingerprint: bytes = b"",
    beat: bytes = b"",
    version: str = "",
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
        version=version_mark(version),
    )


def _barrier(key: str, reply: Reply) -> Refusal | None:
    """Return what stops a caller of whom no more is known than the key it sent."""
    if reply.blocked_for and keys.recognise(key) is None:
        # A key of another system may be short, and a right guess must not tell itself from a wrong
        # one. Keys made here have 80 random bits or more: who sends a right one has not guessed it.
        return _too_often(reply.blocked_for)
    for count in reply.counts:
        if count.exceeded:
            return _too_often(count.resets_in, limit=count.limit)
    return None


def _charge(reply: Reply, address: str, at: datetime) -> None:
    """Charge a guess, after the database knew nothing of it either."""
    if reply.blocked_for:
        raise _too_often(reply.blocked_for)
    if limit := limit_of(settings.RATE_LIMIT_FAILURES):
        hot.store().fail(address, limit, now=at.timestamp())


def _kept(loaded: Snapshot, reply: Reply, at: datetime) -> Snapshot:
    """Spend the limit of what the database knew, and keep a copy of it."""
    license = loaded.license
    base = limit_of(settings.RATE_LIMIT_LICENSE)
    # A store that gave a copy has spent the licence's limit already.
    if base and not reply.license:
        limit = base._replace(calls=calls_of_license(base.calls, seats_counted(license)))
        # As in door.lua: a key alone spends a limit of its own.
        whose = "k" if loaded.device is None else "l"
        spent = hot.store().hit(f"{whose}:{license.id}", limit, now=at.timestamp())
        reply.counts[:] = [*(one for one in reply.counts if not one.exceeded), spent]
        _check([spent])
    _keep(documents(loaded), reply)
    return loaded


def _with_release(found: Snapshot, version: str, reply: Reply) -> Snapshot:
    """Return the snapshot with the version asked about, where maintenance decides on it."""
    if not version or found.license.maintenance_expiry is None:
        return found
    # Beside what the database told stands nothing that still needs to be confirmed.
    kept = release_in(reply.release) if found.cached else None
    if kept and (kept.product_id, kept.version) == (found.license.product_id, version):
        return found._replace(release=kept)
    found = snapshots.with_release(found, version)
    if release := found.release:
        _keep([document_of(release)], reply)
    return found


def _keep(kept: list[Document], reply: Reply) -> None:
    # What a transaction has read may never be committed.
    if reply.boot and not connection.in_atomic_block:
        hot.store().put(kept, boot=reply.boot)


def _check(counts: Sequence[Count]) -> None:
    for count in counts:
        if count.exceeded:
            raise _too_often(count.resets_in, limit=count.limit)


def _too_often(seconds: float, **details: int) -> Refusal:
    return Refusal("RATE_LIMITED", retry_after=max(1, math.ceil(seconds)), **details)
