"""Where gateways tell us of money: by their own signature, without any key of ours."""

from typing import Any

from django.utils import timezone
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from events.refusals import Refusal
from licenses.device_api.door import OnlyJSON
from orders.gateways import Gateway
from orders.gateways.signed import Signed
from orders.services import inbox

GATEWAYS: dict[str, Gateway] = {gateway.name: gateway for gateway in (Signed(),)}
# Far more than any of them says.
MOST_BYTES = 65_536
REFUSED = (400, 404, 405, 409, 413, 500, 503)


class GatewaySchema(AutoSchema):
    """One call of a gateway, and that it needs no key of ours."""

    def get_operation_id(self) -> str:
        return "tellOfMoney"

    def get_summary(self) -> str:
        return type(self.view).__doc__ or ""

    def get_description(self) -> str:
        return "No API key: the gateway's own signature lets it in."

    def get_tags(self) -> list[str]:
        return ["webhooks"]

    def get_auth(self) -> list[dict[str, list[str]]]:
        return []

    def get_request_serializer(self) -> Any:
        return OpenApiTypes.OBJECT

    def get_response_serializers(self) -> Any:
        told = inline_serializer("Received", {"received": serializers.BooleanField()})
        refused = {str(status): {"$ref": "#/components/schemas/Error"} for status in REFUSED}
        return {"200": inline_serializer("ReceivedAnswer", {"data": told})} | refused


class TellOfMoney(APIView):
    """Take what a gateway tells; the same again is answered the same and done once."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()
    renderer_classes = (JSONRenderer,)
    content_negotiation_class = OnlyJSON
    http_method_names = ("post",)
    schema = GatewaySchema()

    def post(self, request: Request, gateway: str) -> Response:
        """Prove whose message it is by every byte of it, and keep what it tells."""
        at = timezone.now()
        known = GATEWAYS.get(gateway)
        if known is None or not known.is_open():
            raise Refusal("GATEWAY_NOT_FOUND")
        # Before any parser: the signature is over the bytes.
        body = request._request.body
        if len(body) > MOST_BYTES:
            raise Refusal("BODY_TOO_LARGE")
        for told in known.verify(body, dict(request.headers), at):
            inbox.receive(gateway=known.name, told=told, at=at)
        return Response({"data": {"received": True}})
