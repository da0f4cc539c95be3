"""Gates for this server's own pages: a feature must be licensed before a view runs."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import wraps
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.settings import api_settings

from accounts.access import Credential
from accounts.models import Tenant
from events.refusals import Refusal
from events.trail import Origin
from licenses.selectors import flags
from licenses.services import tenant_quotas

View = Callable[..., HttpResponseBase]


class Unlicensed(Refusal):
    """Who asks may not, for want of a licence: always 403, also where there is none at all."""


def require_license_feature(feature_id: str, consume_quota: bool = False) -> Callable[[View], View]:
    """
    Let a view run only for tenants that have a feature: Django's and DRF's, functions and methods.

    With `consume_quota` one of it is counted first. Otherwise the answer is 403 LICENSE_NOT_FOUND,
    403 FEATURE_NOT_LICENSED or 429 QUOTA_EXCEEDED, in the form of every refusal.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> HttpResponseBase:
            request = _request_among(args)
            try:
                _let_in(request, feature_id, consume_quota=consume_quota)
            except Refusal as refusal:
                told: HttpResponseBase = api_settings.EXCEPTION_HANDLER(
                    refusal, {"request": request, "view": None}
                )
                return told
            return view(*args, **kwargs)

        return guarded

    return decorate


def get_tenant_feature_flags(tenant: Tenant) -> dict[str, dict[str, Any]]:
    """Return what a tenant's valid licences grant: by feature, the most generous limit."""
    found = flags.flags_of(tenant.pk, at=timezone.now())
    return {
        feature_id: {
            "enabled": flag.enabled,
            "limit_value": flag.limit_value,
            "remaining": flag.remaining,
            "expires_at": flag.expires_at,
        }
        for feature_id, flag in found.items()
    }


def _let_in(request: HttpRequest | Request, feature_id: str, *, consume_quota: bool) -> None:
    at = timezone.now()
    credential = getattr(request, "auth", None)
    if isinstance(credential, Credential):
        tenant_id, origin = credential.tenant_id, credential.origin(_plain(request))
    else:
        tenant_id = getattr(getattr(request, "tenant", None), "pk", None)
        origin = Origin(actor_kind="system", request_id=request.META.get("REQUEST_ID", ""))
    if tenant_id is None:
        raise Unlicensed("LICENSE_NOT_FOUND")
    if consume_quota:
        try:
            tenant_quotas.consume_of_tenant(
                tenant_id=tenant_id, feature_id=feature_id, amount=Decimal(1), at=at, origin=origin
            )
        except Refusal as refusal:
            if refusal.code == "LICENSE_NOT_FOUND":
                raise Unlicensed("LICENSE_NOT_FOUND") from None
            raise
        return
    flag = flags.flags_of(tenant_id, at=at).get(feature_id)
    if flag is None and not flags.has_valid_license(tenant_id, at=at):
        raise Unlicensed("LICENSE_NOT_FOUND")
    if flag is None or not flag.enabled:
        raise Unlicensed("FEATURE_NOT_LICENSED")


def _request_among(args: Sequence[Any]) -> HttpRequest | Request:
    """Return the request that a view was called with: first, or after `self`."""
    for argument in args[:2]:
        if isinstance(argument, HttpRequest | Request):
            return argument
    raise TypeError("require_license_feature guards views, which take a request")


def _plain(request: HttpRequest | Request) -> HttpRequest:
    return request._request if isinstance(request, Request) else request
