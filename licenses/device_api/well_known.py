"""What everybody may know of the keys that sign, at addresses that never change (RFC 8615)."""

from typing import Any

from django.db import Error
from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from events.refusals import Refusal
from events.trail import SYSTEM
from licenses.device_api.door import OnlyJSON
from licenses.selectors import published_keys
from licenses.services import revoking


class WellKnown(APIView):
    """Read by anybody, and kept by whoever stands between for a minute."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()
    renderer_classes = (JSONRenderer,)
    content_negotiation_class = OnlyJSON
    http_method_names = ("get", "head")
    # Beside the API, and described in docs/api.
    schema = None

    def handle_exception(self, exc: Exception) -> Response:
        """Let who asks come again when the database is away."""
        return super().handle_exception(Refusal("TRY_AGAIN") if isinstance(exc, Error) else exc)

    @staticmethod
    def kept(response: HttpResponse) -> HttpResponse:
        """Let the answer be kept for as long as it may be behind anyhow."""
        response["Cache-Control"] = "public, max-age=60"
        return response


class PublicKeys(WellKnown):
    """The keys that sign, next, active and retired, as a JSON Web Key Set."""

    def get(self, request: Request) -> HttpResponse:
        """Answer with every key of which a document may be believed."""
        told: dict[str, Any] = dict(published_keys.key_set(timezone.now()))
        return self.kept(JsonResponse(told, content_type="application/jwk-set+json"))


class Revocations(WellKnown):
    """What is not believed any more, as a signed list."""

    def get(self, request: Request) -> HttpResponse:
        """Answer with the list as it is published, a compact JWS."""
        shown = revoking.current_list(at=timezone.now(), origin=SYSTEM)
        return self.kept(HttpResponse(shown.document, content_type="application/jose"))
