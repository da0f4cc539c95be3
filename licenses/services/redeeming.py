"""Redeeming an emergency code: it fits the first device that brings it."""

import uuid
from datetime import datetime

from django.db import transaction
from django.db.models import F

from events import trail, vault
from events.models import Event
from events.refusals import Refusal
from events.trail import Origin
from licenses.keys import spoken
from licenses.models import Activation, BlacklistedDevice, EmergencyCode, License
from licenses.models.emergency import MOST_WRONG_TRIES
from licenses.restrictions.matching import hint
from licenses.selectors import guesses, signers, snapshots
from licenses.selectors.snapshots import FINGERPRINT, Snapshot
from licenses.services import admission, claims, emergency, refused
from licenses.services.activation import Activated
from licenses.services.claims import Device, check_fingerprint
from licenses.services.forgetting import forget
from licenses.services.lifecycle.writing import lock
from licenses.services.metadata import check_metadata
from licenses.services.tokens import token_for
from licenses.signing import Distrusted, Kind, opened

LOCKED = "license.emergency_code_locked"
_WRONG = "EMERGENCY_CODE_INVALID"


def redeem(
    *, found: Snapshot, device: Device, code: str, at: datetime, origin: Origin
) -> Activated:
    """
    Let a device in until the end of an emergency code, in either form, without a seat.

    A device that holds a seat keeps it, and is served to that end whatever its licence has come
    to. The same code again by the same device writes nothing and gives the same token.

    :raises INVALID_FINGERPRINT VALIDATION_ERROR BORROW_NOT_ALLOWED: if the device cannot be
    :raises LICENSE_NOT_FOUND: if the licence's key was replaced meanwhile
    :raises LICENSE_REVOKED DEVICE_BLACKLISTED LICENSE_SUSPENDED LICENSE_PENDING LICENSE_INACTIVE
        VERSION_NOT_COVERED RESTRICTED_COUNTRY RESTRICTED_DOMAIN RESTRICTED_IP RESTRICTED_MAC
        RESTRICTED_HARDWARE RESTRICTED_TIME: no emergency excuses that
    :raises EMERGENCY_CODE_INVALID: if it is none of this licence's
    :raises EMERGENCY_CODE_LOCKED: if it was guessed at too often
    :raises EMERGENCY_CODE_EXPIRED EMERGENCY_CODE_USED: if its day is over, or it is another's
    """
    fingerprint = vault.digest(FINGERPRINT, device.fingerprint)
    check_metadata(device.metadata or {})
    claims.check_numbers(device)
    try:
        check_fingerprint(device.fingerprint)
        return _let_in(found, device, code, at=at, origin=origin)
    except Refusal as refusal:
        if refusal.code == _WRONG:
            _count_wrong_try(found.license.id, code, at=at, origin=origin)
        refused.note(found, refusal.code, fingerprint=fingerprint, at=at, origin=origin)
        raise


@transaction.atomic
def _let_in(
    found: Snapshot, device: Device, text: str, *, at: datetime, origin: Origin
) -> Activated:
    """Judge, look and write under the licence's lock: of two devices one is the first."""
    fingerprint = vault.digest(FINGERPRINT, device.fingerprint)
    license = lock(found.license.id, at=at)
    # Waits for whoever bars a device just now, as taking a seat does.
    list(BlacklistedDevice.objects.filter(fingerprint_digest=fingerprint).select_for_update())
    known = snapshots.load_by_key(found.license.key_digest, fingerprint=fingerprint)
    if known is None:
        raise Refusal("LICENSE_NOT_FOUND")
    known = snapshots.with_release(known, device.version)
    if refusal := admission.refusal_in_emergency(known, device, at=at):
        raise refusal
    code = _named_by(text, license, at=at)
    if code.over_at(at):
        raise Refusal("EMERGENCY_CODE_EXPIRED")
    if code.is_of_another(vault.digests(FINGERPRINT, device.fingerprint)):
        raise Refusal("EMERGENCY_CODE_USED")
    if code.redeemed_at is None:
        code.redeemed_at = at
        code.fingerprint_digest, code.fingerprint_hint = fingerprint, hint(device.fingerprint)
        code.save(update_fields=["redeemed_at", "fingerprint_digest", "fingerprint_hint"])
    if known.device is None:
        return _added(known, device, code, fingerprint, at=at, origin=origin)
    return _served(known, license, code, at=at, origin=origin)


