"""Suspicious activity is reported: one incident of it, however often it is told."""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from compliance.models import ActivityType, Incident
from compliance.models.incident import MAX_DESCRIPTION, REPEATED_WITHIN
from compliance.services.evidence import cleared, cleared_text
from events import trail, vault
from events.refusals import invalid
from events.trail import Origin

# Beyond so many open incidents of a licence its devices are told apart no more.
MOST_OPEN = 100
_NO_EVIDENCE: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class About:
    """What a report is about, as far as its credential says; nothing in it comes from the body."""

    tenant_id: uuid.UUID | None = None
    customer_id: uuid.UUID | None = None
    license_id: uuid.UUID | None = None
    activation_id: uuid.UUID | None = None


def report_activity(
    *,
    about: About,
    activity_type: str,
    description: str,
    at: datetime,
    origin: Origin,
    evidence: Any = _NO_EVIDENCE,
) -> tuple[Incident, bool]:
    """
    Keep a report, and say whether it makes a new incident.

    The same of one licence and device within a day, while nobody closed it, is one incident: it
    is counted, and its newest evidence kept.

    :raises VALIDATION_ERROR: if the type is none, or description or evidence are empty or too long
    """
    if activity_type not in ActivityType.values:
        raise invalid(activity_type=f"One of {', '.join(ActivityType.values)}.")
    text = description.strip()
    if not text or len(text) > MAX_DESCRIPTION:
        raise invalid(description=f"Between 1 and {MAX_DESCRIPTION} characters.")
    told = {
        # A mask may be longer than what it hides.
        "description": cleared_text(text)[:MAX_DESCRIPTION],
        "evidence": cleared(evidence),
        "reporter_kind": origin.actor_kind,
        "reporter_id": origin.actor_id,
    }
    try:
        with transaction.atomic():
            return _kept(about, activity_type, told, at=at, origin=origin)
    except IntegrityError:
        # Another report of the same made the incident meanwhile.
        with transaction.atomic():
            return _kept(about, activity_type, told, at=at, origin=origin)


def _kept(
    about: About, activity_type: str, told: dict[str, Any], *, at: datetime, origin: Origin
) -> tuple[Incident, bool]:
    mark = _mark(about, activity_type, origin)
    known = Incident.objects.select_for_update().filter(gathers=mark).first()
    license_id = about.license_id
    if known is None and license_id and about.activation_id and _crowded(license_id):
        mark = _mark(About(license_id=license_id), activity_type, origin)
        known = Incident.objects.select_for_update().filter(gathers=mark).first()
    if origin.ip_address:
        customer_id = about.customer_id if known is None else known.customer_id
        told["address_sealed"] = vault.encrypt_for(trail.salt_of(customer_id), origin.ip_address)
    if known is not None and at - known.last_reported_at < REPEATED_WITHIN:
        return _counted(known, told, at=at), False
    if known is not None:
        known.gathers = None
        known.save(update_fields=["gathers"])
    return _made(about, activity_type, told, mark, at=at, origin=origin), True


def _counted(known: Incident, told: dict[str, Any], *, at: datetime) -> Incident:
    """Count a repeat; its evidence replaces what was told before, if it brings any."""
    if not told["evidence"]:
        told.pop("evidence")
    told["report_count"] = known.report_count + 1
    told["last_reported_at"] = max(at, known.last_reported_at)
    for name, value in told.items():
        setattr(known, name, value)
    known.save(update_fields=list(told))
    return known


def _made(
    about: About,
    activity_type: str,
    told: dict[str, Any],
    mark: bytes,
    *,
    at: datetime,
    origin: Origin,
) -> Incident:
    incident = Incident.objects.create(
        tenant_id=about.tenant_id,
        customer_id=about.customer_id,
        license_id=about.license_id,
        activation_id=about.activation_id,
        activity_type=activity_type,
        reported_at=at,
        last_reported_at=at,
        gathers=mark,
        **told,
    )
    trail.record(
        "incident.reported",
        at=at,
        origin=origin,
        tenant_id=about.tenant_id,
        customer_id=about.customer_id,
        license_id=about.license_id,
        activation_id=about.activation_id,
        changes={"incident_id": (None, incident.pk), "activity_type": (None, activity_type)},
    )
    return incident


def _crowded(license_id: uuid.UUID) -> bool:
    """Return whether so many devices reported of one licence that one more tells nothing new."""
    gathering = Incident.objects.filter(license_id=license_id, gathers__isnull=False)
    return gathering.order_by("-id")[:MOST_OPEN].count() >= MOST_OPEN


def _mark(about: About, activity_type: str, origin: Origin) -> bytes:
    """Return what a report of the same is known by: about what, of which kind, by whom."""
    # Whoever reports by a licence's key or token is that licence's device and nobody else.
    reporter = "" if origin.actor_kind == "device" else f"{origin.actor_kind}:{origin.actor_id}"
    parts = (about.tenant_id, about.license_id, about.activation_id, activity_type, reporter)
    if about.license_id is not None:
        parts = (None, *parts[1:])
    return hashlib.sha256("\0".join(str(part) for part in parts).encode()).digest()
