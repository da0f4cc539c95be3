"""Who asks: an API key as the bearer, or a member of staff who is signed in."""

import hashlib
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.request import Request

from accounts.access import Credential
from accounts.middleware import lacks_second_factor
from accounts.services.api_keys import find_api_key
from events.refusals import Refusal
from licenses.selectors import guesses


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer <key>`; an empty header is none."""

    def authenticate(self, request: Request) -> tuple[Any, Credential] | None:
        header = request.META.get("HTTP_AUTHORIZATION", "").strip()
        if not header:
            return None
        scheme, _, plain = header.partition(" ")
        if scheme.lower() != "bearer" or not plain.strip():
            # A front end whose user signed out sends the bare word.
            if header.lower() == "bearer":
                return None
            raise Refusal("INVALID_API_KEY")
        try:
            key = find_api_key(plain=plain.strip(), at=timezone.now())
        except (Refusal, UnicodeEncodeError):
            address = request.META.get("REMOTE_ADDR", "")
            # Whoever sends unknown keys all the time hears no more of them.
            guesses.charge(_digest(plain), address=address, at=timezone.now())
            raise Refusal("INVALID_API_KEY") from None
        return AnonymousUser(), Credential.of_api_key(key)

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class StaffSession(SessionAuthentication):
    """The admin's own session, with CSRF; a tenant's member has none here."""

    def authenticate(self, request: Request) -> tuple[Any, Credential] | None:
        user = getattr(request._request, "user", None)
        if user is None or not user.is_active or not user.is_staff:
            return None
        # The admin asks for it, and this door leads to the same rows.
        if lacks_second_factor(user):
            raise Refusal("SECOND_FACTOR_REQUIRED")
        self.enforce_csrf(request)
        return user, Credential.of_staff(user)


def _digest(guess: str) -> bytes:
    return hashlib.sha256(guess.encode("utf-8", "surrogatepass")).digest()
