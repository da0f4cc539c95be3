"""How often one caller may call: windows that are counted, and delays that grow with failures."""

import threading
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

_SECONDS = {"s": 1, "sec": 1, "min": 60, "h": 3600, "hour": 3600, "day": 86_400}
_MOST_CALLERS = 50_000
# After so many seconds without a failure an address has a clean sheet again.
FORGIVEN_AFTER = 600
LONGEST_DELAY = 60
PER_SEAT = 6
# Where seats never fill, nobody knows how many devices there are.
WITHOUT_SEATS = 60_000


class Limit(NamedTuple):
    """So many calls in so many seconds."""

    calls: int
    seconds: int

    def window(self, now: float) -> int:
        """Return the number of the window that holds `now`."""
        return int(now) // self.seconds

    def resets_in(self, now: float) -> int:
        return self.seconds - int(now) % self.seconds


@cache
def limit_of(text: str) -> Limit | None:
    """Return the limit that a setting of the `20/min` form states; `off` is none."""
    if text.strip().lower() == "off":
        return None
    calls, _, unit = text.partition("/")
    return Limit(int(calls), _SECONDS[unit.strip().lower()])


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


def calls_of_license(base: int, seats: int | None) -> int:
    """Return how many calls a licence's devices have together: more with each seat."""
    return WITHOUT_SEATS if seats is None else base + PER_SEAT * seats


@dataclass(slots=True)
class _Failures:
    window: int = -1
    count: int = 0
    delays: int = 0
    blocked_until: float = 0.0
    last: float = 0.0


class Memory:
    """Counters of this process: all there is without Redis, and what serves while it is away."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._windows: dict[str, tuple[int, int]] = {}
        self._failures: dict[str, _Failures] = {}

    def hit(self, caller: str, limit: Limit, *, now: float) -> Count:
        """Count one call of that caller in the window that holds `now`."""
        window = limit.window(now)
        with self._lock:
            if len(self._windows) > _MOST_CALLERS:
                self._windows.clear()
            seen, used = self._windows.get(caller, (window, 0))
            used = used + 1 if seen == window else 1
            self._windows[caller] = (window, used)
        return Count(limit.calls, used, limit.resets_in(now))

    def blocked_for(self, address: str, *, now: float) -> float:
        """Return for how long an address that guessed too often is not listened to."""
        with self._lock:
            failures = self._failures.get(address)
            return max(0.0, failures.blocked_until - now) if failures else 0.0

    def fail(self, address: str, limit: Limit, *, now: float) -> None:
        """
        Charge an address with one unknown key or token.

        Once it has used up its failures, every further one doubles the time it is not listened to.
        """
        with self._lock:
            if len(self._failures) > _MOST_CALLERS:
                self._failures.clear()
            failures = self._failures.setdefault(address, _Failures())
            if now - failures.last > FORGIVEN_AFTER:
                failures = self._failures[address] = _Failures()
            window = limit.window(now)
            failures.count = failures.count + 1 if failures.window == window else 1
            failures.window, failures.last = window, now
            if failures.delays or failures.count >= limit.calls:
                failures.delays += 1
                failures.blocked_until = now + min(LONGEST_DELAY, 2**failures.delays)

    def clear(self) -> None:
        with self._lock:
            self._windows.clear()
            self._failures.clear()
