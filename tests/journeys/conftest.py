"""What a portal of its own runs on."""

import os

import psycopg
import pytest
from psycopg import sql

from tests import migrated
from tests.engines import BASE_DIR, ENGINE, WORKER, checkout

DATABASE = f"run_{checkout(BASE_DIR)}{WORKER}"  # on PostgreSQL


@pytest.fixture
def services():
    """What the engine under test stands for: nothing at all, or PostgreSQL and Redis."""
    if ENGINE == "sqlite":
        yield {}
        return
    server, name = os.environ["TEST_POSTGRES_URL"], DATABASE
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(drop)
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        address, _, options = server.partition("?")
        # The last databases of Redis: tests in this process clear the first ones.
        number = 15 - int(WORKER.removeprefix("gw") or 0)
        yield {
            "DATABASE_URL": f"{address.rpartition('/')[0]}/{name}" + (options and f"?{options}"),
            "REDIS_URL": f"{os.environ['TEST_REDIS_URL']}/{number}",
        }
        connection.execute(drop)


@pytest.fixture
def installed(services, tmp_path, django_db_setup, django_db_blocker):
    """The same with every migration done, and the folder of what it writes."""
    folder = tmp_path / "var"
    folder.mkdir(mode=0o700)
    with django_db_blocker.unblock():
        migrated.give_a_copy(DATABASE if services else str(folder / "portal.sqlite3"))
    return services | {"VAR_DIR": str(folder)}
