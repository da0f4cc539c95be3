"""What devices of the demo reported, and what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F

from compliance.models import ActivityType, Incident
from compliance.services.closing import close_incident
from compliance.services.reporting import About, report_activity
from licenses.models import License
from licensing_portal.demo import cast
from licensing_portal.demo.machines import Machines


@dataclass(frozen=True, slots=True)
class Noticed:
    """Of which template's licence a device reported what, how often, and who closed it when."""

    template: str
    days_ago: float
    activity_type: ActivityType
    description: str
    evidence: Mapping[str, Any] = field(default_factory=dict)
    times: int = 1
    closed_after: float | None = None
    notes: str = ""


_FLOATING = "Strata Desktop Professional Floating"
NOTICED: Sequence[Noticed] = (
    Noticed(
        "Fieldbook Named",
        41.3,
        ActivityType.UNUSUAL_LOCATION,
        "Signed in from Stavanger two hours after Wilhelmshaven.",
        {"from": {"city": "Wilhelmshaven", "country": "DE"}, "to": {"city": "Stavanger"}},
        closed_after=1.2,
        notes="The surveyor flew there that morning. Nothing is wrong.",
    ),
    Noticed(
        _FLOATING,
        6.4,
        ActivityType.MULTIPLE_ACTIVATIONS,
        "One fingerprint reports from two machine names within a minute.",
        {"machine_names": ["brn-render-04", "brn-render-04-copy"], "seconds_apart": 38},
        times=12,
    ),
    Noticed(
        _FLOATING,
        0.8,
        ActivityType.TAMPERING_ATTEMPT,
        "The licence module does not match its signature.",
        {
            "module": "strata_license.dll",
            "expected_sha256": "5f2c…e1a9",
            "found_sha256": "b07d…44c2",
            "debugger_attached": True,
        },
        times=3,
    ),
)


def notice(
    license: License, noticed: Noticed, machines: Machines, *, at: datetime
) -> Incident | None:
    """Report as the device does that was heard of last, all within an hour."""
    incident = None
    running = license.activations.live().filter(activated_at__lt=at)
    device = running.order_by(F("lease_expires_at").desc(nulls_last=True), "-id").first()
    placed = machines.placed.get(device.pk) if device else None
    if device is None or placed is None:
        return None
    for time in range(noticed.times):
        incident, _ = report_activity(
            about=About(license.tenant_id, license.customer_id, license.pk, device.pk),
            activity_type=noticed.activity_type,
            description=noticed.description,
            evidence=dict(noticed.evidence),
            at=at + timedelta(minutes=4 * time),
            origin=placed.origin,
        )
    return incident


def close(at: datetime, *, incident: Incident, notes: str) -> None:
    """Write down what was found."""
    close_incident(incident_id=incident.pk, notes=notes, at=at, origin=cast.SUPPORT)
