"""What was noticed of those who run what was sold; import models from here."""

from compliance.models.incident import ActivityType, Incident, IncidentStatus

__all__ = ["ActivityType", "Incident", "IncidentStatus"]
