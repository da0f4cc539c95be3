"""Devices as their owner and the vendor see them: masked, and free to be signed out."""

from datetime import datetime
from typing import Any

from django_filters import CharFilter, FilterSet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import owns, rows_of
from accounts.api.base import ManagementView
from accounts.api.fields import IdFilter, OneOf
from accounts.api.shapes import Hint, Moment, Shown, Text, Withheld
from events import vault
from licenses.models import Activation, NamedUser, labels
from licenses.selectors.snapshots import FINGERPRINT
from licenses.selectors.usage import metrics_of
from licenses.services.activation import deactivate


class UsageMetrics(serializers.DictField):
    """What a device counted and measured, by name."""

    def get_attribute(self, instance: Activation) -> dict[str, Any]:
        return metrics_of(instance.usage_totals.all())


class ActivationShown(Shown):
    id = serializers.UUIDField()
    license_id = serializers.UUIDField()
    activation_token = Withheld()
    device_fingerprint = Hint(source="fingerprint_hint")
    user_identity = serializers.CharField(source="named_user.identity", required=False)
    hardware_id = Hint(source="hardware_hint", required=False)
    mac_address = Hint(source="mac_hint", required=False)
    machine_name = serializers.CharField(required=False)
    operating_system = serializers.CharField(required=False)
    application_version = serializers.CharField()
    user_agent = serializers.CharField(required=False)
    ip_address = serializers.CharField(required=False)
    country = serializers.CharField(required=False)
    activation_type = serializers.CharField()
    status = serializers.SerializerMethodField()
    units = serializers.IntegerField()
    units_declared = serializers.BooleanField(required=False)
    activated_at = Moment()
    last_heartbeat = Moment(source="heartbeat.last_heartbeat", required=False)
    lease_expires_at = Moment(required=False)
    borrowed_until = Moment(required=False)
    emergency_until = Moment(required=False)
    valid_until = Moment(required=False)
    deactivated_at = Moment(required=False)
    deactivation_reason = serializers.CharField(required=False)
    usage_metrics = UsageMetrics(required=False)
    metadata = serializers.DictField(required=False)

    def get_status(self, activation: Activation) -> str:
        at: datetime = self.context["view"].at
        return activation.status_at(at).value

    def to_representation(self, activation: Activation) -> dict[str, Any]:
        shown = super().to_representation(activation)
        if not owns(self.context["view"].credential, activation.license):
            # Whoever sold it on sees the buyer's devices, never its people.
            shown.pop("user_identity", None)
        return shown


class ActivationFilters(FilterSet):
    license_id = IdFilter()
    status = OneOf(choices=labels.ACTIVATION_STATUS, method="in_status")
    activation_type = OneOf(choices=labels.ACTIVATION_TYPE)
    device_fingerprint = CharFilter(method="of_device")
    user_identity = CharFilter(method="of_user")

    def in_status(self, rows: Any, name: str, value: str) -> Any:
        return rows.in_status(value, self.request.parser_context["view"].at)

    def of_device(self, rows: Any, name: str, value: str) -> Any:
        return rows.filter(fingerprint_digest__in=vault.digests(FINGERPRINT, value))

    def of_user(self, rows: Any, name: str, value: str) -> Any:
        # Whoever sold a licence on must not learn by asking whose device it is.
        credential = self.request.parser_context["view"].credential
        holders = rows_of(credential, NamedUser).called(value)
        return rows.filter(named_user__in=holders)


class OptionalDeactivationReason(serializers.Serializer):
    reason = Text(required=False, max_length=500, allow_blank=True)


class GetActivations(ManagementView):
    """List devices and what their hold on a licence is worth now."""

    scope = "activations:read"
    Output = ActivationShown
    listing = True
    Filters = ActivationFilters
    sortable = {"activated_at": "activated_at", "machine_name": "machine_name"}
    searched = ("machine_name__icontains", "fingerprint_hint__iexact")

    def get(self, request: Request) -> Response:
        return self.listed(rows_of(self.credential, Activation).with_names().with_usage())


class GetActivation(ManagementView):
    """Read one device's hold on a licence."""

    scope = "activations:read"
    Output = ActivationShown

    def get(self, request: Request, activation_id: str) -> Response:
        return self.answer(self.one(Activation, activation_id, "ACTIVATION_NOT_FOUND"))


class DeactivateActivation(ManagementView):
    """Free a device's seat; freeing it twice changes nothing."""

    scope = "activations:write"
    Input = OptionalDeactivationReason
    Output = ActivationShown

    def post(self, request: Request, activation_id: str) -> Response:
        # A reseller may free devices of what it sold, so this asks for sight and not for property.
        activation = self.one(Activation, activation_id, "ACTIVATION_NOT_FOUND")
        reason = self.read().get("reason", "")
        return self.answer(
            deactivate(activation_id=activation.pk, reason=reason, at=self.at, origin=self.origin)
        )
