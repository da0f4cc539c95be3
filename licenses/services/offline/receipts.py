"""A device that ended itself without a network: its receipt frees the seat, once."""

import uuid
from datetime import datetime

from django.db import transaction

from events.refusals import Refusal
from events.trail import Origin
from licenses.models import Activation, FileKind
from licenses.services import activation
from licenses.services.lifecycle.writing import lock
from licenses.services.offline import files
from licenses.services.offline.signed_by import believed
from licenses.signing import Kind

RECEIPT = "OFFLINE_RECEIPT"


@transaction.atomic
def accept_receipt(
    *, text: str, license_id: uuid.UUID | None = None, at: datetime, origin: Origin
) -> Activation:
    """
    Free the seat of a device that says, signed by its key, that it runs no more.

    The same receipt again is answered as before and changes nothing. From now on every file of the
    device loses against the next, and the list of revocations names it while one lasts.

    :param license_id: the licence that whoever brings it answers for; None for the device itself
    :raises DOCUMENT_INVALID: if it is no receipt, or not signed by that device
    :raises ACTIVATION_NOT_FOUND: if the device is of another licence
    :raises STALE_SEQUENCE: if the device was activated anew after it had written the receipt
    :raises RELEASE_LIMIT: if too many devices of the licence were freed in 30 days
    """
    device, claims = believed(text, Kind.DEACTIVATION_RECEIPT)
    if license_id not in (None, device.activation.license_id):
        raise Refusal("ACTIVATION_NOT_FOUND")
    seq = claims.get("seq")
    if isinstance(seq, bool) or not isinstance(seq, int):
        raise Refusal("DOCUMENT_INVALID", reason="MALFORMED")
    license = lock(device.activation.license_id, at=at)
    row = Activation.objects.get(pk=device.pk)
    if row.live:
        responses = row.files.filter(kind=FileKind.RESPONSE).order_by("-seq")
        last = responses.values_list("seq", flat=True).first()
        if last is not None and seq < last:
            # It ended what it was given before, not what it runs on since.
            raise Refusal("STALE_SEQUENCE")
        files.next_number(license.pk)
    return activation.deactivate(activation_id=row.pk, reason=RECEIPT, at=at, origin=origin)
