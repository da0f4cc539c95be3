"""A real process of ours that is killed with SIGKILL at a chosen point."""

import os
import signal
import subprocess
import sys
import textwrap

from django.conf import settings

_SETTING = """
import os, signal
import django
from django.db import connections
django.setup()
connections["default"].settings_dict["NAME"] = os.environ["TEST_DATABASE_NAME"]
from licenses import hot
from licenses.hot.redis import RedisStore
store = RedisStore(os.environ["STORE"])
hot.use(store)

def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)
"""


def killed_while(script: str, *, redis_url: str) -> None:
    """Run `script` on this test's database; it must call `die()`, and not come back."""
    done = subprocess.run(
        [sys.executable, "-c", _SETTING + textwrap.dedent(script)],
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "TEST_DATABASE_NAME": str(settings.DATABASES["default"]["NAME"]),
            "STORE": redis_url,
        },
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
