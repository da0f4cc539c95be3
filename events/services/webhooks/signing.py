"""Secrets of endpoints, and the Standard Webhooks signature made with them."""

import base64
import os
from datetime import UTC, datetime

from standardwebhooks import Webhook

from events import vault
from events.models import WebhookEndpoint

PREFIX = "whsec_"
_SECRET_BYTES = 32


def new_secret() -> str:
    """Return a fresh secret in the form in which receivers keep it."""
    return PREFIX + base64.b64encode(os.urandom(_SECRET_BYTES)).decode()


def secrets_of(endpoint: WebhookEndpoint, at: datetime) -> list[str]:
    """Return the secrets that sign for an endpoint now, the newest first."""
    secrets = [vault.decrypt(endpoint.secret_sealed)]
    if endpoint.previous_until is not None and at < endpoint.previous_until:
        secrets.append(vault.decrypt(endpoint.previous_secret_sealed))
    return secrets


def headers_of(message_id: str, body: str, *, secrets: list[str], at: datetime) -> dict[str, str]:
    """Return what a message carries, for receivers to check whom it is from and how old it is."""
    moment = at.astimezone(UTC)
    signed = [Webhook(secret).sign(message_id, moment, body) for secret in secrets]
    return {
        "Content-Type": "application/json",
        "User-Agent": "Licensing-Portal-Webhooks/1",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(signed),
    }
