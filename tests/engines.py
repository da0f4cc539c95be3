"""
The early plugin that chooses the engine under test, before the settings are read.

`ENGINE=sqlite` (the default) tests the embedded shape: SQLite and no Redis. `ENGINE=postgresql`
tests the distributed one: PostgreSQL and Redis. Servers that are missing are started.
"""

import gc
import hashlib
import os
import sqlite3
import sys
from pathlib import Path

import psycopg
import pytest
import redis
from xdist.remote import Producer

from tests import servers
from tests.sharing import EachEngine, engine_named

BASE_DIR = Path(__file__).resolve().parent.parent
ENGINE = os.environ.get("ENGINE", "sqlite")
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")

# Fixed, so that what one process digests another finds; they guard nothing but made-up keys.
SECRETS = {
    "SECRET_KEY": "tests-only-0123456789-abcdefghijklmnopqrstuvwxyz-secret",
    "DIGEST_KEY": "tests-only-0123456789-abcdefghijklmnopqrstuvwxyz-digest",
    "TOKEN_KEYS": "tests-only-0123456789-abcdefghijklmnopqrstuvwxyz-tokens",
    "ENCRYPTION_KEYS": "dGVzdHMtb25seS1mZXJuZXQta2V5LTAxMjM0NTY3ODk=",
}


def checkout(folder: Path) -> str:
    """Give a short name for the folder that the tests run in."""
    return f"portal_{hashlib.sha256(str(folder).encode()).hexdigest()[:8]}"


def _choose() -> None:
    if ENGINE not in {"sqlite", "postgresql"}:
        raise pytest.UsageError(f"ENGINE is {ENGINE!r}: sqlite or postgresql")
    # The controller of several workers starts what they share; they find it in the environment.
    if not WORKER:
        # Workers that share the suite must list it in the same order, sets of cases as well.
        os.environ.setdefault("PYTHONHASHSEED", "0")
        os.environ["TEST_REDIS_URL"] = servers.start_redis()
        if "postgresql" in (ENGINE, *map(engine_named, sys.argv)):
            os.environ["TEST_POSTGRES_URL"] = servers.postgresql()
    distributed = ENGINE == "postgresql"
    os.environ.update(
        SECRETS,
        DEBUG="0",
        ENV_FILE=os.devnull,
        VAR_DIR=str(BASE_DIR / "var" / "tests" / f"{ENGINE}{WORKER}"),
        DATABASE_URL=os.environ["TEST_POSTGRES_URL"] if distributed else "",
        REDIS_URL=redis_url() if distributed else "",
    )


def redis_url() -> str:
    """Give the real Redis of this run, with a database number for this worker alone."""
    return f"{os.environ['TEST_REDIS_URL']}/{WORKER.removeprefix('gw') or 0}"


def pytest_report_header() -> str:
    versions = [f"SQLite {sqlite3.sqlite_version}"]
    if "TEST_POSTGRES_URL" in os.environ:
        with psycopg.connect(os.environ["TEST_POSTGRES_URL"]) as connection:
            versions.append(f"PostgreSQL {connection.info.server_version // 10_000}")
    with redis.Redis.from_url(redis_url()) as client:
        versions.append(f"Redis {client.info('server')['redis_version']}")
    return f"engines: {', '.join(versions)}"


@pytest.hookimpl(optionalhook=True)  # with `-p no:xdist` nobody asks
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> EachEngine | None:
    return EachEngine(config, log) if config.getvalue("dist") == "each" else None


# What is loaded until the tests are collected stays: to seek garbage in it is a fifth of the start.
gc.disable()


@pytest.hookimpl(tryfirst=True)
def pytest_collection() -> None:
    """Go on so: the portal, which is loaded by now, has garbage sought again."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Seek garbage from now on, and not again and again in what is there: a tenth of a run."""
    gc.collect()
    gc.freeze()
    gc.enable()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A skipped test proves nothing, so the run that has one has failed."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


_choose()
