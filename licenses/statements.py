"""Running the few hand-written statements, prepared where the engine can."""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.db import connection, transaction


def on_postgresql() -> bool:
    """Return whether the statement made for PostgreSQL is the one to run."""
    return connection.vendor == "postgresql"


def fetch(sql: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Return the rows of a statement, which commits by itself outside of a transaction."""
    with _cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def run(sql: str, parameters: Mapping[str, Any]) -> int:
    """Return how many rows a statement wrote."""
    with _cursor() as cursor:
        cursor.execute(sql, parameters)
        return int(cursor.rowcount)


def as_array(values: Iterable[object]) -> str:
    """
    Return numbers, ids or words as PostgreSQL writes an array, for a parameter that is cast.

    The driver looks at each element for what needs quoting, which for thousands takes longer than
    writing them does.
    """
    return "{" + ",".join(map(str, values)) + "}"


def quoted(word: str) -> str:
    """Return a word as it stands inside such an array."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def own_savepoint() -> AbstractContextManager[Any]:
    """Return what keeps a failing statement from poisoning a transaction it may stand in."""
    return transaction.atomic() if connection.in_atomic_block else nullcontext()


def _cursor() -> Any:
    if not on_postgresql():
        return connection.cursor()
    # Imported here: psycopg is there only where PostgreSQL is used.
    from django.db.backends.postgresql.base import ServerBindingCursor  # noqa: PLC0415

    # Django's own cursor binds on the client and never prepares; switching the whole project
    # over would change how the ORM's SQL is typed. The one private name stands here only.
    connection.ensure_connection()
    untyped: Any = connection
    return untyped._prepare_cursor(ServerBindingCursor(untyped.connection))  # type: ignore[call-arg]
