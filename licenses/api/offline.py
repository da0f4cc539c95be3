"""Devices without a network, for whoever answers for them: responses and fresh files."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import owns, rows_of
from accounts.api.base import ManagementView
from accounts.api.shapes import Moment, Shown, Text
from events import vault
from events.refusals import Refusal
from licenses.models import Activation, License
from licenses.selectors import offline_requests
from licenses.selectors.snapshots import KEY
from licenses.services import offline


class RequestCode(serializers.Serializer):
    request_code = Text(max_length=65_536)


class ResponseShown(Shown):
    response_code = serializers.CharField()
    activation_id = serializers.UUIDField()
    expires_at = Moment()


class AnswerOfflineRequest(ManagementView):
    """Give a device without a network its seat; the same request gets the same response."""

    scope = "activations:write"
    Input = RequestCode
    Output = ResponseShown

    def post(self, request: Request) -> Response:
        wish = offline_requests.read(self.read()["request_code"], at=self.at)
        license = self._of_key(wish.license_key)
        return self.answer(
            offline.answer_request(license_id=license.pk, wish=wish, at=self.at, origin=self.origin)
        )

    def _of_key(self, key: str) -> Any:
        rows = rows_of(self.credential, License)
        license = rows.filter(key_digest__in=vault.digests(KEY, key)).first()
        if license is None:
            raise Refusal("LICENSE_NOT_FOUND")
        if not owns(self.credential, license):
            raise Refusal("RESELLER_READS_ONLY")
        return license


class FileWish(serializers.Serializer):
    ttl_days = serializers.IntegerField(required=False, min_value=1, max_value=offline.MOST_DAYS)
    device_fingerprint = Text(required=False, max_length=512)


class FileShown(Shown):
    license_file = serializers.CharField(source="text")
    expires_at = Moment()
    kid = serializers.CharField()


class CheckOutActivation(ManagementView):
    """Make a device's next file; its number makes older ones lose."""

    scope = "activations:write"
    Input = FileWish
    Output = FileShown

    def post(self, request: Request, activation_id: str) -> Response:
        activation = self.one(Activation, activation_id, "ACTIVATION_NOT_FOUND")
        if not owns(self.credential, activation.license):
            raise Refusal("RESELLER_READS_ONLY")
        given = self.read()
        made = offline.checkout_for(
            activation,
            fingerprint=given.get("device_fingerprint", ""),
            ttl_days=given.get("ttl_days"),
            at=self.at,
            origin=self.origin,
        )
        return self.answer(made)
