"""An incident is closed by whoever looked into it."""

import uuid
from datetime import datetime

from django.db import transaction

from compliance.models import Incident
from events import trail
from events.refusals import Refusal
from events.trail import Origin
from licenses.services import reasons


@transaction.atomic
def close_incident(*, incident_id: uuid.UUID, notes: str, at: datetime, origin: Origin) -> Incident:
    """
    Close an incident with what was found; one that is closed stays as it was closed.

    :raises VALIDATION_ERROR: if the notes say nothing
    :raises INCIDENT_NOT_FOUND: if there is none
    """
    reasons.demand(notes, field="notes")
    incident = Incident.objects.select_for_update().filter(pk=incident_id).first()
    if incident is None:
        raise Refusal("INCIDENT_NOT_FOUND")
    if incident.closed_at is not None:
        return incident
    incident.closed_at = at
    incident.closed_by = origin.actor_label or origin.actor_kind
    incident.notes = notes.strip()
    incident.gathers = None
    incident.save(update_fields=["closed_at", "closed_by", "notes", "gathers"])
    trail.record(
        "incident.closed",
        at=at,
        origin=origin,
        tenant_id=incident.tenant_id,
        customer_id=incident.customer_id,
        license_id=incident.license_id,
        activation_id=incident.activation_id,
        changes={"incident_id": (None, incident.pk), "closed_at": (None, at)},
        reason=incident.notes,
    )
    return incident
