"""Answering the request of a device without a network: one seat and one response, however often."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts import statements
from events import vault
from events.refusals import Refusal
from events.trail import Origin
from licenses.models import FileKind, License, OfflineRequest
from licenses.models.offline import REQUEST_KEPT
from licenses.selectors import signers, snapshots
from licenses.selectors.offline_requests import Wish
from licenses.selectors.snapshots import FINGERPRINT
from licenses.services import claims, refused
from licenses.services.activation import judge_and_take
from licenses.services.claims import Device, check_fingerprint
from licenses.services.lifecycle.writing import lock
from licenses.services.offline import devices, files
from licenses.signing.compact import taken_apart


@dataclass(frozen=True, slots=True)
class AnsweredRequest:
    """The response to a request, and the activation that it stands for."""

    response_code: str
    activation_id: uuid.UUID
    expires_at: datetime


def answer_request(
    *, license_id: uuid.UUID, wish: Wish, at: datetime, origin: Origin
) -> AnsweredRequest:
    """
    Give a device without a network its seat, and return the response that it is to be brought.

    The same request again gets the same response and takes nothing, whoever brings it; a new one
    where the key that signed the first is believed no more. A device that holds a seat keeps it,
    and does without a network from now on.

    :raises LICENSE_NOT_FOUND: if there is no such licence, or its key was replaced
    :raises PRODUCT_MISMATCH: if the device says that it is another product
    :raises REPLAYED: if another request came under the same nonce
    :raises ACTIVATION_DEACTIVATED: if the request was answered, and the device let go since
    :raises INVALID_FINGERPRINT VALIDATION_ERROR USER_IDENTITY_REQUIRED: if the device cannot be
    :raises LICENSE_REVOKED DEVICE_BLACKLISTED LICENSE_SUSPENDED LICENSE_PENDING LICENSE_INACTIVE
        LICENSE_EXPIRED RESTRICTED_COUNTRY RESTRICTED_DOMAIN RESTRICTED_IP RESTRICTED_MAC
        RESTRICTED_HARDWARE RESTRICTED_TIME VERSION_NOT_COVERED TRIAL_ALREADY_USED
        ACTIVATION_LIMIT_EXCEEDED: as everywhere a device activates
    :raises SIGNING_ROOT_ABSENT: if no key signs here
    """
    fingerprint = vault.digest(FINGERPRINT, wish.device_fingerprint)
    found = snapshots.by_key(wish.license_key, fingerprint=fingerprint)
    if found is None or found.license.id != license_id:
        raise Refusal("LICENSE_NOT_FOUND")
    try:
        # A device may be barred by more than its tenant's own bars.
        with statements.beyond_wall():
            return _answered(license_id, wish, fingerprint, at=at, origin=origin)
    except Refusal as refusal:
        for other in refusal.details.get("devices", ()):
            # The leave to take its place is the device's own, not of whoever brings the request.
            other.pop("replace_token", None)
        refused.note(found, refusal.code, fingerprint=fingerprint, at=at, origin=origin)
        raise


@transaction.atomic
def _answered(
    license_id: uuid.UUID, wish: Wish, fingerprint: bytes, *, at: datetime, origin: Origin
) -> AnsweredRequest:
    """Look and answer under the licence's lock: of two who bring one request one is the first."""
    license = lock(license_id, at=at)
    before = license.offline_requests.filter(nonce=wish.nonce).select_related("activation").first()
    if before is not None and at < before.expires_at:
        told = _as_before(before, wish)
        if taken_apart(told.response_code).header["kid"] not in signers.compromised():
            return told
    if before is not None:
        # Forgotten, whether or not the job that forgets has run; or nobody would believe it now.
        before.delete()
    found = snapshots.load_by_key(bytes(license.key_digest), fingerprint=fingerprint)
    if found is None:
        raise Refusal("LICENSE_NOT_FOUND")
    if wish.aud not in ("", found.license.product_id):
        raise Refusal("PRODUCT_MISMATCH")
    device = _device(wish)
    check_fingerprint(device.fingerprint)
    claims.check_numbers(device)
    found = snapshots.with_release(found, device.version)
    taken = judge_and_take(found, device, fingerprint, at=at, origin=origin).snapshot
    return _answer(license, taken, wish, at=at, origin=origin)


def _as_before(before: OfflineRequest, wish: Wish) -> AnsweredRequest:
    if not wish.is_what_had(before.digest):
        raise Refusal("REPLAYED")
    if not before.activation.live:
        raise Refusal("ACTIVATION_DEACTIVATED", next_action="use_offline")
    return AnsweredRequest(
        vault.decrypt(before.response_ciphertext),
        before.activation_id,
        before.response_expires_at,
    )


def _answer(
    license: License, taken: snapshots.Snapshot, wish: Wish, *, at: datetime, origin: Origin
) -> AnsweredRequest:
    held = taken.device
    assert held is not None  # noqa: S101 - it has just got its seat
    assert held.valid_until is not None  # noqa: S101 - without a network
    device = devices.meet(license, held.id, wish.device_fingerprint, wish.key, at=at, origin=origin)
    # Taking the seat may have started the licence, or raised its revision.
    license.refresh_from_db()
    made = files.make(
        FileKind.RESPONSE,
        license,
        taken.license,
        activation_id=held.id,
        bound=devices.bound(device, key=wish.key) | {"nonce": wish.nonce},
        expires_at=held.valid_until,
        at=at,
        origin=origin,
    )
    OfflineRequest.objects.create(
        license=license,
        activation_id=held.id,
        nonce=wish.nonce,
        digest=wish.digest,
        response_ciphertext=vault.encrypt(made.text),
        response_expires_at=made.expires_at,
        answered_at=at,
        expires_at=at + REQUEST_KEPT,
    )
    return AnsweredRequest(made.text, held.id, made.expires_at)


def _device(wish: Wish) -> Device:
    """Return the device that asks; where it stands is what it says, since nobody sees it call."""
    return Device(
        fingerprint=wish.device_fingerprint,
        machine_name=wish.machine_name,
        hardware_id=wish.hardware_id,
        mac_address=wish.mac_address,
        operating_system=wish.operating_system,
        application_version=wish.application_version,
        user_identity=wish.user_identity,
        domain=wish.domain,
        country=wish.country,
        cpu_count=wish.cpu_count,
        core_count=wish.core_count,
        offline=True,
    )
