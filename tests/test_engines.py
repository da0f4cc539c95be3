import os

import pytest
import redis
from django.db import connection

from tests.engines import ENGINE


@pytest.mark.django_db
def test_the_engine_asked_for_is_the_engine_under_test():
    assert connection.vendor == ENGINE == os.environ.get("ENGINE", "sqlite")


@pytest.mark.django_db
def test_sqlite_is_tried_in_the_mode_it_runs_in():
    if ENGINE == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode")
            assert cursor.fetchone() == ("wal",)


def test_redis_is_real(redis_url):
    with redis.Redis.from_url(redis_url) as client:
        client.set("probe", "1", ex=5)
        assert client.eval("return redis.call('get', KEYS[1])", 1, "probe") == b"1"
