"""The hot store: copies that spare device calls the database, their limits, their heartbeats."""

from licenses.hot.absent import AbsentStore
from licenses.hot.protocol import Store

_store: Store = AbsentStore()


def store() -> Store:
    """Return the store this process uses."""
    return _store


def use(store: Store) -> Store:
    """Make this process use another store; returns the one used before."""
    global _store
    before, _store = _store, store
    return before


def open_store(redis_url: str | None) -> Store:
    """Return the store of an installation: in Redis where it has one."""
    if not redis_url:
        return AbsentStore()
    # Imported here: the client costs a start without Redis time and memory.
    from licenses.hot.redis import RedisStore  # noqa: PLC0415

    return RedisStore(redis_url)
