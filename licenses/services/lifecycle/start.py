"""First activation: the moment from which a trial's or a deferred term's days are counted."""

import uuid
from datetime import datetime, timedelta

from events.refusals import Refusal
from events.trail import Origin
from licenses.models import License
from licenses.services.lifecycle.writing import lock, told, write
from licenses.states import PendingCause


def start_license(*, license_id: uuid.UUID, at: datetime, origin: Origin) -> License:
    """
    Start a licence that waits for its first device, inside the activation's own transaction.

    Started already by another device, it is returned as it is.

    :raises LICENSE_PENDING: if it waits for something else
    """
    license = lock(license_id, at=at)
    before = told(license)
    if license.pending_cause not in (PendingCause.NONE, PendingCause.FIRST_ACTIVATION):
        raise Refusal("LICENSE_PENDING", pending_cause=license.pending_cause)
    if license.pending_cause == PendingCause.NONE:
        return license
    license.pending_cause = PendingCause.NONE
    license.activation_date = license.activation_date or at
    if license.expiry_date is None and license.duration_days:
        license.expiry_date = at + timedelta(days=license.duration_days)
        license.grace_ends_at = license.grace_end_for(license.expiry_date)
    return write(license, "license.activated", before=before, at=at, origin=origin)
