"""The page behind the link at the foot of a mail: it ends such mails, without sign-in."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from accounts.selectors.choices import wish_of
from accounts.services import choices
from events.trail import Origin


@method_decorator(csrf_exempt, name="dispatch")
class UnsubscribePage(View):
    """
    `/u/<token>/`.

    Scanners of mail open links: only a POST ends anything. A mail program sends it by itself, when
    its reader clicks (RFC 8058), so it brings no token of a form; the signature in the address is
    what allows it, and all that it allows is fewer mails to its own reader.
    """

    http_method_names = ("get", "head", "post")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        add_never_cache_headers(response)
        return response

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        wish = wish_of(token)
        if wish is None:
            return self._page(status=404)
        return self._page(wish=wish)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        wish = wish_of(token)
        if wish is None:
            return self._page(status=404)
        meta = request.META
        origin = Origin(
            actor_kind="link",
            ip_address=meta.get("REMOTE_ADDR", ""),
            request_id=meta.get("REQUEST_ID", ""),
        )
        choices.unsubscribe(wish=wish, at=timezone.now(), origin=origin)
        return self._page(wish=wish, done=True)

    def _page(self, *, status: int = 200, **facts: Any) -> HttpResponse:
        return render(self.request, "portal/unsubscribe.html", facts, status=status)
