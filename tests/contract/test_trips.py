"""What limits cost: one question to Redis for a call, whatever it is counted by."""

from collections.abc import Iterator
from typing import Any

import pytest

from licenses import hot
from licenses.hot.redis import RedisStore
from tests import factories
from tests.contract.asking import on_device
from tests.contract.test_incidents import SAYS
from tests.contract.world import World

# Inside a transaction nothing is kept, and then nothing would ever be warm.
pytestmark = pytest.mark.django_db(transaction=True)


class Counting(RedisStore):
    """The store, counting how often it asks Redis."""

    trips = 0

    def _send(self, *command: Any) -> Any:
        self.trips += 1
        return super()._send(*command)

    def trips_of(self, ask: Any) -> int:
        before = self.trips
        assert ask().status_code < 500
        return self.trips - before


@pytest.fixture
def store(redis_url: str) -> Iterator[Counting]:
    made = Counting(redis_url)
    made.clear()
    before = hot.use(made)
    yield made
    made.clear()
    made.close()
    hot.use(before)


def device_calls(world: World, token: str) -> dict[str, Any]:
    key = {"license_key": world.key}
    known = key | {"device_fingerprint": "device-1"}
    held = {"activation_token": token}
    return {
        "/activations": known,
        "/validate": known,
        "/status": key,
        "/activations/validate": held,
        "/activations/heartbeat": held | {"metrics": {"api_calls_count": 5}},
        "/usage/consume": held | {"feature_id": "reports"},
        "/usage/report": held | {"usage": {"documents": 1}},
        "/feature-flags": key,
        "/integrity-check": key,
        "/security/report-activity": held | SAYS,
    }


def test_a_device_call_asks_redis_once(store, world) -> None:
    token = factories.activate(world.key, "device-1").token
    calls = device_calls(world, token)
    for path, body in calls.items():
        on_device(path, **body)
    told = {
        path: store.trips_of(lambda path=path, body=body: on_device(path, **body))
        for path, body in calls.items()
    }
    assert told == dict.fromkeys(calls, 1)


def test_a_management_call_asks_redis_once(store, vendor, world) -> None:
    paths = ("/tenants", "/licenses", f"/licenses/{world.license.pk}", "/security/incidents")
    told = {path: store.trips_of(lambda path=path: vendor.get(path)) for path in paths}
    assert told == dict.fromkeys(paths, 1)
    product = {"product_id": "new", "product_name": "New", "product_version": "1"}
    assert store.trips_of(lambda: vendor.post("/products", product)) == 1
    assert store.trips_of(lambda: vendor.post("/security/report-activity", SAYS)) == 1
