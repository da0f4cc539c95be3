"""The trail, as far as the caller's wall lets it be seen."""

from django_filters import CharFilter, FilterSet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import rows_of
from accounts.api.base import ManagementView
from accounts.api.fields import IdFilter, Instant
from accounts.api.shapes import Moment, Shown
from events.models import Event
from events.selectors.trail import opened


class ActorShown(Shown):
    kind = serializers.CharField()
    id = serializers.CharField(required=False)
    label = serializers.CharField(required=False)


class EventShown(Shown):
    id = serializers.UUIDField()
    type = serializers.CharField()
    occurred_at = Moment()
    recorded_at = Moment()
    tenant_id = serializers.UUIDField(required=False)
    license_id = serializers.UUIDField(required=False)
    activation_id = serializers.UUIDField(required=False)
    order_id = serializers.UUIDField(required=False)
    actor = ActorShown()
    ip_address = serializers.CharField(required=False)
    changes = serializers.DictField()
    reason = serializers.CharField(required=False)
    request_id = serializers.CharField(required=False)
    sealed = serializers.BooleanField()


class EventFilters(FilterSet):
    type = CharFilter()
    license_id = IdFilter()
    activation_id = IdFilter()
    actor = CharFilter(field_name="actor_id")


# `from` is no name for an attribute.
EventFilters.base_filters["from"] = Instant(field_name="occurred_at")
EventFilters.base_filters["to"] = Instant(field_name="occurred_at", end=True)


class GetEvents(ManagementView):
    """List what happened, newest first."""

    scope = "events:read"
    Output = EventShown
    listing = True
    Filters = EventFilters
    newest_first_by = "sequence"

    def get(self, request: Request) -> Response:
        return self.listed(rows_of(self.credential, Event), arranged=opened)
