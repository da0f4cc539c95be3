"""Emergency codes: made for whoever answers for it, and counted."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from events import trail, vault
from events.models import Notice
from events.notifications import Mail
from events.refusals import Refusal
from events.services import notices
from events.trail import Origin
from licenses import notifications, states, ways_out
from licenses.keys import spoken
from licenses.models import EmergencyCode, License
from licenses.models.emergency import LASTS
from licenses.selectors.emergencies import Allowance, allowance_of
from licenses.services import reasons
from licenses.services.lifecycle.writing import lock
from licenses.services.signing_keys import signer_for
from licenses.signing import Kind, signed

PURPOSE = "emergency_code"
ISSUED = "license.emergency_code_issued"
# The kind of notice by which staff hear of it.
NOTICE = "emergency_code"


@dataclass(frozen=True, slots=True)
class IssuedCode:
    """A code in both its forms, for the one answer that may show them."""

    row: EmergencyCode
    license: License
    # Verified by whoever holds the root's public half, and too long to be read out.
    signed: str
    typed: str

    @property
    def valid_until(self) -> datetime:
        return self.row.valid_until


@transaction.atomic
def issue_code(
    *,
    license_id: uuid.UUID,
    reason: str,
    at: datetime,
    origin: Origin,
    number: int | None = None,
) -> IssuedCode:
    """
    Make a code that lets one device in for a day, and tell the vendor's staff.

    It is made whether or not a seat is free; the licence itself does not change. `number` is what
    it will be, for a person's form: one that is sent twice makes one code.

    :raises VALIDATION_ERROR: if no reason is given
    :raises LICENSE_NOT_FOUND: if there is no such licence
    :raises LICENSE_REVOKED LICENSE_SUSPENDED LICENSE_PENDING LICENSE_INACTIVE: if more is in the
        way than that it ended or was not paid
    :raises EMERGENCY_CODE_MADE: if the code of that number is there already
    :raises EMERGENCY_LIMIT_EXCEEDED: if it has had its codes of this year
    :raises SIGNING_ROOT_ABSENT: if no key signs here
    """
    reasons.demand(reason)
    license = lock(license_id, at=at)
    if code := states.refusal_in_emergency(license):
        raise Refusal(code, status=license.status_at(at).value)
    allowance = allowance_of(license, at=at)
    if number is not None and number != allowance.next_number:
        raise Refusal("EMERGENCY_CODE_MADE")
    _check(allowance, at=at)
    typed = spoken.make()
    row = EmergencyCode.objects.create(
        license=license,
        number=allowance.next_number,
        typed_digest=vault.digest(PURPOSE, typed),
        reason=reason,
        issued_at=at,
        # Whole seconds, as the signed form states them: both end in the same instant.
        valid_until=at.replace(microsecond=0) + LASTS,
    )
    signed_form = _signed(row, license, at=at, origin=origin)
    _tell(row, license, at=at, origin=origin)
    return IssuedCode(row, license, signed_form, typed)


def _check(allowance: Allowance, *, at: datetime) -> None:
    """
    Let a licence pass that has had fewer codes than it may have in any 365 days.

    :raises EMERGENCY_LIMIT_EXCEEDED: if it has not, telling when the next may be made
    """
    if allowance.again_at is not None:
        raise Refusal(
            "EMERGENCY_LIMIT_EXCEEDED",
            limit=allowance.most,
            retry_after=ways_out.seconds_until(allowance.again_at, at),
        )


def _signed(row: EmergencyCode, license: License, *, at: datetime, origin: Origin) -> str:
    return signed(
        Kind.EMERGENCY_CODE,
        {"aud": license.product.product_id, "sub": str(license.pk), "jti": str(row.pk)},
        signer=signer_for(product_id=license.product_id, at=at, origin=origin),
        issued_at=at,
        expires_at=row.valid_until,
    )


def _tell(row: EmergencyCode, license: License, *, at: datetime, origin: Origin) -> None:
    trail.record(
        ISSUED,
        at=at,
        origin=origin,
        tenant_id=license.tenant_id,
        customer_id=license.customer_id,
        license_id=license.pk,
        changes={"number": (None, row.number), "valid_until": (None, row.valid_until)},
        reason=row.reason,
    )
    tell_staff(row, "issued", at=at)


def tell_staff(row: EmergencyCode, what: str, *, at: datetime) -> None:
    """Owe the vendor's staff a mail about a code; it is none of the customer's."""
    notices.queue(
        kind=NOTICE,
        occasion=f"{what}:{row.pk}",
        recipient=settings.VENDOR_EMAIL,
        at=at,
        license_id=row.license_id,
    )


def compose(notice: Notice, address: str, at: datetime) -> Mail | None:
    """Return the mail about a code that was made, or that nobody may guess at any more."""
    _, what, code_id = notice.dedup_key.split(":")
    rows = EmergencyCode.objects.select_related("license__tenant")
    row = rows.filter(pk=code_id).first()
    return None if row is None else notifications.emergency_code(row, locked=what == "locked")
