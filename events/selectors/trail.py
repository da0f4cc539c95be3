"""Events as doors and webhooks show them, their personal parts opened."""

from datetime import datetime
from typing import Any

from events import moments, trail
from events.models import Event


def opened(events: list[Event]) -> list[dict[str, Any]]:
    """Return these events ready to be shown; one query opens the personal parts of all."""
    salts = trail.salts_of(events)
    return [_shown(event, trail.unsealed(event, salts)) for event in events]


def told(event: Event) -> dict[str, Any]:
    """Return one event as the API answers it, in what JSON can hold: what is empty is absent."""
    (shown,) = opened([event])
    told = {name: _plain(value) for name, value in shown.items() if not _is_empty(value)}
    told["actor"] = {name: text for name, text in shown["actor"].items() if text}
    return told | {"changes": shown["changes"]}


def _is_empty(value: Any) -> bool:
    return value is None or value == ""


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return moments.written(value)
    return value if isinstance(value, bool | dict) else str(value)


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
