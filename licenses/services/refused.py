"""Noting refused activations, sparingly: one line an hour for a licence, device and code."""

from datetime import datetime, timedelta

from django.db import transaction

from events import trail
from events.models import Event
from events.trail import Origin
from licenses.selectors.snapshots import Snapshot

EVENT = "activation.refused"
_ONCE_IN = timedelta(hours=1)


def note(found: Snapshot, code: str, *, fingerprint: bytes, at: datetime, origin: Origin) -> None:
    """Record that a device was refused a known licence, after the refused transaction ended."""
    if code == "TRY_AGAIN":
        return
    facts = found.license
    device = fingerprint.hex()[:16]
    lately = Event.objects.of_license(facts.id).filter(
        type=EVENT,
        recorded_at__gt=at - _ONCE_IN,
        reason=code,
        changes__device__after=device,
    )
    with transaction.atomic():
        if not lately.exists():
            trail.record(
                EVENT,
                at=at,
                origin=origin,
                tenant_id=facts.tenant_id,
                customer_id=facts.customer_id,
                license_id=facts.id,
                changes={"device": (None, device)},
                reason=code,
            )
