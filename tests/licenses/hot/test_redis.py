"""Copies in Redis are never older than the last change, and losing Redis costs speed only."""

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
import redis

from licenses.hot.limits import Limit
from licenses.hot.protocol import Document, Question, Reply
from licenses.hot.redis import RedisStore

NOW = 1_773_480_413.0
TOKEN, KEY, PRINT = b"\1" * 32, b"\2" * 32, b"\3" * 32
LICENSE, DEVICE = "11111111-1111-7111-8111-111111111111", "22222222-2222-7222-8222-222222222222"


@pytest.fixture
def store(redis_url: str) -> Iterator[RedisStore]:
    with redis.Redis.from_url(redis_url) as client:
        client.flushdb()
    made = RedisStore(redis_url)
    yield made
    made.close()
    with redis.Redis.from_url(redis_url) as client:
        client.flushdb()


def ask(store: RedisStore, kind: str = "t", **given) -> Reply:
    question = {
        "kind": kind,
        "digest": TOKEN if kind == "t" else KEY,
        "address": "192.0.2.7",
        "now": NOW,
        "token": Limit(60, 60),
        "license": Limit(600, 60),
    }
    return store.ask(Question(**question | given))


def documents(license_revision: int = 1, device_revision: int = 1, seats: int = 3):
    return [
        Document(
            f"l:{LICENSE}",
            license_revision,
            f"licence {license_revision}".encode(),
            seats,
            ((f"k:{KEY.hex()}", LICENSE),),
        ),
        Document(
            f"a:{DEVICE}",
            device_revision,
            b"\0device\xff;D1;",
            found_by=(
                (f"t:{TOKEN.hex()}", f"{LICENSE}:{DEVICE}"),
                (f"d:{LICENSE}:{PRINT.hex()}", DEVICE),
            ),
        ),
    ]


def keep(store: RedisStore, **revisions: int) -> None:
    store.put(documents(**revisions), boot=ask(store).boot)


def test_what_was_kept_is_found_by_token_key_and_device(store) -> None:
    keep(store)

    by_token, by_key = ask(store), ask(store, "k")
    by_device = ask(store, "k", fingerprint=PRINT)

    assert (by_token.license, by_token.device) == (b"licence 1", b"\0device\xff;D1;")
    assert (by_key.license, by_key.device) == (b"licence 1", None)
    assert (by_device.license, by_device.device) == (b"licence 1", b"\0device\xff;D1;")


def test_a_change_made_while_cut_off_is_told_before_anything_else_is_asked(store) -> None:
    keep(store)
    cut_off = RedisStore("redis://127.0.0.1:1/0")
    cut_off.bar({f"l:{LICENSE}": 2})
    assert ask(store).license == b"licence 1"

    cut_off._connect, cut_off._local = store._connect, threading.local()
    assert ask(cut_off).license is None

    assert ask(store).license is None
    assert not cut_off._owed
    cut_off.close()


def test_who_was_cut_off_for_long_lets_every_copy_be_forgotten(store) -> None:
    keep(store)
    cut_off = RedisStore("redis://127.0.0.1:1/0")
    cut_off.bar({f"l:{number}": 2 for number in range(10_001)})

    cut_off._connect, cut_off._local = store._connect, threading.local()
    cut_off.bar({f"l:{LICENSE}": 2})

    assert ask(store).license is None
    assert not cut_off._owed
    cut_off.close()


def test_a_version_is_found_where_the_pointer_says_that_it_matters(store) -> None:
    license, device = documents()
    by_token = replace(
        device, found_by=((f"t:{TOKEN.hex()}", f"{LICENSE}:{DEVICE}:mill:42"), device.found_by[1])
    )
    by_key = replace(license, found_by=((f"k:{KEY.hex()}", f"{LICENSE}:mill"),))
    kept = [Document("v:mill:42", 1, b"42;\0"), Document("v:mill:43", 1, b"43")]
    store.put([by_key, by_token, *kept], boot=ask(store).boot)

    assert (ask(store).release, ask(store).device) == (b"42;\0", device.body)
    assert ask(store, version="43").release == b"43"
    assert ask(store, "k").release is None
    assert ask(store, "k", version="43").release == b"43"
    both = ask(store, "k", version="42", fingerprint=PRINT)
    assert (both.license, both.device, both.release) == (b"licence 1", device.body, b"42;\0")
    assert ask(store, "k", version="44").release is None

    store.bar({"v:mill:42": 2})

    assert (ask(store).release, ask(store).license) == (None, b"licence 1")


