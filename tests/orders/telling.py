"""Messages as another system would sign and send them."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from standardwebhooks import Webhook

from orders.models import Order

SECRET = "whsec_" + "dGhlIGZpcnN0IHNlY3JldCBvZiBhIHRlc3Q="
NEXT = "whsec_" + "dGhlIG90aGVyIHNlY3JldCBvZiBhIHRlc3Q="
PATH = "/api/licensing/webhooks/signed"


def message(order: Order, event_type: str = "payment.succeeded", **says: Any) -> dict[str, Any]:
    """What a system tells of an order: all of it paid unless told otherwise."""
    return {
        "event_id": f"evt-{event_type}",
        "type": event_type,
        "order_number": order.order_number,
        "amount": "100",
        "currency": "EUR",
        "reference": "PAY-1",
        "occurred_at": "2026-03-01T12:00:00Z",
    } | says


def headers(body: str, *, secret: str = SECRET, late: float = 0) -> dict[str, str]:
    moment = datetime.fromtimestamp(timezone.now().timestamp(), UTC) - timedelta(seconds=late)
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_1", moment, body),
    }


def send(body: str, signed: dict[str, str] | None = None, path: str = PATH) -> HttpResponse:
    signed = headers(body) if signed is None else signed
    client = Client(enforce_csrf_checks=True)
    return client.post(path, body, content_type="application/json", headers=signed)


def tell(order: Order, event_type: str = "payment.succeeded", **says: Any) -> HttpResponse:
    """Send a message and demand that it is taken."""
    answer = send(json.dumps(message(order, event_type, **says)))
    assert answer.status_code == 200, answer.content
    assert answer.json() == {"data": {"received": True}}
    return answer
