"""Fixtures that every test may use; what one app needs stands in that app's conftest."""

import gc
from collections.abc import Iterator

import pytest
from django.core.cache import cache

from licenses import hot
from licenses.selectors import signers, typed_keys
from tests import cleaning, leaks
from tests.engines import redis_url as url_of_redis

pytest_plugins = ["tests.chromium"]
cleaning.clean_by_deleting()
leaks.listen()


@pytest.fixture(autouse=True)
def _no_secret_is_told() -> Iterator[None]:
    """Whatever a test is about, no key and no token may stand where anybody else reads it."""
    yield
    assert leaks.told() == []


@pytest.fixture(autouse=True)
def _fresh_cache() -> Iterator[None]:
    """Limits and counters that one test leaves would refuse the next."""
    yield
    cache.clear()
    hot.store().clear()
    typed_keys.look_again()
    signers.look_again()


@pytest.fixture
def redis_url() -> str:
    """A real Redis, whichever engine is under test."""
    return url_of_redis()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What opens a page needs Chromium: `make test` leaves it to `make test-browser`."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")


def pytest_collection_finish() -> None:
    """What is loaded by now stays; seeking garbage in it again and again is a tenth of a run."""
    gc.collect()
    gc.freeze()