def test_a_version_that_was_unknown_is_barred_by_its_first_release(store) -> None:
    boot = ask(store).boot
    license, _ = documents()
    by_key = replace(license, found_by=((f"k:{KEY.hex()}", f"{LICENSE}:mill"),))
    store.put([by_key, Document("v:mill:42", 0, b"unknown")], boot=boot)
    assert ask(store, "k", version="42").release == b"unknown"

    store.bar({"v:mill:42": 1})
    store.put([Document("v:mill:42", 0, b"unknown")], boot=boot)
    assert ask(store, "k", version="42").release is None

    store.put([Document("v:mill:42", 1, b"released")], boot=boot)
    assert ask(store, "k", version="42").release == b"released"


def test_where_no_version_matters_none_is_looked_for(store) -> None:
    keep(store)
    store.put([Document("v:mill:42", 1, b"42")], boot=ask(store).boot)

    assert ask(store, version="42").release is None
    assert ask(store, "k", version="42").release is None


def test_a_barred_copy_is_gone_and_does_not_come_back(store) -> None:
    keep(store)
    boot = ask(store).boot

    store.bar({f"l:{LICENSE}": 2})
    store.put(documents(license_revision=1), boot=boot)
    assert ask(store).license is None

    store.put(documents(license_revision=2), boot=boot)
    assert ask(store).license == b"licence 2"


def test_bars_in_any_order_do_no_harm(store) -> None:
    keep(store, license_revision=3)

    store.bar({f"l:{LICENSE}": 2})

    assert ask(store).license == b"licence 3"


def test_an_older_copy_never_replaces_a_newer_one(store) -> None:
    boot = ask(store).boot
    store.put(documents(license_revision=5), boot=boot)

    store.put(documents(license_revision=4), boot=boot)

    assert ask(store).license == b"licence 5"


def test_a_reader_who_asked_before_the_store_was_emptied_keeps_nothing(store, redis_url) -> None:
    boot = ask(store).boot
    with redis.Redis.from_url(redis_url) as client:
        client.flushdb()

    store.put(documents(), boot=boot)

    assert ask(store).license is None
    assert ask(store).boot != boot


def test_a_licence_limits_its_devices_together(store) -> None:
    keep(store, seats=2)

    counts = [ask(store, "k", license=Limit(0, 60)).counts for _ in range(13)]

    assert [count.limit for (count,) in counts] == [12] * 13
    assert [count.exceeded for (count,) in counts] == [False] * 12 + [True]
    assert ask(store, "k", license=Limit(0, 60)).license is None


def test_a_heartbeat_is_kept_only_where_it_is_known_whose_it_is(store) -> None:
    assert not ask(store, beat=b"1.5,{}]").beat_kept
    keep(store)
    assert ask(store, beat=b"1.5,{}]").beat_kept

    batch, lines = store.next_batch("b-1")

    assert (batch, lines) == ("b-1", [f'["{DEVICE}",1.5,{{}}]'.encode()])
    assert store.next_batch("b-2") == (batch, lines)
    store.drop_batch(batch)
    assert store.next_batch("b-3") is None


def test_a_batch_holds_no_more_than_it_may(store) -> None:
    for number in range(5_001):
        store.keep_beat(str(number).encode())

    first = store.next_batch("b-1")
    store.drop_batch("b-1")
    second = store.next_batch("b-2")

    assert (len(first[1]), first[1][0], first[1][-1]) == (5_000, b"0", b"4999")
    assert second == ("b-2", [b"5000"])


def test_a_blocked_address_is_told_beside_what_it_asked_for(store) -> None:
    keep(store)
    for _ in range(2):
        store.fail("192.0.2.7", Limit(1, 60), now=NOW)

    reply = ask(store, "k")
    assert (reply.blocked_for, reply.license) == (4.0, b"licence 1")
    assert ask(store, "k").blocked_for == pytest.approx(4, abs=0.01)
    assert ask(store, "t").license == b"licence 1"


def test_without_redis_everything_is_counted_here_and_nothing_kept() -> None:
    store = RedisStore("redis://127.0.0.1:1/0")

    reply = ask(store)
    store.put(documents(), boot=b"x")
    store.bar({f"l:{LICENSE}": 2})

    assert (reply.license, reply.device, reply.beat_kept) == (None, None, False)
    assert [count.used for count in reply.counts] == [1]
    assert store.keep_beat(b"x") is False
    assert store.next_batch("b-1") is None
    assert store.hit("x", Limit(1, 60), now=NOW).used == 1
    store.fail("192.0.2.7", Limit(1, 60), now=NOW)
    assert ask(store, "k").blocked_for == 2


def test_a_redis_that_was_started_anew_is_used_again(store, redis_url) -> None:
    keep(store)
    with redis.Redis.from_url(redis_url) as client:
        client.client_kill_filter(_type="normal", skipme=True)
        client.script_flush()

    assert ask(store).license == b"licence 1"
