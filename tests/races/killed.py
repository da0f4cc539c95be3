"""A real process of ours that is killed with SIGKILL at a chosen point."""

import multiprocessing
import signal
import textwrap
import time

from django.conf import settings
from django.db import connection

from tests.races.victim import run

# Django starts once, in a server without threads or connections; each process is forked from it.
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["tests.races.victim"])


def killed_while(script: str, *, redis_url: str) -> None:
    """Run `script` on this test's database; it must call `die()`, and not come back."""
    database = str(settings.DATABASES["default"]["NAME"])
    process = _processes.Process(target=run, args=(textwrap.dedent(script), database, redis_url))
    process.start()
    process.join(timeout=60)
    how = process.exitcode
    process.kill()
    process.join()
    process.close()
    assert how == -signal.SIGKILL, "it came back, or failed as its traceback on stderr says"
    while connection.vendor == "postgresql" and _still_in_a_transaction():
        time.sleep(0.01)


def _still_in_a_transaction() -> bool:
    """PostgreSQL takes a moment to hear of a death; until then the dead one's locks are held."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()"
            " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
            " AND xact_start IS NOT NULL)"
        )
        return bool(cursor.fetchone()[0])
