"""What the process that `killed_while` kills has loaded, and what it does."""

import os
import signal
from typing import NoReturn

import django
from django.apps import apps

if not apps.ready:
    django.setup()

from django.db import connections

from licenses import hot
from licenses.hot.redis import RedisStore


def die(*args: object, **kwargs: object) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("SIGKILL is not survived")


def run(script: str, database: str, redis_url: str) -> None:
    """Run a script, which may call `die`, on this database and this Redis."""
    connections["default"].settings_dict["NAME"] = database
    store = RedisStore(redis_url)
    hot.use(store)
    exec(script, {"die": die, "store": store})
