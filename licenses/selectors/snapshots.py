"""What is known of a licence and one device, in one statement on either engine."""

import json
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from events import vault
from licenses import statements
from licenses.facts import DeviceFacts, FeatureFacts, LicenseFacts, ReleaseFacts
from licenses.restrictions import RestrictionFacts
from licenses.selectors import releases

KEY = "license_key"
FINGERPRINT = "fingerprint"


class Snapshot(NamedTuple):
    """A licence and, where the caller stands for one, its device."""

    license: LicenseFacts
    device: DeviceFacts | None
    # The device asking is barred, whether or not it holds a seat here.
    barred: bool = False
    barred_until: datetime | None = None
    # The version that is asked about, where maintenance decides on it.
    release: ReleaseFacts | None = None
    # A copy, which may know no device where there is one, and whose "no" is worth a look.
    cached: bool = False

    @property
    def runs(self) -> str:
        """The version that the device last said it runs; empty where there is none."""
        return "" if self.device is None else self.device.version

    @property
    def left_behind(self) -> bool:
        """Whether the licence went to another tenant after the device was signed out."""
        since = self.license.tenant_since
        if since is None or self.device is None or self.device.deactivated_at is None:
            return False
        return self.device.deactivated_at <= since

    def barred_at(self, at: datetime) -> bool:
        return self.barred and (self.barred_until is None or at < self.barred_until)


def by_key(key: str, *, fingerprint: bytes | None = None) -> Snapshot | None:
    """Return what is known by a key in canonical form, or None if it is unknown."""
    for digest in vault.digests(KEY, key):
        if found := load_by_key(digest, fingerprint=fingerprint):
            return found
    return None


def by_token(token_digest: bytes) -> Snapshot | None:
    """Return what is known by an activation token's digest; a deactivated one is known too."""
    return _one(_sql()[1], {"token": token_digest})


def load_by_key(digest: bytes, *, fingerprint: bytes | None) -> Snapshot | None:
    """Return what the database holds by a key's digest, past every cache."""
    return _one(_sql()[0], {"digest": digest, "fingerprint": fingerprint or b""})


def reloaded(found: Snapshot) -> Snapshot:
    """Return what the database holds of the same licence and device; the copy if it is gone."""
    if found.device is not None:
        return by_token(found.device.token_digest) or found
    return load_by_key(found.license.key_digest, fingerprint=None) or found


def with_release(found: Snapshot, version: str | None) -> Snapshot:
    """Return the snapshot with what the database holds of a version, if that decides anything."""
    if not version or found.license.maintenance_expiry is None:
        return found
    return found._replace(release=releases.release_of(found.license.product_id, version))


_LICENSE = """
    l.id, l.revision, l.tenant_id, l.tenant_since, l.customer_id, p.product_id, l.product_name,
    l.product_version, l.license_type, l.license_model, l.issued_to, l.max_activations,
    l.current_activations, l.overage, l.issued_date, l.activation_date, l.expiry_date,
    l.grace_ends_at, l.maintenance_expiry, l.grace_period_days, l.trial_period_days, l.auto_renewal,
    l.pending_cause, l.parked, l.hold_code, l.hold_reason, l.revoked_at,
    l.heartbeat_interval_seconds, l.lease_seconds, l.max_borrow_days, l.require_heartbeat,
    l.self_service, l.bind_on_first_activation, l.key_digest, l.key_scheme, l.key_head, l.key_hint,
    l.created_at, l.updated_at,
    (SELECT k.salt FROM events_personkey k WHERE k.person_id = l.customer_id),
    (SELECT c.name FROM accounts_customer c WHERE c.id = l.customer_id),
    {public_metadata},
    (SELECT {rows}({row}(r.restriction_type, r.operator, {values}))
     FROM (SELECT * FROM licenses_restriction WHERE license_id = l.id ORDER BY position, id) r
    ){text},
    (SELECT {rows}({row}(e.feature_id, e.feature_name, {enabled}, {limit}, e.limit_type, e.period,
                         {until}))
     FROM (SELECT * FROM licenses_entitlement WHERE license_id = l.id ORDER BY position, id) e
    ){text}"""
_DEVICE = """
    a.id, a.revision, a.license_id, a.fingerprint_digest, a.fingerprint_hint, a.hardware_digest,
    a.hardware_hint, a.mac_digest, a.mac_hint, a.token_digest, a.token_generation,
    a.token_key_version, a.units, a.declared_units, a.activation_type, a.machine_name,
    a.operating_system, a.application_version, a.user_agent, {address}, a.domain, a.country,
    a.activated_at, a.deactivated_at, a.deactivation_reason, a.lease_expires_at, a.borrowed_until,
    a.heartbeat_due_at, a.emergency_until, a.valid_until,
    (SELECT n.identity FROM licenses_nameduser n WHERE n.id = a.named_user_id), a.metadata{text},
    b.id IS NOT NULL, b.expires_at"""
