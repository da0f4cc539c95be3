"""What every request passes through before anything else, and the way out for device calls."""

import logging
import re
import time
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from uuid import uuid4

from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import resolve

from events.refusals import Refusal, invalid
from licensing_portal import logs, metrics
from licensing_portal.api.errors import answer, only_json

GetResponse = Callable[[HttpRequest], HttpResponse]

access = logging.getLogger("access")


class RequestId:
    """Name each request, find out who really sent it, and leave one line about it in the log."""

    ACCEPTABLE = re.compile(r"[A-Za-z0-9._-]{8,64}")

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.proxies = [ip_network(proxy) for proxy in settings.TRUSTED_PROXIES]

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        self._believe_only_proxies(request)
        if request.path_info.startswith("//"):
            # A base address that ends in a slash, joined to a path that begins with one.
            request.path_info = request.path = "/" + request.path_info.lstrip("/")
        sent = request.headers.get("X-Request-ID", "")
        name = sent if self.ACCEPTABLE.fullmatch(sent) else uuid4().hex
        request.META["REQUEST_ID"] = name
        token = logs.request_id.set(name)
        try:
            response = only_json(request, self.get_response(request))
            response["X-Request-ID"] = name
            # Keys, tokens and people: only what says that it may be kept is kept by anybody.
            response.headers.setdefault("Cache-Control", "no-store")
            self._note(request, response, time.perf_counter() - started)
            return response
        finally:
            logs.request_id.reset(token)

    def _believe_only_proxies(self, request: HttpRequest) -> None:
        """
        Make REMOTE_ADDR the client's address, so that nobody further in reads a forwarded header.

        From the right, the first address that is no proxy of ours: whatever stands left of it was
        written by the client and could be anything.
        """
        forwarded = request.META.pop("HTTP_X_FORWARDED_FOR", "")
        if not self._is_proxy(request.META.get("REMOTE_ADDR", "")):
            request.META.pop("HTTP_X_FORWARDED_PROTO", None)
            return
        for hop in reversed([part.strip() for part in forwarded.split(",") if part.strip()]):
            if not _is_address(hop):
                return
            request.META["REMOTE_ADDR"] = hop
            if not self._is_proxy(hop):
                return

    def _is_proxy(self, address: str) -> bool:
        if not self.proxies or not _is_address(address):
            return False
        return any(ip_address(address) in network for network in self.proxies)

    @staticmethod
    def _note(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
        """One line and one count, by the route's name: path and query may hold a licence key."""
        match = request.resolver_match
        route = (match.view_name or "unnamed") if match else "unmatched"
        metrics.count(request.method or "", route, response.status_code, seconds)
        access.info(
            "%s %s %s",
            request.method,
            route,
            response.status_code,
            extra={"status": response.status_code, "ms": round(seconds * 1000, 1), "route": route},
        )


class DeviceEntry:
    """
    Hand device calls to their view at once, past sessions, CSRF, locale and messages.

    It decides which middleware runs, never which view answers: the view is the one the URL
    configuration names, so taking this class out of MIDDLEWARE changes nothing but the time.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.matches = {(method, path): resolve(path) for method, path in settings.DEVICE_CALLS}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        match = self.matches.get((request.method or "", request.path_info))
        if match is None:
            return self.get_response(request)
        request.resolver_match = match
        response: HttpResponse = match.func(request, *match.args, **match.kwargs)
        # DRF's refusals are rendered late, and past this point nobody else would.
        return response.render() if hasattr(response, "render") else response


class BodyLimit:
    """
    Refuse a body of more than its address takes, before anybody reads it.

    Whoever reads a form writes its files to the disk first and asks who sent them afterwards.
    Devices have their own, lower limit.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        refusal = _refusal_of_body(request)
        if refusal is None:
            return self.get_response(request)
        if request.path_info.startswith("/api/"):
            return answer(request, refusal)
        status = 413 if refusal.code == "BODY_TOO_LARGE" else 400
        return render(request, f"{status}.html", status=status)


class ContentSecurityPolicy(CSPMiddleware):
    """
    What browsers may do with a page.

    The strict policy everywhere, and a looser one in the admin for the sake of its theme.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        return super().process_response(request, response)

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if request.resolver_match and "admin" in request.resolver_match.app_names:
            parts.update = {**settings.ADMIN_CSP, **(parts.update or {})}
        return parts


def _refusal_of_body(request: HttpRequest) -> Refusal | None:
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length and request.META.get("HTTP_TRANSFER_ENCODING"):
        # WSGI tells nobody where such a body ends: it would seem empty.
        return invalid(body="A body comes with its Content-Length.")
    at_admin = request.path_info.startswith("/admin/")
    limit = settings.MAX_UPLOAD_BYTES if at_admin else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if length.isdecimal() and int(length) > limit:
        return Refusal("BODY_TOO_LARGE", limit_bytes=limit)
    return None


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
