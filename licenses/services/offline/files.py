"""Making signed files: what they say of a licence, and the number that makes old ones lose."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from uuid_utils.compat import uuid7

from events import trail
from events.refusals import Refusal
from events.trail import Origin
from licenses.facts import FeatureFacts, LicenseFacts
from licenses.models import FileKind, FileNumber, IssuedFile, License
from licenses.selectors.offline import revocations_to_know
from licenses.services.signing_keys import signer_for
from licenses.signing import Kind, signed
from licenses.signing.compact import MOST_CHARACTERS
from licenses.signing.times import seconds

ISSUED = "license.file_issued"
_KINDS = {
    FileKind.LICENSE: Kind.LICENSE_FILE,
    FileKind.DEVICE: Kind.DEVICE_FILE,
    FileKind.RESPONSE: Kind.ACTIVATION_RESPONSE,
}
# After so much of its life an app should ask for the next file, while there is time.
_ASK_AFTER = 0.75


@dataclass(frozen=True, slots=True)
class SignedFile:
    """A file, for the one answer that hands it out."""

    row: IssuedFile
    text: str

    @property
    def expires_at(self) -> datetime:
        return self.row.expires_at

    @property
    def kid(self) -> str:
        return self.row.kid


def make(
    kind: FileKind,
    license: License,
    facts: LicenseFacts,
    *,
    activation_id: uuid.UUID | None = None,
    bound: dict[str, Any] | None = None,
    expires_at: datetime,
    at: datetime,
    origin: Origin,
) -> SignedFile:
    """
    Sign a file of a locked licence, note it and tell the trail.

    `bound`: what binds it to a device.

    :raises LICENSE_EXPIRED: if it would have ended before it began
    :raises FILE_TOO_LARGE: if the licence says more than any reader takes
    :raises SIGNING_ROOT_ABSENT: if no key signs here
    """
    expires_at = expires_at.replace(microsecond=0)
    if expires_at <= at:
        raise Refusal("LICENSE_EXPIRED")
    signer = signer_for(product_id=license.product_id, at=at, origin=origin)
    row = IssuedFile(
        pk=uuid7(),
        license=license,
        activation_id=activation_id,
        kind=kind,
        seq=next_number(license.pk),
        kid=signer.kid,
        license_revision=license.revision,
        issued_at=at,
        expires_at=expires_at,
    )
    claims = _terms(facts, at=at) | {"jti": str(row.pk), "seq": row.seq} | (bound or {})
    claims |= {"nbf": seconds(at), "rev": revocations_to_know()}
    if kind != FileKind.RESPONSE:
        claims["force_online_after"] = seconds(at + (expires_at - at) * _ASK_AFTER)
    text = signed(_KINDS[kind], claims, signer=signer, issued_at=at, expires_at=expires_at)
    if len(text) > MOST_CHARACTERS:
        raise Refusal("FILE_TOO_LARGE", max_characters=MOST_CHARACTERS)
    row.save(force_insert=True)
    trail.record(
        ISSUED,
        at=at,
        origin=origin,
        tenant_id=license.tenant_id,
        customer_id=license.customer_id,
        license_id=license.pk,
        activation_id=activation_id,
        changes={
            "kind": (None, row.kind),
            "seq": (None, row.seq),
            "expires_at": (None, expires_at),
        },
    )
    return SignedFile(row, text)


def next_number(license_id: uuid.UUID) -> int:
    """
    Return the next number of a licence's files: files that have a lower one lose from now on.

    One statement moves the row on and holds it to the end of the transaction.
    """
    mine = FileNumber.objects.filter(pk=license_id)
    if not mine.update(last=F("last") + 1):
        FileNumber.objects.bulk_create([FileNumber(pk=license_id)], ignore_conflicts=True)
        mine.update(last=F("last") + 1)
    return mine.values_list("last", flat=True).get()


def _terms(facts: LicenseFacts, *, at: datetime) -> dict[str, Any]:
    """Return what a file says of its licence; what there is not is absent."""
    told: dict[str, Any] = {
        "iss": str(facts.tenant_id),
        "sub": str(facts.id),
        "aud": facts.product_id,
        "status": facts.status_at(at).value,
        "license_type": facts.license_type,
        "limits": {} if facts.capacity is None else {"max_activations": facts.max_activations},
        "entitlements": [_granted(one) for one in facts.features if one.granted_at(at)],
    }
    if facts.expiry_date is not None:
        told["lexp"] = seconds(facts.expiry_date)
        ends_at = facts.ends_at or facts.expiry_date
        told["grace"] = max(0, (ends_at - facts.expiry_date) // timedelta(seconds=1))
    if facts.maintenance_expiry is not None:
        told["maint"] = seconds(facts.maintenance_expiry)
    return told


def _granted(feature: FeatureFacts) -> dict[str, Any]:
    told: dict[str, Any] = {"feature_id": feature.feature_id}
    if (limit := feature.limit_value) is not None:
        told["limit"] = int(limit) if limit == limit.to_integral_value() else float(limit)
        told |= {"limit_type": feature.limit_type} if feature.limit_type else {}
        told |= {"period": feature.period} if feature.period not in ("", "NONE") else {}
    if feature.expires_at is not None:
        told["expires_at"] = seconds(feature.expires_at)
    return told
