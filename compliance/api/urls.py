"""Addresses of incidents; reporting one is joined from two doors elsewhere."""

from django.urls import path

from compliance.api.incidents import CloseIncident, GetIncident, GetIncidents

urlpatterns = [
    path("security/incidents", GetIncidents.as_view(), name="api-incidents"),
    path("security/incidents/<str:incident_id>", GetIncident.as_view(), name="api-incident"),
    path(
        "security/incidents/<str:incident_id>/close",
        CloseIncident.as_view(),
        name="api-incident-close",
    ),
]
