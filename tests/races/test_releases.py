"""No device hears of a release as it was before its last change."""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import redis
from django.db import transaction

from licenses import hot
from licenses.hot.redis import RedisStore
from licenses.models import Release
from licenses.selectors import entry
from licenses.selectors.copies import document_of
from licenses.selectors.releases import release_of
from licenses.services.releases import change_release
from tests.clock import NOW
from tests.factories import STAFF, issue, make_product, release
from tests.races.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)
MILLISECOND = timedelta(milliseconds=1)


@pytest.fixture(autouse=True)
def store(redis_url: str, settings) -> Iterator[RedisStore]:
    settings.RATE_LIMIT_LICENSE = "1000000/min"
    made = RedisStore(redis_url)
    made.clear()
    before = hot.use(made)
    yield made
    made.clear()
    made.close()
    hot.use(before)


@pytest.fixture
def product():
    return make_product()


@pytest.fixture
def key(product) -> str:
    return issue(product=product, maintenance_expiry=NOW).key


def told(key: str, version: str = "4.2.9") -> datetime | None:
    found = entry.by_key(key, address="192.0.2.7", at=NOW, version=version).found
    assert found is not None
    assert found.release is not None
    return found.release.released_at


def correct(row: Release, released_at: datetime) -> None:
    change_release(pk=row.pk, fields={"released_at": released_at}, at=NOW, origin=STAFF)


def test_a_release_is_known_from_the_next_call_on(product, key) -> None:
    assert [told(key), told(key)] == [None, None]

    row = release(product, "4.2.9", NOW + DAY)
    assert [told(key), told(key)] == [NOW + DAY] * 2

    correct(row, NOW - DAY)
    assert [told(key), told(key)] == [NOW - DAY] * 2


def test_a_slow_reader_keeps_nothing_older_than_the_change(store, product, key) -> None:
    told(key)
    boot = store.ask(entry._question("k", b"", "192.0.2.7", NOW)).boot
    unknown = release_of(product.product_id, "4.2.9")
    row = release(product, "4.2.9", NOW + DAY)
    before = release_of(product.product_id, "4.2.9")
    correct(row, NOW - DAY)

    store.put([document_of(unknown), document_of(before)], boot=boot)

    assert told(key) == NOW - DAY


def test_a_change_that_was_rolled_back_is_told_by_nobody(product, key) -> None:
    row = release(product, "4.2.9", NOW - DAY)
    told(key)
    with transaction.atomic():
        correct(row, NOW + DAY)
        assert told(key) == NOW + DAY
        transaction.set_rollback(True)

    assert [told(key), told(key)] == [NOW - DAY] * 2


def test_readers_beside_a_writer_never_hear_of_an_older_date(redis_url, product, key) -> None:
    row = release(product, "4.2.9", NOW)
    written, over = [NOW], threading.Event()

    def write() -> None:
        try:
            for step in range(1, 21):
                correct(row, NOW + step * MILLISECOND)
                written.append(NOW + step * MILLISECOND)
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
            heard = told(key)
            assert heard is not None
            assert heard >= at_least
            asked += 1
        return asked

    results = at_once(write, empty_now_and_then, *[read] * 4)

    assert min(results[2:]) > 0
    assert told(key) == NOW + 20 * MILLISECOND


def test_without_redis_every_call_reads_the_row(product, key) -> None:
    row = release(product, "4.2.9", NOW + DAY)
    told(key)
    hot.use(RedisStore("redis://127.0.0.1:1/0"))
    assert told(key) == NOW + DAY

    correct(row, NOW - DAY)

    assert told(key) == NOW - DAY


def test_of_two_who_publish_a_version_one_is_told_that_it_is_taken(product) -> None:
    def publish() -> str:
        try:
            release(product, "4.2.9", NOW)
        except Exception as refusal:
            return str(refusal)
        return "published"

    assert sorted(at_once(publish, publish)) == ["VALIDATION_ERROR", "published"]
    assert Release.objects.count() == 1
