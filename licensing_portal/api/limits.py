"""How often one credential may call the management API."""

import time
from typing import Any

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts.access import Credential
from licenses import hot
from licenses.hot.limits import Count, limit_of


class CredentialThrottle(BaseThrottle):
    """One limit for each credential over all management calls, told in every answer's headers."""

    count: Count | None = None

    def allow_request(self, request: Request, view: Any) -> bool:
        limit = limit_of(settings.RATE_LIMIT_API_KEY)
        credential: Credential | None = request.auth
        if limit is None or credential is None:
            return True
        self.count = hot.store().hit(f"credential:{credential.id}", limit, now=time.time())
        view.headers |= {
            "RateLimit-Limit": str(self.count.limit),
            "RateLimit-Remaining": str(self.count.remaining),
            "RateLimit-Reset": str(self.count.resets_in),
        }
        return not self.count.exceeded

    def wait(self) -> float | None:
        return self.count.resets_in if self.count else None
