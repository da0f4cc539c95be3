"""Barring devices: the bar first, so that no seat is taken after it, then their seats back."""

import uuid
from datetime import datetime
from functools import partial
from typing import NamedTuple

from django.db import transaction

from events import trail, vault
from events.refusals import Refusal, invalid
from events.trail import Origin
from licenses import statements
from licenses.models import Activation, BlacklistedDevice, Product
from licenses.restrictions.matching import hint
from licenses.selectors.snapshots import FINGERPRINT
from licenses.services import barred, reasons
from licenses.services.claims import check_fingerprint

# Seats are taken under a lock that this one waits for; reads of the table go on.
_NO_SEAT_MEANWHILE = "LOCK TABLE licenses_blacklisteddevice IN EXCLUSIVE MODE"


class _Device(NamedTuple):
    """A device as it is known here: its digest now, and its end as people see it."""

    digest: bytes
    hint: str


def blacklist_device(
    *,
    fingerprint: str,
    reason: str,
    expires_at: datetime | None = None,
    tenant_id: uuid.UUID | None = None,
    product: Product | None = None,
    at: datetime,
    origin: Origin,
) -> BlacklistedDevice:
    """
    Bar a device from a tenant's licences, from a product's, or from all; its seats are given back.

    Once more it changes reason and end. When it has returned and its transaction is over, no seat
    is taken any more; those that it holds are signed out at once, and what is left then by a job.

    :raises INVALID_FINGERPRINT: if the fingerprint would bar many devices
    :raises VALIDATION_ERROR: if no reason is given, or the end does not lie ahead
    """
    check_fingerprint(fingerprint)
    device = _Device(vault.digest(FINGERPRINT, fingerprint), hint(fingerprint))
    return _bar(
        device,
        reason=reason,
        expires_at=expires_at,
        tenant_id=tenant_id,
        product=product,
        at=at,
        origin=origin,
    )


def blacklist_device_of(
    *,
    activation_id: uuid.UUID,
    reason: str,
    expires_at: datetime | None = None,
    tenant_id: uuid.UUID | None = None,
    product: Product | None = None,
    at: datetime,
    origin: Origin,
) -> BlacklistedDevice:
    """
    Bar the device of an activation, live or not; the rest as `blacklist_device`.

    :raises ACTIVATION_NOT_FOUND: if there is none
    :raises VALIDATION_ERROR: if no reason is given, or the end does not lie ahead
    """
    held = Activation.objects.filter(pk=activation_id).first()
    if held is None:
        raise Refusal("ACTIVATION_NOT_FOUND")
    return _bar(
        _Device(bytes(held.fingerprint_digest), held.fingerprint_hint),
        reason=reason,
        expires_at=expires_at,
        tenant_id=tenant_id,
        product=product,
        at=at,
        origin=origin,
    )


@transaction.atomic
def unblacklist_device(
    *,
    fingerprint: str,
    reason: str,
    tenant_id: uuid.UUID | None = None,
    product: Product | None = None,
    at: datetime,
    origin: Origin,
) -> int:
    """
    Lift what bars a device from a tenant's licences, or for the whole vendor; return how many did.

    With a product only the bar from that product is lifted. Other tenants' bars stay, and so does
    the vendor's own where a tenant is named. The device gets no seat back, but may take one.

    :raises INVALID_FINGERPRINT: if the fingerprint names no device
    :raises VALIDATION_ERROR: if no reason is given
    """
    check_fingerprint(fingerprint)
    reasons.demand(reason)
    digests = vault.digests(FINGERPRINT, fingerprint)
    rows = BlacklistedDevice.objects.named_by(tenant_id).filter(fingerprint_digest__in=digests)
    if product is not None:
        rows = rows.filter(product=product)
    bars = list(rows.select_for_update(of=("self",)).with_names().order_by("pk"))
    for bar in bars:
        _lift(bar, reason=reason, at=at, origin=origin)
    return len(bars)


@transaction.atomic
def lift_bar(*, bar_id: uuid.UUID, reason: str, at: datetime, origin: Origin) -> None:
    """
    Lift one bar; one that was lifted meanwhile is lifted.

    :raises VALIDATION_ERROR: if no reason is given
    """
    reasons.demand(reason)
    rows = BlacklistedDevice.objects.select_for_update(of=("self",)).with_names()
    if bar := rows.filter(pk=bar_id).first():
        _lift(bar, reason=reason, at=at, origin=origin)


@transaction.atomic
def _bar(
    device: _Device,
    *,
    reason: str,
    expires_at: datetime | None,
    tenant_id: uuid.UUID | None,
    product: Product | None,
    at: datetime,
    origin: Origin,
) -> BlacklistedDevice:
    reasons.demand(reason)
    if expires_at is not None and expires_at <= at:
        raise invalid(expires_at="It has to lie ahead.")
    if statements.on_postgresql():
        # Whoever is taking a seat is through by now; who comes later waits, and sees the bar.
        statements.run(_NO_SEAT_MEANWHILE, {})
    rows = BlacklistedDevice.objects.named_by(tenant_id)
    bar = rows.filter(fingerprint_digest=device.digest, product=product).first()
    before: tuple[str | None, datetime | None] = (None, None)
    if bar is None:
        bar = BlacklistedDevice(
            fingerprint_digest=device.digest,
            fingerprint_hint=device.hint,
            tenant_id=tenant_id,
            product=product,
            created_at=at,
        )
    else:
        before = bar.reason, bar.expires_at
        bar.created_at = bar.created_at if bar.bars_at(at) else at
    if before != (reason, expires_at):
        bar.reason, bar.expires_at = reason, expires_at
        bar.barred_by = (origin.actor_label or origin.actor_kind)[:200]
        bar.save()
        ends = {"expires_at": (before[1], expires_at)} if before[1] != expires_at else {}
        _record("device.blacklisted", bar, ends, reason=reason, at=at, origin=origin)
    # With the bar and not after it: a process that dies in between leaves no copy that says yes.
    barred.forget_copies(bar)
    transaction.on_commit(partial(barred.sign_out, bar, at=at, origin=origin), robust=True)
    return bar


def _lift(bar: BlacklistedDevice, *, reason: str, at: datetime, origin: Origin) -> None:
    ended = {"expires_at": (bar.expires_at, None)} if bar.expires_at else {}
    _record("device.unblacklisted", bar, ended, reason=reason, at=at, origin=origin)
    bar.delete()


def _record(
    event: str,
    bar: BlacklistedDevice,
    changes: trail.Changes,
    *,
    reason: str,
    at: datetime,
    origin: Origin,
) -> None:
    product = bar.product.product_id if bar.product else None
    trail.record(
        event,
        at=at,
        origin=origin,
        tenant_id=bar.tenant_id,
        changes={
            "device_fingerprint": (None, str(bar)),
            **({"product_id": (None, product)} if product else {}),
            **changes,
        },
        reason=reason,
    )
