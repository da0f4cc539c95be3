"""How a refusal, or whatever else goes wrong, becomes an answer."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.utils import timezone
from rest_framework import exceptions

from accounts.api.base import Missing
from events.refusals import Refusal
from licenses.enforcement import Unlicensed
from licensing_portal.api.codes import CODES

log = logging.getLogger("api")

# Their messages begin with the standard phrase, since existing clients look for it.
_PHRASED = frozenset({400, 404, 409})
_OF_THE_PAGE = frozenset({"Content-Type", "Content-Length", "Content-Language"})
_BY_STATUS = {
    400: "BAD_REQUEST",
    401: "AUTHENTICATION_REQUIRED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    406: "NOT_ACCEPTABLE",
    413: "BODY_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    429: "RATE_LIMITED",
    503: "TRY_AGAIN",
}


def answer(
    request: HttpRequest, refusal: Refusal, *, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """Turn a refusal into the answer that both kinds of client read."""
    meaning = CODES[refusal.code]
    status = _status_of(refusal)
    message = str(refusal.message or meaning.message)
    if status in _PHRASED:
        message = f"{HTTPStatus(status).phrase}: {message}"
    details = {name: said for name, said in refusal.details.items() if name != "retry_after"}
    error: dict[str, Any] = {"code": refusal.code, "message": message, "details": details}
    # A rule may know better than the table what this caller can do: pay rather than wait.
    next_action = refusal.details.get("next_action", meaning.next_action)
    if next_action != "none":
        error["next_action"] = next_action
    # Whoever has another way on than to wait is not told how long.
    waits = meaning.retry_after if next_action == meaning.next_action else None
    retry_after = refusal.details.get("retry_after", waits)
    if retry_after is not None:
        error["retry_after"] = retry_after
    response = JsonResponse(
        {
            "code": refusal.code,
            "message": message,
            "error": error,
            "timestamp": timezone.now(),
            "trace_id": request.META.get("REQUEST_ID", ""),
        },
        status=status,
    )
    if retry_after is not None:
        response["Retry-After"] = str(retry_after)
    if status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = 'Bearer realm="api"'
    for name, value in (headers or {}).items():
        response[name] = value
    return response


def _status_of(refusal: Refusal) -> int:
    """What is missing on the way is 404, and what is missing to be let in 403, by any code."""
    if isinstance(refusal, Missing):
        return HTTPStatus.NOT_FOUND
    status = CODES[refusal.code].status
    barred = isinstance(refusal, Unlicensed) and status == HTTPStatus.NOT_FOUND
    return HTTPStatus.FORBIDDEN if barred else status


def handle(error: Exception, context: Mapping[str, Any]) -> HttpResponse:
    """Answer whatever a view raised: REST_FRAMEWORK's EXCEPTION_HANDLER."""
    request = context["request"]
    refusal = refusal_for(error)
    if CODES[refusal.code].status == HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("A view failed", exc_info=error)
    headers = {}
    if isinstance(error, exceptions.MethodNotAllowed) and context.get("view") is not None:
        headers["Allow"] = ", ".join(context["view"].allowed_methods)
    return answer(getattr(request, "_request", request), refusal, headers=headers)


def refusal_for(error: Exception) -> Refusal:
    """Find the refusal that says the same as an exception of any library."""
    match error:
        case Refusal() if error.code in CODES:
            return error
        case exceptions.ValidationError():
            return Refusal("VALIDATION_ERROR", **_by_field(error.detail))
        case exceptions.ParseError():
            return Refusal("MALFORMED_JSON")
        case exceptions.Throttled():
            return Refusal("RATE_LIMITED", retry_after=round(error.wait or 1))
        case exceptions.APIException():
            return Refusal(_BY_STATUS.get(error.status_code, "INTERNAL_ERROR"))
        case Http404():
            return Refusal("NOT_FOUND")
        case PermissionDenied():
            return Refusal("PERMISSION_DENIED")
        case RequestDataTooBig():
            return Refusal("BODY_TOO_LARGE")
        case SuspiciousOperation() | UnreadablePostError():
            return Refusal("BAD_REQUEST")
        case OperationalError() if _is_contention(error):
            return Refusal("TRY_AGAIN")
    return Refusal("INTERNAL_ERROR")


def only_json(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Put in our form what went wrong under /api/ before or beside any view."""
    if response.status_code < HTTPStatus.BAD_REQUEST or not request.path_info.startswith("/api/"):
        return response
    if response.headers.get("Content-Type", "").startswith("application/json"):
        return response
    code = _BY_STATUS.get(response.status_code, "INTERNAL_ERROR")
    # What was told beside the page, browsers are told beside the JSON as well.
    kept = {name: value for name, value in response.items() if name not in _OF_THE_PAGE}
    return answer(request, Refusal(code), headers=kept)


def _is_contention(error: OperationalError) -> bool:
    """PostgreSQL's deadlocks and lock timeouts, SQLite's busy: the same call would do later."""
    state = getattr(error.__cause__, "sqlstate", None)
    return state in {"40001", "40P01", "55P03"} or "locked" in str(error)


def _by_field(detail: Any, path: str = "") -> dict[str, list[str]]:
    """Flatten nested field errors to paths: `features.0.feature_id`."""
    if isinstance(detail, dict):
        pairs = [(str(name), inner) for name, inner in detail.items()]
    elif isinstance(detail, list) and any(isinstance(inner, dict | list) for inner in detail):
        pairs = [(str(index), inner) for index, inner in enumerate(detail)]
    else:
        texts = detail if isinstance(detail, list) else [detail]
        return {path or "non_field_errors": [str(text) for text in texts]}
    found: dict[str, list[str]] = {}
    for name, inner in pairs:
        if inner:
            found |= _by_field(inner, f"{path}.{name}" if path else name)
    return found
