"""A licence's devices, as its holder and its staff see them."""

import uuid
from typing import Any

from licenses.models import Activation

_SHOWN_WHEN_FULL = 5


def masked_devices(license_id: uuid.UUID) -> list[dict[str, Any]]:
    """Return at most five devices that hold the seats of a full licence, longest silent first."""
    rows = (
        Activation.objects.live()
        .filter(license_id=license_id)
        .order_by("heartbeat__last_heartbeat", "id")
        .values_list("id", "fingerprint_hint", "activated_at", "heartbeat__last_heartbeat")
    )
    return [
        {
            "activation_id": str(pk),
            "device": f"****{hint}",
            "activated_at": activated_at.isoformat(),
            "last_seen": (last_heartbeat or activated_at).isoformat(),
        }
        for pk, hint, activated_at, last_heartbeat in rows[:_SHOWN_WHEN_FULL]
    ]
