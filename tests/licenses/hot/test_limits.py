"""Limits are the same in process memory and in Redis."""

from collections.abc import Iterator

import pytest

from licenses.hot.absent import AbsentStore
from licenses.hot.limits import Limit, calls_of_license, limit_of
from licenses.hot.protocol import Question, Store
from licenses.hot.redis import RedisStore

NOW = 1_773_480_413.0


@pytest.fixture(params=["memory", "redis"])
def store(request: pytest.FixtureRequest, redis_url: str) -> Iterator[Store]:
    made = AbsentStore() if request.param == "memory" else RedisStore(redis_url)
    made.clear()
    yield made
    made.clear()
    made.close()


def blocked_for(store: Store, now: float, address: str = "192.0.2.7") -> float:
    asked = Question("k", b"\1" * 32, address, now, token=None, license=None)
    return store.ask(asked).blocked_for


@pytest.mark.parametrize(
    ("text", "limit"),
    [("20/min", Limit(20, 60)), ("5/s", Limit(5, 1)), ("off", None), (" 7/hour ", Limit(7, 3600))],
)
def test_a_setting_says_how_many_in_how_long(text, limit) -> None:
    assert limit_of(text) == limit


@pytest.mark.parametrize(("seats", "calls"), [(1, 606), (50, 900), (None, 60_000)])
def test_a_licence_may_call_more_with_each_seat(seats, calls) -> None:
    assert calls_of_license(600, seats) == calls


def test_a_window_is_counted_and_then_begins_anew(store) -> None:
    limit = Limit(2, 60)

    counts = [store.hit("x", limit, now=NOW) for _ in range(3)]

    assert [count.remaining for count in counts] == [1, 0, 0]
    assert [count.exceeded for count in counts] == [False, False, True]
    assert counts[0].resets_in == 60 - int(NOW) % 60
    assert not store.hit("y", limit, now=NOW).exceeded
    assert not store.hit("x", limit, now=NOW + 60).exceeded


def test_guessing_is_slowed_by_delays_that_double_to_a_minute(store) -> None:
    limit, now = Limit(20, 60), NOW
    for _ in range(19):
        store.fail("192.0.2.7", limit, now=now)
    assert blocked_for(store, now) == 0

    delays = []
    for _ in range(8):
        store.fail("192.0.2.7", limit, now=now)
        delays.append(round(blocked_for(store, now)))
        now += delays[-1]

    assert delays == [2, 4, 8, 16, 32, 60, 60, 60]
    assert blocked_for(store, now) == 0
    assert blocked_for(store, NOW, address="192.0.2.8") == 0


def test_a_token_spends_its_own_limit_before_it_is_looked_for(store) -> None:
    asked = Question("t", b"\2" * 32, "192.0.2.7", NOW, token=Limit(1, 60), license=None)

    first, second = store.ask(asked), store.ask(asked)

    assert [count.exceeded for count in (*first.counts, *second.counts)] == [False, True]
