"""No reader is told anything older than the last change, while Redis comes and goes."""

import threading
from collections.abc import Iterator
from functools import partial

import pytest
import redis
from django.db import connection, transaction

from licenses import hot
from licenses.hot.redis import RedisStore
from licenses.models import License
from licenses.selectors import copies, entry
from licenses.services import lifecycle
from licenses.services.tokens import token_digest
from tests.clock import NOW
from tests.factories import STAFF, activate, issue
from tests.races.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def store(redis_url: str) -> Iterator[RedisStore]:
    made = RedisStore(redis_url)
    made.clear()
    before = hot.use(made)
    yield made
    made.clear()
    made.close()
    hot.use(before)


def revision_told(token: str) -> int:
    found = entry.by_token(token_digest(token), address="192.0.2.7", at=NOW).found
    assert found is not None
    return found.license.revision


@pytest.fixture(autouse=True)
def _unlimited(settings) -> None:
    settings.RATE_LIMIT_TOKEN = settings.RATE_LIMIT_LICENSE = "1000000/min"


def suspend_and_reinstate(issued) -> None:
    for act in (lifecycle.suspend_license, lifecycle.reinstate_license):
        act(license_id=issued.license.pk, reason="x", at=NOW, origin=STAFF)


def test_readers_beside_a_writer_never_hear_of_an_older_revision(redis_url) -> None:
    issued = issue()
    token = activate(issued.key).token
    written, over = [1], threading.Event()

    def write() -> None:
        try:
            for _ in range(10):
                suspend_and_reinstate(issued)
                written.append(License.objects.get(pk=issued.license.pk).revision)
        finally:
            over.set()

    def empty_now_and_then() -> None:
        with redis.Redis.from_url(redis_url) as client:
            while not over.wait(0.05):
                client.flushdb()

    def read() -> int:
        asked = 0
        while not over.is_set():
            at_least = written[-1]
            assert revision_told(token) >= at_least
            asked += 1
        return asked

    results = at_once(write, empty_now_and_then, *[read] * 4)

    assert min(results[2:]) > 0
    assert revision_told(token) == 21


def test_a_slow_reader_keeps_nothing_older_than_the_change(store) -> None:
    issued = issue()
    token = activate(issued.key).token
    digest = token_digest(token)
    boot = store.ask(entry._question("t", digest, "192.0.2.7", NOW)).boot
    old = entry.snapshots.by_token(digest)

    suspend_and_reinstate(issued)
    store.put(copies.documents(old), boot=boot)

    assert revision_told(token) == 3


def test_a_change_that_was_rolled_back_is_told_by_nobody() -> None:
    issued = issue()
    token = activate(issued.key).token
    with transaction.atomic():
        suspend_and_reinstate(issued)
        assert revision_told(token) == 3
        transaction.set_rollback(True)

    assert revision_told(token) == 1
    assert revision_told(token) == 1


def test_a_redis_that_goes_and_comes_back_changes_no_answer(store) -> None:
    issued = issue()
    token = activate(issued.key).token
    assert revision_told(token) == revision_told(token) == 1
    elsewhere = RedisStore("redis://127.0.0.1:1/0")

    hot.use(elsewhere)
    assert revision_told(token) == 1
    hot.use(store)
    suspend_and_reinstate(issued)

    at_once(*[partial(revision_told, token)] * 8)
    assert revision_told(token) == 3
    connection.close()
