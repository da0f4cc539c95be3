"""No count is lost and none is written twice, wherever a flush is killed."""

import textwrap
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
import redis

from licenses import hot
from licenses.hot.redis import RedisStore
from licenses.models import AppliedBatch, UsageTotal
from licenses.services import heartbeat
from tests.clock import NOW
from tests.factories import activate, issue
from tests.races.killed import killed_while
from tests.races.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def store(redis_url: str) -> Iterator[RedisStore]:
    with redis.Redis.from_url(redis_url) as client:
        client.flushdb()
    made = RedisStore(redis_url)
    before = hot.use(made)
    yield made
    made.close()
    hot.use(before)


@pytest.fixture
def beating() -> Any:
    """A device that has told 1, 2 … 20 calls, none of them written yet."""
    found = activate(issue().key).snapshot
    for calls in range(1, 21):
        heartbeat.record(found, {"api_calls_count": float(calls)}, at=NOW)
    return found


def written() -> float:
    return UsageTotal.objects.get(metric="api_calls_count").total


KILLED = {
    "after the cut": "heartbeat.AppliedBatch.objects.create = die",
    "inside the transaction": "heartbeat.usage_totals.write = die",
    "before the commit": """
        write = heartbeat.usage_totals.write
        heartbeat.usage_totals.write = lambda beats: (write(beats), die())
    """,
    "after the commit": "type(store).drop_batch = die",
}


@pytest.mark.parametrize("point", KILLED)
def test_a_flush_killed_anywhere_loses_and_doubles_nothing(beating, redis_url, point) -> None:
    tamper = textwrap.dedent(KILLED[point])
    killed_while(
        f"from licenses.services import heartbeat\nfrom tests.clock import NOW\n{tamper}\n"
        "heartbeat.flush(at=NOW)",
        redis_url=redis_url,
    )

    heartbeat.flush(at=NOW)

    assert written() == 20
    assert AppliedBatch.objects.count() == 1
    assert heartbeat.flush(at=NOW) == 0


def test_flushes_at_once_write_each_batch_once(beating) -> None:
    at_once(*[partial(heartbeat.flush, at=NOW)] * 6)

    assert written() == 20


def test_batches_are_written_in_the_order_in_which_they_came(beating, store) -> None:
    """The oldest batch is still there while a newer one waits: growth would else be a restart."""
    store.next_batch("018f0000-0000-7000-8000-000000000001")
    for calls in range(21, 41):
        heartbeat.record(beating, {"api_calls_count": float(calls)}, at=NOW)

    at_once(*[partial(heartbeat.flush, at=NOW)] * 4)

    assert written() == 40


def test_heartbeats_at_once_without_redis_add_up(beating) -> None:
    hot.use(RedisStore("redis://127.0.0.1:1/0"))
    others = [activate(issue().key, f"device-{n}").snapshot for n in range(8)]

    def beat(found: Any) -> None:
        for calls in range(1, 6):
            heartbeat.record(found, {"api_calls_count": float(calls)}, at=NOW)

    at_once(*(partial(beat, found) for found in others))

    assert [row.total for row in UsageTotal.objects.all()] == [5] * 8
