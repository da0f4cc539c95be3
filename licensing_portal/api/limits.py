"""How often one caller may call: counted in Redis, or in this process where there is none."""

import logging
import threading
import time
from dataclasses import dataclass
from functools import cache
from typing import Any

import redis
from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

log = logging.getLogger(__name__)

_SECONDS = {"s": 1, "sec": 1, "min": 60, "h": 3600, "hour": 3600, "day": 86_400}
# A Redis that is away is left alone for so long: each call to it would wait for its timeout.
_LEFT_ALONE = 5.0
_TIMEOUT = 0.25
_MOST_CALLERS = 50_000


@dataclass(frozen=True, slots=True)
class Limit:
    """So many calls in so many seconds."""

    calls: int
    seconds: int

    @classmethod
    def of(cls, text: str) -> "Limit | None":
        """This will read the `1200/min` form; `off` is no limit."""
        if text.strip().lower() == "off":
            return None
        calls, _, unit = text.partition("/")
        return cls(int(calls), _SECONDS[unit.strip().lower()])


@dataclass(frozen=True, slots=True)
class Count:
    """Where a caller stands."""

    limit: int
    used: int
    resets_in: int

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.used)

    @property
    def exceeded(self) -> bool:
        return self.used > self.limit


class _Memory:
    """Counters of this process, which also serve while Redis is away."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._windows: dict[str, tuple[int, int]] = {}

    def hit(self, caller: str, window: int) -> int:
        with self._lock:
            if len(self._windows) > _MOST_CALLERS:
                self._windows.clear()
            seen, used = self._windows.get(caller, (window, 0))
            used = used + 1 if seen == window else 1
            self._windows[caller] = (window, used)
            return used

    def clear(self) -> None:
        with self._lock:
            self._windows.clear()


memory = _Memory()
_redis_away_until = 0.0


def hit(caller: str, limit: Limit, *, now: float) -> Count:
    """This will count one call of that caller in the window that holds `now`."""
    window, passed = divmod(int(now), limit.seconds)
    used = _hit_redis(caller, window, limit.seconds)
    if used is None:
        used = memory.hit(caller, window)
    return Count(limit=limit.calls, used=used, resets_in=limit.seconds - passed)


def _hit_redis(caller: str, window: int, seconds: int) -> int | None:
    global _redis_away_until
    if not settings.REDIS_URL or time.monotonic() < _redis_away_until:
        return None
    key = f"limit:{caller}:{window}"
    try:
        with _client(settings.REDIS_URL).pipeline(transaction=False) as pipe:
            pipe.incr(key)
            pipe.expire(key, seconds * 2)
            return int(pipe.execute()[0])
    except redis.RedisError:
        log.warning("Redis is away: limits are counted by this process alone")
        _redis_away_until = time.monotonic() + _LEFT_ALONE
        return None


@cache
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_timeout=_TIMEOUT, socket_connect_timeout=_TIMEOUT)


class CredentialThrottle(BaseThrottle):
    """One limit for each credential over all management calls, told in every answer's headers."""

    count: Count | None = None

    def allow_request(self, request: Request, view: Any) -> bool:
        limit = Limit.of(settings.RATE_LIMIT_API_KEY)
        if limit is None or request.auth is None:
            return True
        self.count = hit(f"credential:{request.auth.id}", limit, now=time.time())
        view.headers |= {
            "RateLimit-Limit": str(self.count.limit),
            "RateLimit-Remaining": str(self.count.remaining),
            "RateLimit-Reset": str(self.count.resets_in),
        }
        return not self.count.exceeded

    def wait(self) -> float | None:
        return self.count.resets_in if self.count else None
