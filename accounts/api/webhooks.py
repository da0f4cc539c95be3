"""Endpoints of other systems, what they were told, and telling them again."""

from django_filters import FilterSet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import rows_of
from accounts.api.base import ManagementView, Missing
from accounts.api.fields import IdFilter, OneOf
from accounts.api.shapes import Flag, Moment, Shown, Text
from events.models import DeliveryState, WebhookDelivery, WebhookEndpoint
from events.services.webhooks import endpoints, replaying, sending

_UNKNOWN = "WEBHOOK_ENDPOINT_NOT_FOUND"


class WebhookEndpointShown(Shown):
    id = serializers.UUIDField()
    tenant_id = serializers.UUIDField(required=False)
    url = serializers.CharField()
    description = serializers.CharField(required=False)
    event_types = serializers.ListField(child=serializers.CharField())
    active = serializers.BooleanField()
    disabled_at = Moment(required=False)
    disabled_because = serializers.CharField(required=False)
    failing_since = Moment(required=False)
    created_at = Moment()


class WebhookSecretShown(WebhookEndpointShown):
    secret = serializers.SerializerMethodField()

    def get_secret(self, row: WebhookEndpoint) -> str:
        plain: str = self.context["plain"]
        return plain


class WebhookEndpointGiven(serializers.Serializer):
    url = Text(max_length=500)
    event_types = serializers.ListField(child=Text(max_length=90), min_length=1, max_length=50)
    description = Text(required=False, max_length=200, allow_blank=True)
    tenant_id = Text(required=False)


class WebhookEndpointChanged(WebhookEndpointGiven):
    active = Flag(required=False)


class WebhookDeliveryShown(Shown):
    id = serializers.UUIDField()
    event_id = serializers.UUIDField(source="event.event_id")
    event_type = serializers.CharField(source="event.type")
    license_id = serializers.UUIDField(required=False)
    state = serializers.ChoiceField(choices=DeliveryState.choices)
    attempts = serializers.IntegerField()
    queued_at = Moment()
    due_at = Moment(source="next_try", required=False)
    delivered_at = Moment(required=False)
    response_status = serializers.IntegerField(required=False)
    response_excerpt = serializers.CharField(required=False)
    error = serializers.CharField(required=False)
    duration_ms = serializers.IntegerField(required=False)


class WebhookTestShown(Shown):
    delivered = serializers.BooleanField(source="taken")
    response_status = serializers.IntegerField(source="status", required=False)
    response_excerpt = serializers.CharField(source="excerpt", required=False)
    error = serializers.CharField(required=False)
    duration_ms = serializers.IntegerField()


class WebhookReplayGiven(serializers.Serializer):
    since = Moment()


class WebhookReplayShown(Shown):
    deliveries = serializers.IntegerField()


class DeliveryFilters(FilterSet):
    state = OneOf(choices=DeliveryState.choices)
    license_id = IdFilter()


class GetWebhookEndpoints(ManagementView):
    """List where other systems hear of events."""

    scope = "webhooks:read"
    Output = WebhookEndpointShown
    listing = True
    sortable = {"created_at": "created_at"}
    searched = ("url__icontains", "description__icontains")

    def get(self, request: Request) -> Response:
        return self.listed(rows_of(self.credential, WebhookEndpoint))


class CreateWebhookEndpoint(ManagementView):
    """Make an endpoint; the secret that signs what it is sent is shown here once."""

    scope = "webhooks:write"
    Input = WebhookEndpointGiven
    Output = WebhookSecretShown
    success = 201

    def post(self, request: Request) -> Response:
        given = self.read()
        endpoint, secret = endpoints.create_endpoint(
            url=given["url"],
            event_types=given["event_types"],
            description=given.get("description", ""),
            tenant_id=self.credential.tenant_id,
            at=self.at,
            origin=self.origin,
        )
        return self.answer(endpoint, plain=secret)


class UpdateWebhookEndpoint(ManagementView):
    """Change an endpoint, switch it off, or on again."""

    scope = "webhooks:write"
    Input = WebhookEndpointChanged
    Output = WebhookEndpointShown
    partial = True

    def put(self, request: Request, endpoint_id: str) -> Response:
        endpoint = self.one(WebhookEndpoint, endpoint_id, _UNKNOWN)
        given = self.read()
        changed = endpoints.change_endpoint(
            endpoint_id=endpoint.pk,
            fields={name: given[name] for name in given.keys() & endpoints.FIELDS},
            at=self.at,
            origin=self.origin,
        )
        return self.answer(changed)


class RotateWebhookSecret(ManagementView):
    """Give an endpoint a new secret, shown here once; for 24 hours the old one signs as well."""

    scope = "webhooks:write"
    Output = WebhookSecretShown

    def post(self, request: Request, endpoint_id: str) -> Response:
        endpoint = self.one(WebhookEndpoint, endpoint_id, _UNKNOWN)
        endpoint, secret = endpoints.rotate_secret(
            endpoint_id=endpoint.pk, at=self.at, origin=self.origin
        )
        return self.answer(endpoint, plain=secret)


class TryWebhookEndpoint(ManagementView):
    """Send a `webhook.test` at once and tell what came of it; it is logged nowhere."""

    scope = "webhooks:write"
    Output = WebhookTestShown

    def post(self, request: Request, endpoint_id: str) -> Response:
        endpoint = self.one(WebhookEndpoint, endpoint_id, _UNKNOWN)
        return self.answer(sending.send_test(endpoint_id=endpoint.pk, at=self.at))


class ReplayWebhookEvents(ManagementView):
    """Send again all that happened since a moment, within the last 30 days."""

    scope = "webhooks:write"
    Input = WebhookReplayGiven
    Output = WebhookReplayShown

    def post(self, request: Request, endpoint_id: str) -> Response:
        endpoint = self.one(WebhookEndpoint, endpoint_id, _UNKNOWN)
        many = replaying.replay_since(
            endpoint_id=endpoint.pk, since=self.read()["since"], at=self.at, origin=self.origin
        )
        return self.answer({"deliveries": many})


class GetWebhookDeliveries(ManagementView):
    """List what an endpoint was told in the last 30 days, newest first."""

    scope = "webhooks:read"
    Output = WebhookDeliveryShown
    listing = True
    Filters = DeliveryFilters

    def get(self, request: Request, endpoint_id: str) -> Response:
        endpoint = self.one(WebhookEndpoint, endpoint_id, _UNKNOWN)
        rows = rows_of(self.credential, WebhookDelivery).filter(endpoint=endpoint)
        return self.listed(rows.select_related("event"))


class ReplayWebhookDelivery(ManagementView):
    """Send one delivery again, with the same `webhook-id`."""

    scope = "webhooks:write"
    Output = WebhookDeliveryShown

    def post(self, request: Request, endpoint_id: str, delivery_id: str) -> Response:
        endpoint = self.one(WebhookEndpoint, endpoint_id, _UNKNOWN)
        delivery = self.one(WebhookDelivery, delivery_id, "WEBHOOK_DELIVERY_NOT_FOUND")
        if delivery.endpoint_id != endpoint.pk:
            raise Missing("WEBHOOK_DELIVERY_NOT_FOUND")
        again = replaying.replay_one(
            endpoint_id=endpoint.pk, delivery_id=delivery.pk, at=self.at, origin=self.origin
        )
        return self.answer(again)
