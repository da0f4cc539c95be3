"""What devices report, and what they are told."""

from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from compliance.models.incident import MAX_DESCRIPTION
from licenses.device_api.payloads import AskStatus
from licenses.device_api.shapes import Answer

Activity = Literal["MULTIPLE_ACTIVATIONS", "UNUSUAL_LOCATION", "TAMPERING_ATTEMPT", "API_ABUSE"]


class ActivityReport(AskStatus, kw_only=True, omit_defaults=True):
    """An app tells what looks wrong to it."""

    activity_type: Activity
    description: Annotated[str, Meta(min_length=1, max_length=MAX_DESCRIPTION)]
    evidence: dict[str, Any] | UnsetType = UNSET


class ActivityReported(Answer, kw_only=True, omit_defaults=True):
    """The incident that holds the report."""

    incident_id: UUID
