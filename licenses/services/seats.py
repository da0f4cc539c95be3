"""Taking seats: one statement on PostgreSQL, the write lock on SQLite."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import F
from uuid_utils.compat import uuid7

from events.models import Event
from licenses import statements, terms
from licenses.models import Activation, BlacklistedDevice, License
from licenses.services import seat_counter


class NoSeat(Exception):
    """No seat is free; raised inside a transaction, it takes back what was tried."""

    def __init__(self, taken: int) -> None:
        super().__init__(taken)
        self.taken = taken


class SeatRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a seat is taken with: the revision that was judged, and the activation to be stored."""

    license: uuid.UUID
    tenant: uuid.UUID
    revision: int
    capacity: int | None
    # Units as sold, of which shares are told in the trail; None where they never fill.
    sold: int | None
    units: int
    # Since when a share is told once only; None where it is told whenever it is reached.
    told_once_since: datetime | None
    at: datetime
    activation: dict[str, Any]
    event: dict[str, Any]


@dataclass(frozen=True, slots=True)
class SeatAnswer:
    """What became of it, and what was seen meanwhile; `taken` includes the seat just taken."""

    revision: int
    taken: int
    barred: bool
    is_new: bool
    held_id: uuid.UUID | None = None


def take_seat(request: SeatRequest) -> SeatAnswer:
    """
    Take a seat, store its activation and record its event, or change nothing.

    The statement decides nothing but the seat: that the licence is still at the revision that was
    judged, that units are free, that the device holds none here and is not barred.

    :raises IntegrityError: if the device took a seat in the same moment; it is there now
    """
    with statements.own_savepoint():
        if statements.on_postgresql():
            return _take_in_one_statement(request)
        return _take_under_the_write_lock(request)


_ACTIVATION = (
    "id", "named_user_id", "fingerprint_digest", "fingerprint_digest_version", "fingerprint_hint",
    "hardware_digest", "hardware_hint", "mac_digest", "mac_hint", "token_digest",
    "token_generation", "token_key_version", "units", "declared_units", "lease_expires_at",
    "borrowed_until", "heartbeat_due_at", "valid_until", "activation_type", "machine_name",
    "operating_system", "application_version", "user_agent", "ip_address", "domain", "country",
    "metadata", "activated_at",
)  # fmt: skip
_EVENT = (
    "event_id", "type", "occurred_at", "recorded_at", "tenant_id", "customer_id", "license_id",
    "activation_id", "actor_kind", "actor_id", "actor_label_sealed", "ip_address_sealed",
    "changes", "reason", "request_id",
)  # fmt: skip
_JSON = {"metadata", "changes"}


def _values(columns: tuple[str, ...], prefix: str) -> str:
    # A bare NULL parameter has no type inside SELECT, so the few nullable ones say theirs.
    casts = _JSON_CAST | {
        "named_user_id": "::uuid",
        "hardware_digest": "::bytea",
        "mac_digest": "::bytea",
        "ip_address": "::inet",
        "customer_id": "::uuid",
        "declared_units": "::int",
        "lease_expires_at": "::timestamptz",
        "borrowed_until": "::timestamptz",
        "heartbeat_due_at": "::timestamptz",
        "valid_until": "::timestamptz",
    }
    return ", ".join(f"%({prefix}{name})s{casts.get(name, '')}" for name in columns)


