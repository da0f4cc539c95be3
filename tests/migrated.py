"""
The test database: migrated once for a state of the code, and copied by whoever needs one.

Migrating takes seconds, copying a moment. The original stays for the next run.
"""

import fcntl
import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

from tests.engines import BASE_DIR, ENGINE, checkout

KEPT = BASE_DIR / "var" / "tests"
# What decides which tables, rows and permissions migrating leaves.
APPS = tuple(sorted(path.parent.name for path in BASE_DIR.glob("*/apps.py")))
ORIGINAL = f"migrated_{checkout(BASE_DIR)}"  # on PostgreSQL


def state() -> str:
    """Give a name for all that migrating depends on, another one after any change."""
    files = [path for app in APPS for path in (BASE_DIR / app).rglob("*.py")]
    files += (BASE_DIR / "requirements").glob("*.txt")  # other people's migrations
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(b"%b\0%b\0" % (str(path.relative_to(BASE_DIR)).encode(), path.read_bytes()))
    return digest.hexdigest()[:16]


def make_test_database() -> None:
    """Make this process's test database and connect to it."""
    kept: _File | _Database = _File() if ENGINE == "sqlite" else _Database()
    name: str = connection.creation._get_test_db_name()
    with _one_process_at_a_time():
        wanted = state()
        if not kept.is_of(wanted):
            connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
            kept.take(name, wanted)
            return
        kept.give(name, wanted)
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name


def give_a_copy(name: str) -> None:
    """
    Make a database of this name, on SQLite a file, for a server that a test starts.

    Call it once this process's own test database stands: the original does, then.
    """
    kept: _File | _Database = _File() if ENGINE == "sqlite" else _Database()
    with _one_process_at_a_time():
        kept.give(name, state())


@contextmanager
def _one_process_at_a_time() -> Iterator[None]:
    """Workers that start together wait for the first, which migrates for all."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / f"{ENGINE}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class _File:
    """The original on SQLite: a file that carries the state in its name."""

    def is_of(self, wanted: str) -> bool:
        return self._path(wanted).exists()

    def take(self, name: str, wanted: str) -> None:
        for old in KEPT.glob("migrated-*"):
            old.unlink()
        draft = KEPT / "migrated-draft"
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(draft)])
        draft.rename(self._path(wanted))

    def give(self, name: str, wanted: str) -> None:
        for leftover in ("-wal", "-shm"):
            Path(f"{name}{leftover}").unlink(missing_ok=True)
        shutil.copyfile(self._path(wanted), name)

    def _path(self, of: str) -> Path:
        return KEPT / f"migrated-{of}.sqlite3"


class _Database:
    """The original on PostgreSQL: a database whose comment says the state."""

    def is_of(self, wanted: str) -> bool:
        with connection.creation._nodb_cursor() as cursor:
            cursor.execute(
                "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s",
                [ORIGINAL],
            )
            return cursor.fetchone() == (wanted,)

    def take(self, name: str, wanted: str) -> None:
        connection.close()  # a database that somebody looks at cannot be copied
        self._copy(name, ORIGINAL)
        with connection.creation._nodb_cursor() as cursor:
            # Said last: an original that was not finished is of no state.
            cursor.execute(f"COMMENT ON DATABASE {ORIGINAL} IS '{wanted}'")

    def give(self, name: str, wanted: str) -> None:
        self._copy(ORIGINAL, name)

    def _copy(self, original: str, copy: str) -> None:
        with connection.creation._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{copy}" WITH (FORCE)')
            cursor.execute(f'CREATE DATABASE "{copy}" TEMPLATE "{original}"')
