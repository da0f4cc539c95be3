"""The page behind the link in an e-mail: it asks first, then shows a key once, without sign-in."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views import View

from events.refusals import Refusal
from events.trail import Origin
from licenses.models import KeyLink
from licenses.selectors import guesses
from licenses.selectors.mailed import digest_of, link_of, mailed_to
from licenses.services import delivery

_HEADERS = {
    # The address is the secret: no page that one goes on to, and none of our own files, is told it.
    "Referrer-Policy": "strict-origin",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}


class KeyLinkPage(View):
    """
    `/k/<token>/`.

    Scanners of mail open links: only the button, which sends the form's own token along, uses one
    up. What was used, what ran out and what never was look the same.
    """

    http_method_names = ("get", "head", "post")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.at = timezone.now()
        response = super().dispatch(request, *args, **kwargs)
        for name, value in _HEADERS.items():
            response[name] = value
        add_never_cache_headers(response)
        return response

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        link = link_of(token)
        if link is None:
            return self._unknown(token)
        if not link.works_at(self.at):
            return self._page(status=410)
        return self._page(link=link, license=link.license)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        link = link_of(token)
        if link is None:
            return self._unknown(token)
        key = delivery.open_link(link_id=link.pk, at=self.at, origin=self._origin(link))
        if key is None:
            return self._page(status=410)
        return self._page(key=key, license=link.license)

    def _unknown(self, token: str) -> HttpResponse:
        address = self.request.META.get("REMOTE_ADDR", "")
        try:
            guesses.charge(digest_of(token), address=address, at=self.at)
        except Refusal as refusal:
            response = render(self.request, "429.html", status=429)
            response["Retry-After"] = str(refusal.details["retry_after"])
            return response
        return self._page(status=404)

    def _page(self, *, status: int = 200, **facts: Any) -> HttpResponse:
        return render(self.request, "portal/key_link.html", facts, status=status)

    def _origin(self, link: KeyLink) -> Origin:
        """Whoever holds the link acts, and is known by nothing but the mail it came with."""
        meta = self.request.META
        return Origin(
            actor_kind="link",
            actor_id=str(link.notice_id),
            actor_label=mailed_to(link),
            ip_address=meta.get("REMOTE_ADDR", ""),
            request_id=meta.get("REQUEST_ID", ""),
        )
