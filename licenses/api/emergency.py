"""Emergency codes, made by whoever may answer for them."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import owns, rows_of
from accounts.api.base import ManagementView
from accounts.api.shapes import Moment, Shown, Text
from events import vault
from events.refusals import Refusal
from licenses.models import License
from licenses.selectors import typed_keys
from licenses.services.emergency import issue_code
from licenses.services.keyring import PURPOSE


class EmergencyWish(serializers.Serializer):
    license_key = Text(max_length=8192)
    reason = Text(max_length=2000)


class EmergencyCodeShown(Shown):
    emergency_code = serializers.CharField(source="signed")
    # The same code, short enough to be read out; redeemed with the network alone.
    typed_code = serializers.CharField(source="typed")
    valid_until = Moment()


class GenerateEmergencyCode(ManagementView):
    """Make a code that lets one device in for a day; it is shown here alone."""

    scope = "security:write"
    Input = EmergencyWish
    Output = EmergencyCodeShown

    def post(self, request: Request) -> Response:
        given = self.read()
        license = self._of_key(given["license_key"])
        issued = issue_code(
            license_id=license.pk, reason=given["reason"], at=self.at, origin=self.origin
        )
        return self.answer(issued)

    def _of_key(self, text: str) -> Any:
        key = typed_keys.canonical(text)
        if key is None:
            raise Refusal("INVALID_LICENSE_KEY_FORMAT")
        rows = rows_of(self.credential, License)
        license = rows.filter(key_digest__in=vault.digests(PURPOSE, key)).first()
        if license is None:
            raise Refusal("LICENSE_NOT_FOUND")
        if not owns(self.credential, license):
            raise Refusal("RESELLER_READS_ONLY")
        return license