_JSON_CAST = dict.fromkeys(_JSON, "::jsonb")
# As the activation's event but for what it says; about a licence, so it names no address.
_SEATS_AT_SAYS = {
    "event_id": "%(mark_id)s",
    "type": f"'{seat_counter.TOLD}'",
    "actor_label_sealed": "''",
    "ip_address_sealed": "''",
    "customer_id": "%(e_customer_id)s::uuid",
    "changes": """jsonb_build_object(
        'percent', jsonb_build_object('before', NULL, 'after', mark),
        'current_activations', jsonb_build_object(
            'before', taken - %(units)s, 'after', taken))""",
}
_SEATS_AT = ", ".join(_SEATS_AT_SAYS.get(name, f"%(e_{name})s") for name in _EVENT)
# FOR KEY SHARE makes it wait for whoever bars a device just now (`blacklist`), and see that bar.
_TAKE = f"""
WITH held AS (
    SELECT id FROM licenses_activation
    WHERE license_id = %(license)s AND fingerprint_digest = %(a_fingerprint_digest)s
      AND deactivated_at IS NULL
), barred AS (
    SELECT 1 FROM licenses_blacklisteddevice
    WHERE fingerprint_digest = %(a_fingerprint_digest)s
      AND (tenant_id IS NULL OR tenant_id = %(tenant)s)
      AND (product_id IS NULL
           OR product_id = (SELECT product_id FROM licenses_license WHERE id = %(license)s))
      AND (expires_at IS NULL OR expires_at > %(at)s)
    FOR KEY SHARE
), seat AS (
    UPDATE licenses_license
    SET current_activations = current_activations + %(units)s,
        activation_date = coalesce(activation_date, %(at)s)
    WHERE id = %(license)s AND revision = %(revision)s
      AND (%(capacity)s::bigint IS NULL
           OR current_activations + %(units)s <= %(capacity)s::bigint)
      AND NOT EXISTS (SELECT FROM held) AND NOT EXISTS (SELECT FROM barred)
    RETURNING current_activations
), activation AS (
    INSERT INTO licenses_activation (
        license_id, deactivation_reason, revision, {", ".join(_ACTIVATION)})
    SELECT %(license)s, '', 1, {_values(_ACTIVATION, "a_")} FROM seat RETURNING id
), event AS (
    INSERT INTO events_event ({", ".join(_EVENT)})
    SELECT {_values(_EVENT, "e_")} FROM activation
), reached AS (
    SELECT current_activations AS taken, (
        SELECT max(mark) FROM unnest(%(marks)s::int[]) mark
        WHERE (current_activations - %(units)s) * 100 < mark * %(sold)s::bigint
          AND current_activations * 100 >= mark * %(sold)s::bigint) AS mark
    FROM seat
), told AS (
    INSERT INTO events_event ({", ".join(_EVENT)})
    SELECT {_SEATS_AT} FROM reached WHERE mark IS NOT NULL AND (
        %(told_once_since)s::timestamptz IS NULL OR NOT EXISTS (
            SELECT FROM events_event lately
            WHERE lately.license_id = %(license)s AND lately.type = '{seat_counter.TOLD}'
              AND lately.recorded_at > %(told_once_since)s::timestamptz
              AND (lately.changes -> 'percent' ->> 'after')::int >= mark))
)
SELECT l.revision, coalesce((SELECT current_activations FROM seat), l.current_activations),
       EXISTS (SELECT FROM barred), EXISTS (SELECT FROM activation), held.id
FROM licenses_license l LEFT JOIN held ON true WHERE l.id = %(license)s
"""  # noqa: S608 - column names of our own


def _take_in_one_statement(request: SeatRequest) -> SeatAnswer:
    parameters: dict[str, Any] = {
        "license": request.license,
        "tenant": request.tenant,
        "revision": request.revision,
        "capacity": request.capacity,
        "sold": request.sold,
        "marks": list(terms.MARKS),
        "mark_id": uuid7(),
        "units": request.units,
        "told_once_since": request.told_once_since,
        "at": request.at,
    }
    for prefix, columns, given in (
        ("a_", _ACTIVATION, request.activation),
        ("e_", _EVENT, request.event),
    ):
        for name in columns:
            value = given[name]
            parameters[prefix + name] = (
                msgspec.json.encode(value).decode() if name in _JSON else value
            )
    revision, taken, barred, is_new, held_id = statements.fetch(_TAKE, parameters)[0]
    return SeatAnswer(revision, taken, barred, is_new, held_id)


def _take_under_the_write_lock(request: SeatRequest) -> SeatAnswer:
    with transaction.atomic():
        revision, taken, product_id, activation_date = License.objects.values_list(
            "revision", "current_activations", "product_id", "activation_date"
        ).get(pk=request.license)
        held_id = (
            Activation.objects.live()
            .filter(
                license_id=request.license,
                fingerprint_digest=request.activation["fingerprint_digest"],
            )
            .values_list("id", flat=True)
            .first()
        )
        barred = BlacklistedDevice.objects.barring(
            fingerprint=request.activation["fingerprint_digest"],
            tenant_id=request.tenant,
            product_id=product_id,
            at=request.at,
        ).exists()
        full = request.capacity is not None and taken + request.units > request.capacity
        if held_id or barred or full or revision != request.revision:
            return SeatAnswer(revision, taken, barred, False, held_id)
        License.objects.filter(pk=request.license).update(
            current_activations=F("current_activations") + request.units,
            activation_date=activation_date or request.at,
        )
        Activation.objects.create(license_id=request.license, **request.activation)
        Event.objects.create(**request.event)
        _tell_seats_at(request, taken)
        return SeatAnswer(revision, taken + request.units, False, True)


def _tell_seats_at(request: SeatRequest, before: int) -> None:
    if request.sold is None:
        return
    after = before + request.units
    mark = terms.mark_reached(Decimal(before), Decimal(after), Decimal(request.sold))
    since = request.told_once_since
    if mark is not None and not seat_counter.told_lately(request.license, mark, since=since):
        says = {
            "event_id": uuid7(),
            "type": seat_counter.TOLD,
            "actor_label_sealed": "",
            "ip_address_sealed": "",
            "changes": {
                "percent": {"before": None, "after": mark},
                "current_activations": {"before": before, "after": after},
            },
        }
        Event.objects.create(**(request.event | says))
