"""The way out of a full licence: a device takes the place of another, seat for seat."""

import base64
import binascii
import hmac
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from events import vault
from events.refusals import Refusal
from events.trail import Origin
from licenses.facts import LicenseFacts
from licenses.models import Activation, License
from licenses.selectors import devices
from licenses.services import freeing
from licenses.services.release_limit import check_release_limit
from licenses.terms import SelfService

REPLACED = "REPLACED"
LIFETIME = timedelta(minutes=15)
_PREFIX = "rpl_"
_ID, _NUMBER, _VERSION, _MAC = 16, 8, 2, 32
_INVALID = "REPLACE_TOKEN_INVALID"


class _Leave(NamedTuple):
    """What a token says: whose place may be taken, until when, under which key it was made."""

    activation_id: uuid.UUID
    until: int
    version: int


def offered(facts: LicenseFacts, fingerprint: bytes, *, at: datetime) -> dict[str, Any]:
    """
    Return what a device is told about a full licence beside its numbers, as far as it offers that.

    Names are no devices: where they hold the seats, no device can make room for another.
    """
    if facts.held_by_names or facts.self_service == SelfService.NONE:
        return {}
    shown = devices.masked_devices(facts.id, but=fingerprint)
    if facts.self_service == SelfService.REPLACE:
        until = _seconds(at + LIFETIME)
        ids = [uuid.UUID(device["activation_id"]) for device in shown]
        held = Activation.objects.in_bulk(ids)
        for device, activation_id in zip(shown, ids, strict=True):
            leave = _Leave(activation_id, until, vault.token_version())
            generation = held[activation_id].token_generation
            device["replace_token"] = _token(facts.id, leave, generation, fingerprint)
    return {"devices": shown}


def make_room(
    license: License, fingerprint: bytes, token: str, *, at: datetime, origin: Origin
) -> int:
    """
    Sign out the device whose place a token lets another take; return the units it gave back.

    The licence's row is locked, so of many who come for one place the first ends what every
    other token names: that is what makes a token good for one use.

    :raises REPLACE_TOKEN_INVALID: if the token is none, too old, another device's or licence's, or
        if the device it names has gone
    :raises RELEASE_LIMIT: if too many devices of the licence were freed in 30 days
    """
    leave = _read(token)
    offers = license.self_service == SelfService.REPLACE
    if not offers or license.held_by_names or leave.until <= _seconds(at):
        raise Refusal(_INVALID)
    others = license.activations.seated().exclude(fingerprint_digest=fingerprint)
    held = others.select_for_update().filter(pk=leave.activation_id).first()
    if held is None or not _fits(token, license.pk, leave, held, fingerprint):
        raise Refusal(_INVALID)
    check_release_limit(license, at=at, origin=origin)
    freeing.release(license, held, reason=REPLACED, at=at, origin=origin)
    return held.units


def _fits(
    token: str, license_id: uuid.UUID, leave: _Leave, held: Activation, fingerprint: bytes
) -> bool:
    try:
        expected = _token(license_id, leave, held.token_generation, fingerprint)
    except vault.VaultError:
        # The key it was made under has left the ring.
        return False
    return hmac.compare_digest(expected.encode(), token.encode())


def _token(license_id: uuid.UUID, leave: _Leave, generation: int, fingerprint: bytes) -> str:
    said = leave.activation_id.bytes + leave.until.to_bytes(_NUMBER, "big")
    bound = license_id.bytes + generation.to_bytes(_NUMBER, "big") + fingerprint
    # Longer than the message of any activation token, and it says what it is for.
    mac = vault.token_mac(b"replace\0" + said + bound, version=leave.version)
    body = said + leave.version.to_bytes(_VERSION, "big") + mac
    return _PREFIX + base64.urlsafe_b64encode(body).rstrip(b"=").decode()


def _read(token: str) -> _Leave:
    """
    Return what a token says, yet to be believed.

    :raises REPLACE_TOKEN_INVALID: if it has no form of ours
    """
    text = token.removeprefix(_PREFIX)
    try:
        body = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        body = b""
    if not token.startswith(_PREFIX) or len(body) != _ID + _NUMBER + _VERSION + _MAC:
        raise Refusal(_INVALID)
    until, version = body[_ID : _ID + _NUMBER], body[_ID + _NUMBER : -_MAC]
    return _Leave(
        uuid.UUID(bytes=body[:_ID]), int.from_bytes(until, "big"), int.from_bytes(version, "big")
    )


def _seconds(at: datetime) -> int:
    return int(at.astimezone(UTC).timestamp())
