"""Endpoints: made with a secret that is shown once, changed, switched off and on."""

import re
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from events import trail, vault
from events.models import DisabledBecause, WebhookEndpoint
from events.refusals import Refusal, invalid
from events.services.webhooks import feeding, signing, targets
from events.trail import Origin

FIELDS = frozenset({"url", "event_types", "description", "active"})
# Each event is sent to every endpoint that asked for it.
MOST_PER_TENANT = 20
_MOST_TYPES = 50
OVERLAP = timedelta(hours=24)
_ASKED = re.compile(r"\*|[a-z_]{1,40}(\.[a-z_]{1,40}|\.\*)", re.ASCII)


@transaction.atomic
def create_endpoint(
    *,
    url: str,
    event_types: Iterable[str],
    tenant_id: uuid.UUID | None = None,
    description: str = "",
    at: datetime,
    origin: Origin,
) -> tuple[WebhookEndpoint, str]:
    """
    Make an endpoint and return it with its secret, which nothing can show again.

    It hears of what is written down from now on.

    :raises VALIDATION_ERROR: an address that nothing is sent to, or no or impossible types
    :raises WEBHOOK_ENDPOINT_LIMIT: the tenant, or the vendor, has as many as there may be
    """
    asked = _checked(event_types)
    targets.checked(url)
    # Who makes one waits here for whoever makes another: together they keep to the limit.
    feeding.locked_feed()
    mine = Q(tenant=None) if tenant_id is None else Q(tenant=tenant_id)
    if WebhookEndpoint.objects.filter(mine).count() >= MOST_PER_TENANT:
        raise Refusal("WEBHOOK_ENDPOINT_LIMIT", limit=MOST_PER_TENANT)
    secret = signing.new_secret()
    endpoint = WebhookEndpoint.objects.create(
        tenant_id=tenant_id,
        url=url,
        event_types=asked,
        description=description.strip(),
        secret_sealed=vault.encrypt(secret),
        listens_since=at,
        created_at=at,
    )
    _record("webhook_endpoint.created", endpoint, _told(endpoint), at=at, origin=origin)
    return endpoint, secret


@transaction.atomic
def change_endpoint(
    *, endpoint_id: uuid.UUID, fields: Mapping[str, Any], at: datetime, origin: Origin
) -> WebhookEndpoint:
    """
    Change where an endpoint is, what it hears of, or whether it hears at all.

    Switched on again it goes on with what still waits; what happened meanwhile is replayed on
    asking only.

    :raises VALIDATION_ERROR: an address that nothing is sent to, or no or impossible types
    :raises WEBHOOK_ENDPOINT_NOT_FOUND: there is no such endpoint
    """
    endpoint = _locked(endpoint_id)
    before = _told(endpoint)
    if "event_types" in fields:
        endpoint.event_types = _checked(fields["event_types"])
    if "description" in fields:
        endpoint.description = fields["description"].strip()
    moved = "url" in fields and fields["url"] != endpoint.url
    if moved:
        targets.checked(fields["url"])
        endpoint.url = fields["url"]
        _forgive(endpoint)
    after = _told(endpoint)
    changes = {name: (before[name][1], after[name][1]) for name in after}
    changes = {name: sides for name, sides in changes.items() if sides[0] != sides[1]}
    if changes or moved:
        endpoint.save()
        changes["id"] = (endpoint.pk, endpoint.pk)
        _record("webhook_endpoint.updated", endpoint, changes, at=at, origin=origin)
    if "active" in fields and fields["active"] != endpoint.active:
        if fields["active"]:
            _enable(endpoint, at=at, origin=origin)
        else:
            disable(endpoint, DisabledBecause.BY_HAND, at=at, origin=origin)
    return endpoint


