"""Fixtures that every test may use; what one app needs stands in that app's conftest."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from pytest_django import DjangoDbBlocker

from licenses import hot
from licenses.selectors import signers, typed_keys
from tests import cleaning, handling, leaks, migrated
from tests.engines import redis_url as url_of_redis

pytest_plugins = ["tests.chromium", "tests.slowest", "tests.terse"]
cleaning.clean_by_deleting()
handling.share_middleware()
leaks.listen()


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,
    django_db_modify_db_settings: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    """The database of this process: pytest-django would migrate it anew each time."""
    named = connection.settings_dict["NAME"]
    with django_db_blocker.unblock():
        migrated.make_test_database()
    yield
    with django_db_blocker.unblock():
        connection.creation.destroy_test_db(named, verbosity=0)


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


def _with_room(call: Callable[..., Any], **given: Any) -> Any:
    return call(**given)


# Python keeps the frames of calls in chunks of 16 KiB. A loop that calls across the end of one
# maps and unmaps the next each time, which a page with its deep templates does thousands of times.
# A frame this large gets a chunk of a megabyte, in which those of all tests then stand.
_with_room.__code__ = _with_room.__code__.replace(co_stacksize=100_000)
_rooms: list[pytest.Session] = []


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> Any:
    """Run everybody's loop from inside the large frame."""
    if session in _rooms:
        return None
    _rooms.append(session)
    return _with_room(session.config.hook.pytest_runtestloop, session=session)
