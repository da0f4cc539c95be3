"""Warnings: which licences end soon."""

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import rows_of
from accounts.api.base import ManagementView
from accounts.api.shapes import Moment, Shown
from licenses.models import License
from licenses.selectors import expiring


class ExpiringAsked(serializers.Serializer):
    days_ahead = serializers.IntegerField(
        min_value=1, max_value=expiring.MOST_DAYS, default=expiring.DAYS
    )


class ExpiringShown(Shown):
    license_id = serializers.UUIDField()
    customer_name = serializers.CharField()
    product_name = serializers.CharField()
    expiry_date = Moment()
    days_remaining = serializers.IntegerField()
    auto_renewal_enabled = serializers.BooleanField()


class GetExpiryAlerts(ManagementView):
    """List the licences that end within so many days, the soonest first: at most 10,000."""

    scope = "licenses:read"
    Output = ExpiringShown
    many = True
    capped = True
    parameters = {"days_ahead": []}

    def get(self, request: Request) -> Response:
        sent = request.query_params.get("days_ahead", "").strip()
        asked = ExpiringAsked(data={"days_ahead": sent} if sent else {})
        asked.is_valid(raise_exception=True)
        found, capped = expiring.within(
            rows_of(self.credential, License), asked.validated_data["days_ahead"], at=self.at
        )
        response = self.answer(found)
        response.data["meta"] = {"total_is_capped": capped}
        return response