@transaction.atomic
def rotate_secret(
    *, endpoint_id: uuid.UUID, at: datetime, origin: Origin
) -> tuple[WebhookEndpoint, str]:
    """
    Give an endpoint a new secret and return it; for a day the old one signs as well.

    :raises WEBHOOK_ENDPOINT_NOT_FOUND: there is no such endpoint
    """
    endpoint = _locked(endpoint_id)
    secret = signing.new_secret()
    endpoint.previous_secret_sealed = endpoint.secret_sealed
    endpoint.previous_until = at + OVERLAP
    endpoint.secret_sealed = vault.encrypt(secret)
    endpoint.save(update_fields=["secret_sealed", "previous_secret_sealed", "previous_until"])
    changes = {"id": (endpoint.pk, endpoint.pk), "secret": ("old", "new")}
    _record("webhook_endpoint.secret_rotated", endpoint, changes, at=at, origin=origin)
    return endpoint, secret


def disable(
    endpoint: WebhookEndpoint, because: DisabledBecause, *, at: datetime, origin: Origin
) -> None:
    """Switch an endpoint off inside the caller's transaction, which holds its row."""
    endpoint.disabled_at, endpoint.disabled_because = at, because
    endpoint.save(update_fields=["disabled_at", "disabled_because"])
    changes = {"id": (endpoint.pk, endpoint.pk), "active": (True, False)}
    _record(
        "webhook_endpoint.disabled", endpoint, changes, at=at, origin=origin, reason=because.value
    )


@transaction.atomic
def seal_anew() -> int:
    """
    Encrypt every endpoint's secrets anew under the newest key; return how many endpoints there are.

    :raises VaultError: if one opens with no key of the ring
    """
    rows = list(WebhookEndpoint.objects.select_for_update().order_by("pk"))
    for row in rows:
        row.secret_sealed = vault.rotate(row.secret_sealed)
        if row.previous_secret_sealed:
            row.previous_secret_sealed = vault.rotate(row.previous_secret_sealed)
        row.save(update_fields=["secret_sealed", "previous_secret_sealed"])
    return len(rows)


def _enable(endpoint: WebhookEndpoint, *, at: datetime, origin: Origin) -> None:
    endpoint.disabled_at, endpoint.disabled_because = None, ""
    endpoint.listens_since = at
    _forgive(endpoint)
    endpoint.save()
    changes = {"id": (endpoint.pk, endpoint.pk), "active": (False, True)}
    _record("webhook_endpoint.enabled", endpoint, changes, at=at, origin=origin)


def _forgive(endpoint: WebhookEndpoint) -> None:
    """Whoever moved or mended it is tried at once."""
    endpoint.failures, endpoint.failing_since, endpoint.resting_until = 0, None, None


def _locked(endpoint_id: uuid.UUID) -> WebhookEndpoint:
    found = WebhookEndpoint.objects.select_for_update(no_key=True).filter(pk=endpoint_id).first()
    if found is None:
        raise Refusal("WEBHOOK_ENDPOINT_NOT_FOUND")
    return found


def _checked(event_types: Iterable[str]) -> list[str]:
    asked = list(dict.fromkeys(event_types))
    if not asked:
        raise invalid(event_types="At least one type of event, or *.")
    if len(asked) > _MOST_TYPES:
        raise invalid(event_types=f"At most {_MOST_TYPES}; license.* covers all of a kind.")
    if odd := [text[:60] for text in asked if not _ASKED.fullmatch(text)]:
        raise invalid(event_types=f"No types of events: {', '.join(odd)}.")
    return asked


def _told(endpoint: WebhookEndpoint) -> dict[str, tuple[Any, Any]]:
    """Return what the trail says of an endpoint: of its address no more than the host."""
    return {
        "id": (None, endpoint.pk),
        "url": (None, targets.origin_of(endpoint.url)),
        "event_types": (None, endpoint.event_types),
        "description": (None, endpoint.description),
    }


def _record(
    event_type: str,
    endpoint: WebhookEndpoint,
    changes: trail.Changes,
    *,
    at: datetime,
    origin: Origin,
    reason: str = "",
) -> None:
    trail.record(
        event_type,
        at=at,
        origin=origin,
        tenant_id=endpoint.tenant_id,
        changes=changes,
        reason=reason,
    )
