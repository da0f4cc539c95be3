"""The hot store: copies of licences and devices that spare the device path a database trip."""

from licenses.hot.absent import AbsentStore
from licenses.hot.protocol import Store

_store: Store = AbsentStore()


def store() -> Store:
    """Return the store this process uses."""
    return _store


def use(store: Store) -> None:
    """Make this process use another store: Redis where it is configured, absent where not."""
    global _store
    _store = store
