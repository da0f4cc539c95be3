"""What a tenant may do by all its licences together."""

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import ManagementView
from accounts.api.shapes import Moment, Number, Shown
from events.refusals import Refusal
from licenses.selectors.flags import flags_of


class FlagShown(Shown):
    enabled = serializers.BooleanField()
    limit_value = Number(required=False)
    remaining = Number(required=False)
    expires_at = Moment(required=False)


class GetFeatureFlags(ManagementView):
    """Return what a tenant's valid licences grant: by feature, the most generous limit."""

    scope = "licenses:read"
    Output = FlagShown
    keyed = True
    parameters = {"tenant_id": [], "product_id": []}

    def get(self, request: Request) -> Response:
        tenant_id = self.credential.tenant_id
        if tenant_id is None:
            raise Refusal("TENANT_REQUIRED")
        product_id = request.query_params.get("product_id", "").strip() or None
        found = flags_of(tenant_id, product_id=product_id, at=self.at)
        shown = {
            feature_id: self.Output(flag, context={"view": self}).data
            for feature_id, flag in found.items()
        }
        return Response({"data": shown})
