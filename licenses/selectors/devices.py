"""A licence's devices, as its holder and its staff see them."""

import uuid
from typing import Any

from django.db.models.functions import Coalesce

from events import moments
from licenses.models import Activation

_SHOWN_WHEN_FULL = 5
_TELLING = 7  # names up to this long would be told by five of their letters


def masked_devices(license_id: uuid.UUID, *, but: bytes = b"") -> list[dict[str, Any]]:
    """
    Return at most five devices that hold the seats of a full licence, longest silent first.

    `but`: the fingerprint's digest of the one that asks, which cannot make room for itself.
    """
    rows = (
        Activation.objects.seated()
        .filter(license_id=license_id)
        .exclude(fingerprint_digest=but)
        .annotate(last_seen=Coalesce("heartbeat__last_heartbeat", "activated_at"))
        .order_by("last_seen", "id")
        .values_list("id", "fingerprint_hint", "machine_name", "activated_at", "last_seen")
    )
    return [
        {
            "activation_id": str(pk),
            "device": f"****{hint}",
            **({"machine_name": masked_name(name)} if name else {}),
            "activated_at": moments.written(activated_at),
            "last_seen": moments.written(last_seen),
        }
        for pk, hint, name, activated_at, last_seen in rows[:_SHOWN_WHEN_FULL]
    ]


def masked_name(name: str) -> str:
    """Return enough of a machine's name for whoever knows it, and too little for anybody else."""
    return f"{name[:3]}…{name[-2:]}" if len(name) > _TELLING else f"{name[:1]}…"
