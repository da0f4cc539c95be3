"""Events as doors show them, their personal parts opened."""

from typing import Any

from events import trail
from events.models import Event


def opened(events: list[Event]) -> list[dict[str, Any]]:
    """Return these events ready to be shown; one query opens the personal parts of all."""
    salts = trail.salts_of(events)
    return [_shown(event, trail.unsealed(event, salts)) for event in events]


def _shown(event: Event, personal: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": event.event_id,
        "type": event.type,
        "occurred_at": event.occurred_at,
        "recorded_at": event.recorded_at,
        "tenant_id": event.tenant_id,
        "license_id": event.license_id,
        "activation_id": event.activation_id,
        "order_id": event.order_id,
        "actor": {
            "kind": event.actor_kind,
            "id": event.actor_id,
            "label": personal["actor_label"],
        },
        "ip_address": personal["ip_address"],
        "changes": personal["changes"],
        "reason": event.reason,
        "request_id": event.request_id,
        "sealed": False,
    }