def _named_by(text: str, license: License, *, at: datetime) -> EmergencyCode:
    """
    Return the code of a locked licence that a text is, in whichever form, be it over or used.

    :raises EMERGENCY_CODE_INVALID EMERGENCY_CODE_LOCKED EMERGENCY_CODE_EXPIRED: if it is none, or
        not to be had by guessing any more
    """
    if "." in text:
        return _signed_as(text, license, at=at)
    codes = license.emergency_codes.select_for_update()
    typed = spoken.parse(text)
    if typed is None:
        # A slip, which the check symbol shows: nobody guesses so.
        raise Refusal(_WRONG)
    code = codes.filter(typed_digest__in=vault.digests(emergency.PURPOSE, typed)).first()
    meant = list(codes.to_be_guessed(at)) if code is None else [code]
    if meant and all(one.locked for one in meant):
        # Right or wrong: whoever guesses on must not learn which.
        raise Refusal("EMERGENCY_CODE_LOCKED")
    if code is None:
        raise Refusal(_WRONG)
    return code


def _signed_as(text: str, license: License, *, at: datetime) -> EmergencyCode:
    try:
        document = opened(
            text,
            Kind.EMERGENCY_CODE,
            roots=signers.roots(),
            at=at,
            product_id=license.product.product_id,
            revoked=signers.compromised(),
        )
        code_id = uuid.UUID(str(document.claims.get("jti")))
    except Distrusted as distrust:
        over = distrust.code == "FILE_EXPIRED"
        raise Refusal("EMERGENCY_CODE_EXPIRED" if over else _WRONG) from None
    except ValueError:
        raise Refusal(_WRONG) from None
    code = license.emergency_codes.select_for_update().filter(pk=code_id).first()
    if code is None or document.claims.get("sub") != str(license.pk):
        raise Refusal(_WRONG)
    return code


def _added(
    known: Snapshot,
    device: Device,
    code: EmergencyCode,
    fingerprint: bytes,
    *,
    at: datetime,
    origin: Origin,
) -> Activated:
    """Add a device that holds nothing else here."""
    facts = known.license
    request, token = claims.claim(
        facts, device, fingerprint, at=at, origin=origin, emergency_until=code.valid_until
    )
    Activation.objects.create(license_id=facts.id, **request.activation)
    Event.objects.create(**request.event)
    taken = claims.snapshot_after(request, facts, facts.current_activations)
    # The licence began to run for nobody.
    return Activated(taken._replace(license=facts), token, is_new=True)


def _served(
    known: Snapshot, license: License, code: EmergencyCode, *, at: datetime, origin: Origin
) -> Activated:
    """Let a device that is here already be served to the end of the code, if not for longer."""
    assert known.device is not None  # noqa: S101 - the caller has looked
    row = Activation.objects.select_for_update().get(pk=known.device.id)
    before = row.emergency_until
    if before is None or before < code.valid_until:
        row.emergency_until = code.valid_until
        row.revision += 1
        row.save(update_fields=["emergency_until", "revision"])
        trail.record(
            "activation.updated",
            at=at,
            origin=origin,
            tenant_id=license.tenant_id,
            customer_id=license.customer_id,
            license_id=license.pk,
            activation_id=row.pk,
            changes={"emergency_until": (before, row.emergency_until)},
        )
        forget(row)
    again = snapshots.by_token(bytes(row.token_digest))
    assert again is not None  # noqa: S101 - its row is locked
    token = token_for(row.pk, generation=row.token_generation, version=row.token_key_version)
    return Activated(again, token, is_new=False)


def _count_wrong_try(license_id: uuid.UUID, text: str, *, at: datetime, origin: Origin) -> None:
    """
    Count a wrong code against every code that it may have been meant for, and charge the address.

    After the refused transaction has ended, which would take it back. A slip is no guess, nor is
    a signed code, since nobody can guess a signature.

    :raises RATE_LIMITED: if the address has guessed too often
    """
    typed = None if "." in text else spoken.parse(text)
    if typed is None:
        return
    with transaction.atomic():
        license = lock(license_id, at=at)
        meant = license.emergency_codes.to_be_guessed(at).filter(wrong_tries__lt=MOST_WRONG_TRIES)
        ids = list(meant.select_for_update().values_list("pk", flat=True))
        EmergencyCode.objects.filter(pk__in=ids).update(wrong_tries=F("wrong_tries") + 1)
        for code in EmergencyCode.objects.filter(pk__in=ids, wrong_tries=MOST_WRONG_TRIES):
            _tell_locked(code, license, at=at, origin=origin)
    guesses.charge(vault.digest(emergency.PURPOSE, typed), address=origin.ip_address, at=at)


def _tell_locked(code: EmergencyCode, license: License, *, at: datetime, origin: Origin) -> None:
    trail.record(
        LOCKED,
        at=at,
        origin=origin,
        tenant_id=license.tenant_id,
        customer_id=license.customer_id,
        license_id=license.pk,
        changes={"number": (None, code.number)},
    )
    emergency.tell_staff(code, "locked", at=at)