_FROM = """
FROM licenses_license l JOIN licenses_product p ON p.id = l.product_id
"""
# Of several bars the longest counts; one without an end outlasts all.
_BARRED = """
LEFT JOIN licenses_blacklisteddevice b ON b.id = (
    SELECT x.id FROM licenses_blacklisteddevice x
    WHERE x.fingerprint_digest = {fingerprint}
      AND (x.tenant_id IS NULL OR x.tenant_id = l.tenant_id)
      AND (x.product_id IS NULL OR x.product_id = l.product_id)
    ORDER BY (x.expires_at IS NULL) DESC, x.expires_at DESC LIMIT 1)
"""
_WORDS = {
    "postgresql": {
        "rows": "json_agg",
        "row": "json_build_array",
        "text": "::text",
        "enabled": "e.enabled",
        "limit": "e.limit_value::text",
        "values": "r.values",
        "until": "e.expires_at",
        "address": "host(a.ip_address)",
        "public_metadata": "(l.metadata -> 'public')::text",
    },
    "sqlite": {
        "rows": "json_group_array",
        "row": "json_array",
        "text": "",
        "enabled": "json(CASE WHEN e.enabled THEN 'true' ELSE 'false' END)",
        "limit": "CAST(e.limit_value AS TEXT)",
        "values": 'json(r."values")',
        "until": "strftime('%%Y-%%m-%%dT%%H:%%M:%%fZ', e.expires_at)",
        "address": "a.ip_address",
        "public_metadata": "json_extract(l.metadata, '$.public')",
    },
}
_made: dict[str, tuple[str, str]] = {}


def _sql() -> tuple[str, str]:
    """Return the two statements, by key and by token, in the words of the engine."""
    engine = "postgresql" if statements.on_postgresql() else "sqlite"
    if engine not in _made:
        words = _WORDS[engine]
        select = "SELECT" + (_LICENSE + "," + _DEVICE).format(**words) + _FROM
        by_key = (
            select
            + "LEFT JOIN licenses_activation a ON a.license_id = l.id AND a.deactivated_at IS NULL"
            + " AND a.fingerprint_digest = %(fingerprint)s"
            + _BARRED.format(fingerprint="%(fingerprint)s")
            + "WHERE l.key_digest = %(digest)s"
        )
        by_token = (
            select
            + "JOIN licenses_activation a ON a.license_id = l.id"
            + _BARRED.format(fingerprint="a.fingerprint_digest")
            + "WHERE a.token_digest = %(token)s"
        )
        _made[engine] = (by_key, by_token)
    return _made[engine]


_LICENSE_WIDTH = len(LicenseFacts.__struct_fields__)
_restrictions = msgspec.json.Decoder(tuple[RestrictionFacts, ...] | None)
_features = msgspec.json.Decoder(tuple[FeatureFacts, ...] | None, strict=False)


def _one(sql: str, parameters: dict[str, Any]) -> Snapshot | None:
    rows = statements.fetch(sql, parameters)
    if not rows:
        return None
    row: Sequence[Any] = rows[0]
    if not statements.on_postgresql():
        row = [
            value if read is None or value is None else read(value)
            for read, value in zip(_SQLITE_READS, row, strict=True)
        ]
    license = _license(row[:_LICENSE_WIDTH])
    device = row[_LICENSE_WIDTH:]
    known = None if device[0] is None else _device(device)
    return Snapshot(license, known, bool(device[-2]), device[-1])


def _license(row: Sequence[Any]) -> LicenseFacts:
    *plain, public, restrictions, features = row
    # As many columns as fields: the statement is made from them.
    return LicenseFacts(  # type: ignore[call-arg]
        *plain,
        _object(public),
        _restrictions.decode(restrictions or b"null") or (),
        _features.decode(features or b"null") or (),
    )


def _device(row: Sequence[Any]) -> DeviceFacts:
    *plain, metadata, barred, barred_until = row
    return DeviceFacts(  # type: ignore[call-arg]
        *plain, _object(metadata) or {}, bool(barred), barred_until
    )


def _object(text: str | None) -> dict[str, Any] | None:
    """Return the JSON object in a column, or None where there is none or something else."""
    value = json.loads(text) if text else None
    return value if isinstance(value, dict) else None


def _moment(text: str | datetime) -> datetime:
    """Read a time as SQLite's raw cursor hands it over: as text or without its zone."""
    moment = datetime.fromisoformat(text) if isinstance(text, str) else text
    return moment.replace(tzinfo=UTC)


def _reads() -> list[Callable[[Any], Any] | None]:
    """Return how each column of SQLite becomes the value that the facts are typed with."""
    readers: dict[str, Callable[[Any], Any]] = {
        "UUID": lambda value: uuid.UUID(hex=value),
        "datetime": _moment,
        "bool": bool,
        "bytes": bytes,
    }
    found: list[Callable[[Any], Any] | None] = []
    for facts in (LicenseFacts, DeviceFacts):
        for field in msgspec.structs.fields(facts):
            name = str(getattr(field.type, "__name__", field.type))
            found.append(next((read for kind, read in readers.items() if kind in name), None))
    return found


_SQLITE_READS = _reads()
