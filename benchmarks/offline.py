"""How fast files are made and requests answered, beside activations in the same process."""

import statistics
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils import timezone

from events.trail import Origin
from licenses.selectors import snapshots
from licenses.selectors.offline_requests import Wish
from licenses.selectors.snapshots import Snapshot
from licenses.services import activation, offline
from licenses.services.claims import Device
from licenses.services.filling import key_of

_ROUNDS = 3
_BENCH = Origin(actor_kind="system")


def measure(number: str) -> dict[str, dict[str, float]]:
    """Return rates a second, each over so many licences of their own, in turn."""
    at, many = timezone.now(), int(number)
    acts: dict[str, Callable[[str, str], Any]] = {
        "activate": lambda key, name: _activated(key, name, at),
        "checkout": lambda key, name: offline.checkout(found=_found(key), at=at, origin=_BENCH),
        "answer": lambda key, name: _answered(key, name, at),
    }
    rates: dict[str, list[float]] = {name: [] for name in acts}
    keys = [key_of(place) for place in range(many)]
    # Made before it is measured: the key that signs.
    acts["checkout"](keys[0], "")
    for turn in range(_ROUNDS):
        for name, act in acts.items():
            begun = time.perf_counter()
            for place, key in enumerate(keys):
                act(key, f"{name}-{turn}-{place}")
            rates[name].append(many / (time.perf_counter() - begun))
    return {
        name: {"least": min(found), "median": statistics.median(found), "most": max(found)}
        for name, found in rates.items()
    }


def _found(key: str) -> Snapshot:
    found = snapshots.by_key(key)
    assert found is not None
    return found


def _activated(key: str, name: str, at: datetime) -> None:
    device = Device(fingerprint=name)
    activation.activate_device(key=key, device=device, at=at, origin=_BENCH)


def _answered(key: str, name: str, at: datetime) -> None:
    """As a device's own request would be answered, once it is read."""
    wish = Wish(license_key=key, device_fingerprint=name, nonce=f"{name:0>16}")
    license_id = _found(key).license.id
    offline.answer_request(license_id=license_id, wish=wish, at=at, origin=_BENCH)
