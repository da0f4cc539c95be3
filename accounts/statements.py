"""The few hand-written statements of this app."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

from django.db import DatabaseError, connection

# `set_config('role', …)` is SET ROLE; both in one trip.
_ENTER = "SELECT set_config('role', 'portal_tenant', false), set_config('portal.tenant', %s, false)"
_LEAVE = "SELECT set_config('role', 'none', false), set_config('portal.tenant', '', false)"
# There is the role, this login may take it, and it may read what the policies keep apart. And we
# talk to the server itself: a pooler might hand this connection, role and all, to somebody else.
_STANDS = """
SELECT pg_backend_pid() = %s AND EXISTS (
    SELECT FROM pg_roles r WHERE r.rolname = 'portal_tenant'
        AND NOT r.rolsuper AND NOT r.rolbypassrls
        AND pg_has_role(
            r.oid,
            CASE WHEN current_setting('server_version_num')::int >= 160000
                THEN 'SET' ELSE 'MEMBER' END)
        AND has_table_privilege(r.oid, to_regclass('accounts_tenant'), 'SELECT'))
"""

# For whom, while it stands.
_behind: ContextVar[uuid.UUID | None] = ContextVar("behind_wall", default=None)


def try_lock(name: bytes) -> bool:
    """
    Return whether this transaction now holds the lock of that name, without waiting for it.

    SQLite lets only one transaction write at a time, so whoever gets here holds every lock.
    """
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        number = int.from_bytes(name[:8], "big", signed=True)
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        return bool(cursor.fetchone()[0])


def wall_is_due() -> bool:
    """Return whether this database is one that could keep tenants apart: migrated PostgreSQL."""
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regproc('portal_raise_wall') IS NOT NULL")
        return bool(cursor.fetchone()[0])


def wall_stands() -> bool:
    """Return whether the database does keep one tenant's rows apart from the others'."""
    if not wall_is_due():
        return False
    with connection.cursor() as cursor:
        cursor.execute(_STANDS, [_server_named()])
        return bool(cursor.fetchone()[0])


def _server_named() -> int:
    """Return which server process the handshake named; a pooler makes up a name of its own."""
    pid: int = connection.connection.info.backend_pid
    return pid


# Asked once in a process: raising the wall later takes a restart.
wall_stood = cache(wall_stands)


@contextmanager
def behind_wall(tenant_id: uuid.UUID) -> Iterator[None]:
    """
    Let this connection see one tenant's rows only, until the block ends.

    It must not begin inside a transaction that may be undone before it ends: undoing would undo
    the wall as well.
    """
    if not wall_stood():
        yield
        return
    _tell(_ENTER, [str(tenant_id)])
    behind = _behind.set(tenant_id)
    try:
        yield
    finally:
        _behind.reset(behind)
        _leave()


@contextmanager
def beyond_wall() -> Iterator[None]:
    """
    Let this connection see every row until the block ends, for a rule that looks at all of them.

    Whoever may act was decided before it. Like the wall itself it must not begin inside a
    transaction that may be undone before it ends: what may fail is the block's own transaction.
    """
    tenant_id = _behind.get()
    if tenant_id is None:
        yield
        return
    _tell(_LEAVE)
    behind = _behind.set(None)
    try:
        yield
    finally:
        _behind.reset(behind)
        _tell(_ENTER, [str(tenant_id)])


def is_behind_wall() -> bool:
    """Return whether this connection sees one tenant's rows only: COPY may not write then."""
    return _behind.get() is not None


def _leave() -> None:
    """Take the wall away; a connection that cannot be told so is not used again."""
    if connection.connection is None:
        return
    try:
        _tell(_LEAVE)
    except DatabaseError:
        # In a transaction (a test's) what undoes it undoes the wall.
        if not connection.in_atomic_block:
            connection.close()


def _tell(statement: str, values: list[str] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
