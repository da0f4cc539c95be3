"""Suspicious activity that was reported, and what came of it."""

from typing import Any

from django_filters import FilterSet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import rows_of
from accounts.api.base import ManagementView
from accounts.api.fields import IdFilter, Instant, OneOf
from accounts.api.shapes import Choice, Free, Moment, Shown, Text
from compliance.models import ActivityType, Incident, IncidentStatus
from compliance.models.incident import MAX_DESCRIPTION
from compliance.selectors.incidents import addresses_of
from compliance.services.closing import close_incident
from compliance.services.reporting import About, report_activity
from events.refusals import Refusal
from licenses.models import License


class ReporterShown(Shown):
    kind = serializers.CharField(source="reporter_kind")
    id = serializers.CharField(source="reporter_id", required=False)
    ip_address = serializers.SerializerMethodField(required=False)

    def get_ip_address(self, incident: Incident) -> str:
        addresses: dict[Any, str] = self.context["addresses"]
        return addresses.get(incident.pk, "")


class IncidentShown(Shown):
    id = serializers.UUIDField()
    tenant_id = serializers.UUIDField(required=False)
    license_id = serializers.UUIDField(required=False)
    activation_id = serializers.UUIDField(required=False)
    activity_type = serializers.ChoiceField(choices=ActivityType.choices)
    description = serializers.CharField()
    evidence = Free(required=False)
    reported_by = ReporterShown(source="*")
    reported_at = Moment()
    report_count = serializers.IntegerField()
    last_reported_at = Moment()
    status = serializers.ChoiceField(choices=IncidentStatus.choices)
    closed_at = Moment(required=False)
    closed_by = serializers.CharField(required=False)
    notes = serializers.CharField(required=False)


class IncidentFilters(FilterSet):
    status = OneOf(choices=IncidentStatus.choices, method="in_status")
    activity_type = OneOf(choices=ActivityType.choices)
    license_id = IdFilter()

    def in_status(self, rows: Any, name: str, value: str) -> Any:
        return rows.in_status(value)


# `from` is no name for an attribute.
IncidentFilters.base_filters["from"] = Instant(field_name="reported_at")
IncidentFilters.base_filters["to"] = Instant(field_name="reported_at", end=True)


class Notes(serializers.Serializer):
    notes = Text(max_length=2000)


class ReportGiven(serializers.Serializer):
    license_id = Text(required=False, max_length=100)
    activity_type = Choice(choices=ActivityType.choices)
    description = Text(max_length=MAX_DESCRIPTION)
    evidence = Free(required=False)


class ReportedShown(Shown):
    incident_id = serializers.UUIDField(source="pk")


class GetIncidents(ManagementView):
    """List reported suspicious activity, newest first."""

    scope = "compliance:read"
    Output = IncidentShown
    listing = True
    Filters = IncidentFilters
    sortable = {"reported_at": "reported_at", "last_reported_at": "last_reported_at"}
    searched = ("description__icontains",)

    def get(self, request: Request) -> Response:
        addresses: dict[Any, str] = {}

        def arranged(incidents: list[Incident]) -> list[Incident]:
            addresses.update(addresses_of(incidents))
            return incidents

        rows = rows_of(self.credential, Incident)
        return self.listed(rows, arranged=arranged, addresses=addresses)


class GetIncident(ManagementView):
    """Return one incident."""

    scope = "compliance:read"
    Output = IncidentShown

    def get(self, request: Request, incident_id: str) -> Response:
        incident = self.one(Incident, incident_id, "INCIDENT_NOT_FOUND")
        return self.answer(incident, addresses=addresses_of([incident]))


class CloseIncident(ManagementView):
    """Close an incident with what was found; twice is once."""

    scope = "compliance:write"
    Input = Notes
    Output = IncidentShown

    def post(self, request: Request, incident_id: str) -> Response:
        incident = self.own(Incident, incident_id, "INCIDENT_NOT_FOUND")
        closed = close_incident(
            incident_id=incident.pk,
            notes=self.read()["notes"],
            at=self.at,
            origin=self.origin,
        )
        return self.answer(closed, addresses=addresses_of([closed]))


class ReportActivity(ManagementView):
    """Report what looks wrong; the same again within a day is counted on the same incident."""

    scope = "compliance:write"
    Input = ReportGiven
    Output = ReportedShown
    success = 201

    def post(self, request: Request) -> Response:
        given = self.read()
        about = About(tenant_id=self.credential.tenant_id)
        if license_id := given.get("license_id"):
            license = self._license(license_id)
            about = About(license.tenant_id, license.customer_id, license.pk)
        incident, is_new = report_activity(
            about=about,
            activity_type=given["activity_type"],
            description=given["description"],
            evidence=given.get("evidence", {}),
            at=self.at,
            origin=self.origin,
        )
        response = self.answer(incident)
        response.status_code = self.success if is_new else 200
        return response

    def _license(self, license_id: str) -> License:
        try:
            return self.own(License, license_id, "LICENSE_NOT_FOUND")
        except Refusal as refusal:
            # Named in the body, not on the way.
            raise Refusal(refusal.code) from None
