"""What every device call has in common: its body, its limits, its way of being refused."""

from ipaddress import ip_address
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from events.refusals import Refusal, invalid
from events.trail import Origin
from licenses.device_api import payloads, shapes
from licenses.device_api.bodies import decode
from licenses.device_api.schema import DeviceSchema
from licenses.restrictions import Whereabouts
from licenses.selectors import entry, snapshots, typed_keys, whereabouts
from licenses.selectors.entry import Entry
from licenses.selectors.snapshots import Snapshot
from licenses.services import answering
from licenses.services.tokens import token_digest
from licenses.validation import Asked, Verdict


class PayloadParser(BaseParser):
    """Read a body into the payload its view names, whatever content type it claims to have."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """Return the payload in `stream`."""
        view = parser_context["view"]
        length = int(view.request.META.get("CONTENT_LENGTH") or 0)
        return decode(stream, length, view.payload)


class OnlyJSON(BaseContentNegotiation):
    """Devices speak JSON and hear JSON; what they claim to accept changes nothing."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


class DeviceView(APIView):
    """A call from sold software: the licence key or token in its body is its only credential."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()
    parser_classes = (PayloadParser,)
    renderer_classes = (JSONRenderer,)
    content_negotiation_class = OnlyJSON
    http_method_names = ("post",)
    schema = DeviceSchema()
    # What is read, what is answered and how; the API's description is made from them.
    payload: type[payloads.Payload]
    told: type[shapes.Answer]
    statuses: tuple[int, ...] = (200,)

    def post(self, request: Request) -> HttpResponse:
        """Read the body and let the view answer it."""
        self.at = timezone.now()
        body = request.data
        if not isinstance(body, self.payload):
            # DRF hands past the parser what is empty, or comes without its length.
            raise invalid(body="A JSON object, sent with its Content-Length.")
        self.body = body
        return self.reply(body)

    def reply(self, body: Any) -> HttpResponse:
        """Make one service call and answer."""
        raise NotImplementedError

    def let_in(self, got: Entry) -> Snapshot | None:
        """Return what the credential stands for, and tell in the headers what is left of it."""
        if got.counts:
            tightest = min(got.counts, key=lambda count: count.remaining)
            self._tell(tightest.limit, tightest.remaining, tightest.resets_in)
        return got.found

    def by_token(self, body: payloads.Token, *, beat: bytes = b"", version: str = "") -> Entry:
        """Let in who holds the token in the body, or the one that came as the bearer."""
        digest = token_in(body, self.request)
        return entry.by_token(digest, address=self.address, at=self.at, beat=beat, version=version)

    def by_key_or_token(self, body: payloads.AskStatus) -> Snapshot:
        """
        Return the licence of whoever holds its key, or a token of it.

        :raises INVALID_LICENSE_KEY_FORMAT: if what is there for a key has no form of ours
        :raises LICENSE_NOT_FOUND INVALID_ACTIVATION_TOKEN: if it is unknown
        """
        if body.license_key is msgspec.UNSET:
            return known(self.let_in(self.by_token(body)))
        key = key_in(body.license_key)
        found = self.let_in(entry.by_key(key, address=self.address, at=self.at))
        if found is None:
            raise Refusal("LICENSE_NOT_FOUND")
        return found

    def judged(self, found: Snapshot, *, version: str = "") -> tuple[Snapshot, Verdict]:
        """Return the verdict on a device's seat, by what its activation and this call tell."""
        asked = Asked(device=True, product_version=version or found.runs or None)
        if found.release is None:
            found = snapshots.with_release(found, asked.product_version)
        return entry.judged(found, asked, caller=self._where, at=self.at)

    def _where(self, found: Snapshot) -> Whereabouts:
        assert found.device is not None  # noqa: S101 - found by its token
        return whereabouts.of_device(found.device, address=as_address(self.address))

    def _tell(self, limit: int, remaining: int, reset: int) -> None:
        self.headers |= {
            "RateLimit-Limit": str(limit),
            "RateLimit-Remaining": str(remaining),
            "RateLimit-Reset": str(reset),
        }

    def handle_exception(self, exc: Exception) -> Response:
        """Answer a refusal as every route does, the caller's nonce in its details."""
        body = getattr(self, "body", None)
        if isinstance(exc, Refusal) and body is not None and body.nonce is not msgspec.UNSET:
            # Where it is the nonce that cannot be, its field tells why.
            exc.details.setdefault("nonce", body.nonce)
        if isinstance(exc, Refusal) and exc.code == "RATE_LIMITED" and "limit" in exc.details:
            self._tell(exc.details["limit"], 0, exc.details["retry_after"])
        return super().handle_exception(exc)

    def finalize_response(
        self, request: Request, response: HttpResponse, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Sign what is told to whoever sent a nonce, refusals as well."""
        response = super().finalize_response(request, response, *args, **kwargs)
        nonce = getattr(getattr(self, "body", None), "nonce", msgspec.UNSET)
        if nonce is msgspec.UNSET:
            return response
        signature = answering.signature_of(
            response.content,
            nonce=nonce,
            method=request.method or "",
            path=request.path,
            status=response.status_code,
            at=self.at,
        )
        if signature is not None:
            response["X-Signature"] = signature
        return response

    @property
    def address(self) -> str:
        return str(self.request.META.get("REMOTE_ADDR", ""))

    @property
    def origin(self) -> Origin:
        meta = self.request.META
        return Origin(
            actor_kind="device",
            ip_address=self.address,
            request_id=meta.get("REQUEST_ID", ""),
        )


def key_in(text: str) -> str:
    """
    Return a licence key in its canonical form.

    :raises INVALID_LICENSE_KEY_FORMAT: if it has no form of ours or a typing error
    """
    canonical = typed_keys.canonical(text)
    if canonical is None:
        raise Refusal("INVALID_LICENSE_KEY_FORMAT")
    return canonical


def known(found: Snapshot | None) -> Snapshot:
    """
    Return what a token stands for.

    :raises INVALID_ACTIVATION_TOKEN: if it is unknown
    """
    if found is None:
        raise Refusal("INVALID_ACTIVATION_TOKEN")
    return found


def token_in(body: payloads.Token, request: HttpRequest | Request) -> bytes:
    """
    Return the digest of the token in the body, or of the one that came as the bearer.

    :raises VALIDATION_ERROR: if there is neither
    """
    token = body.activation_token
    if token is msgspec.UNSET:
        kind, _, bearer = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        token = bearer.strip() if kind.lower() == "bearer" else ""
        if not token.startswith("act_"):
            raise invalid(activation_token="This field is required.")  # noqa: S106 - not a password
    return token_digest(token)


def as_address(address: str) -> str | None:
    """Return the caller's address, or None where the server told none that is one."""
    try:
        ip_address(address)
    except ValueError:
        return None
    return address
