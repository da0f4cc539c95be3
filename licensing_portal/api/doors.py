"""One address with two doors: devices show a key or a token, everybody else an API key."""

from collections.abc import Callable
from typing import Any

import msgspec
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from rest_framework.views import APIView


class _Shown(msgspec.Struct):
    """What a device would be let in by."""

    license_key: Any = None
    activation_token: Any = None


def by_credential(
    *, device: type[APIView], management: type[APIView]
) -> Callable[..., HttpResponseBase]:
    """Join two operations on one address: a key or token in the body outranks Authorization."""
    for_device, for_others = device.as_view(), management.as_view()

    @csrf_exempt
    def dispatch(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        view = for_device if _is_device(request) else for_others
        return view(request, *args, **kwargs)

    # The API's description shows one of them.
    dispatch.views = {"post": device}  # type: ignore[attr-defined]
    return dispatch


def _is_device(request: HttpRequest) -> bool:
    kind, _, bearer = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if kind.lower() == "bearer" and bearer.strip().startswith("act_"):
        return True
    try:
        shown = msgspec.json.decode(request.body, type=_Shown)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError, RequestDataTooBig):
        # What cannot be read is refused by whoever asks for a credential first.
        return False
    return shown.license_key is not None or shown.activation_token is not None
