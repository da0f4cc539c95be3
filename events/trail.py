"""How an event becomes a row: masking, encryption, and the two ways to store it."""

import json
import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from django.db.models import Model
from uuid_utils.compat import uuid7

from events import moments, vault
from events.models import Event, PersonKey

# Never stored, before or after: the trail tells that they changed, not what they were.
SECRET_FIELDS = frozenset(
    {"license_key", "activation_token", "key", "password", "secret", "emergency_code", "totp"}
)
# Stored under the person's key, so that the person can be forgotten while the row stays.
PERSONAL_FIELDS = frozenset(
    {"email", "ip_address", "phone", "contact_name", "billing_address", "user_identity"}
)
# Such too in the events of a customer: there they name the buyer, or the buyer's machine.
BUYERS_FIELDS = frozenset({"name", "company", "tax_id", "external_id", "issued_to", "machine_name"})
# What stands where the trail held something of a person who has been forgotten.
FORGOTTEN = "forgotten"
_MASK = "***"
_SEALED = re.compile(r"p\d+\.[\w-]+={0,2}", re.ASCII)
_AS_THEY_ARE = frozenset({str, int, bool, type(None)})
_NOBODY = b"nobody"

Changes = Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class Origin:
    """Who did it and through which request: handed from the door to every rule that writes."""

    actor_kind: str
    actor_id: str = ""
    actor_label: str = ""
    ip_address: str = ""
    request_id: str = ""


SYSTEM = Origin(actor_kind="system")


def record(
    event_type: str,
    *,
    at: datetime,
    origin: Origin,
    occurred_at: datetime | None = None,
    tenant_id: uuid.UUID | None = None,
    customer_id: uuid.UUID | None = None,
    license_id: uuid.UUID | None = None,
    activation_id: uuid.UUID | None = None,
    order_id: uuid.UUID | None = None,
    changes: Changes | None = None,
    reason: str = "",
) -> Event:
    """Append one event inside the caller's transaction; `changes` maps field to (before, after)."""
    salt = salt_of(customer_id) if is_personal(origin, changes) else _NOBODY
    return Event.objects.create(
        **columns(
            event_type,
            at=at,
            origin=origin,
            salt=salt,
            occurred_at=occurred_at,
            tenant_id=tenant_id,
            customer_id=customer_id,
            license_id=license_id,
            activation_id=activation_id,
            order_id=order_id,
            changes=changes,
            reason=reason,
        )
    )


def columns(
    event_type: str,
    *,
    at: datetime,
    origin: Origin,
    salt: bytes | None = None,
    occurred_at: datetime | None = None,
    tenant_id: uuid.UUID | None = None,
    customer_id: uuid.UUID | None = None,
    license_id: uuid.UUID | None = None,
    activation_id: uuid.UUID | None = None,
    order_id: uuid.UUID | None = None,
    changes: Changes | None = None,
    reason: str = "",
) -> dict[str, Any]:
    """
    Return the columns of one event, for `record` and for the few hand-written statements.

    `salt` is the customer's half of the key to personal data; without one the system's is used.
    """
    key = salt or _NOBODY
    sealed = PERSONAL_FIELDS | BUYERS_FIELDS if customer_id and salt else PERSONAL_FIELDS
    return {
        "event_id": uuid7(),
        "type": event_type,
        "occurred_at": occurred_at or at,
        "recorded_at": at,
        "tenant_id": tenant_id,
        "customer_id": customer_id,
        "license_id": license_id,
        "activation_id": activation_id,
        "order_id": order_id,
        "actor_kind": origin.actor_kind,
        "actor_id": origin.actor_id,
        "actor_label_sealed": _seal(key, origin.actor_label),
        "ip_address_sealed": _seal(key, origin.ip_address),
        "changes": {
            name: {
                "before": _shown(name, before, key, sealed),
                "after": _shown(name, after, key, sealed),
            }
            for name, (before, after) in (changes or {}).items()
        },
        "reason": reason,
        "request_id": origin.request_id,
    }


def unsealed(event: Event, salts: Mapping[uuid.UUID, bytes]) -> dict[str, Any]:
    """
    Return the personal parts of an event in clear: actor label, IP address and changes.

    Of a person who has been forgotten they say so; the rest of the event is as it was.
    """
    key = salts.get(event.customer_id, b"") if event.customer_id else _NOBODY
    return {
        "actor_label": _unseal(key, event.actor_label_sealed),
        "ip_address": _unseal(key, event.ip_address_sealed),
        "changes": {
            name: {side: _unseal_value(name, value, key) for side, value in sides.items()}
            for name, sides in event.changes.items()
        },
    }


def salts_of(events: list[Event]) -> dict[uuid.UUID, bytes]:
    """Return the salts needed to read these events, in one query."""
    return salts_by_customer({event.customer_id for event in events if event.customer_id})


def salts_by_customer(customers: Iterable[uuid.UUID]) -> dict[uuid.UUID, bytes]:
    """Return the salts of those customers that have one, in one query."""
    keys = PersonKey.objects.filter(person_id__in=set(customers))
    return {key.person_id: bytes(key.salt) for key in keys}


def salt_of(customer_id: uuid.UUID | None) -> bytes:
    """Return a customer's half of the key to personal data, made when it is first needed."""
    if customer_id is None:
        return _NOBODY
    key, _ = PersonKey.objects.get_or_create(person_id=customer_id)
    return bytes(key.salt)


def salts_for(customers: Iterable[uuid.UUID]) -> dict[uuid.UUID, bytes]:
    """Return the halves of many customers, made where they are first needed, in two queries."""
    people = set(customers)
    known = PersonKey.objects.filter(person_id__in=people)
    salts = {key.person_id: bytes(key.salt) for key in known}
    if missing := people - salts.keys():
        PersonKey.objects.bulk_create(
            [PersonKey(person_id=person) for person in missing], ignore_conflicts=True
        )
        made = PersonKey.objects.filter(person_id__in=missing)
        salts |= {key.person_id: bytes(key.salt) for key in made}
    return salts


def is_personal(origin: Origin, changes: Changes | None = None) -> bool:
    """Return whether an event would hold personal data, which needs the person's key."""
    named = (PERSONAL_FIELDS | BUYERS_FIELDS).intersection(changes or {})
    return bool(origin.actor_label or origin.ip_address or named)


def plain(value: Any) -> Any:
    """Return a value as the trail holds it, which is as JSON would."""
    if type(value) in _AS_THEY_ARE:
        return value
    if isinstance(value, datetime):
        return moments.written(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Model):
        return str(value.pk)
    if isinstance(value, Decimal | uuid.UUID):
        return str(value)
    return value


def _shown(name: str, value: Any, key: bytes, sealed: frozenset[str]) -> Any:
    if value in (None, ""):
        return plain(value)
    if name in SECRET_FIELDS:
        return _MASK
    if name in sealed:
        return vault.encrypt_for(key, json.dumps(plain(value)))
    return plain(value)


def _seal(key: bytes, text: str) -> str:
    return vault.encrypt_for(key, text) if text else ""


def _unseal(key: bytes, sealed: str) -> str:
    if not sealed:
        return ""
    try:
        return vault.decrypt_for(key, sealed)
    except vault.VaultError:
        return FORGOTTEN


def _unseal_value(name: str, value: Any, key: bytes) -> Any:
    # What is no longer written in clear still stands so in older events.
    if not isinstance(value, str) or not _SEALED.fullmatch(value):
        return value
    if name not in PERSONAL_FIELDS | BUYERS_FIELDS:
        return value
    text = _unseal(key, value)
    return text if text == FORGOTTEN else json.loads(text)
