"""Running the few hand-written statements, prepared where the engine can."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from enum import Enum
from typing import Any

from django.db import connection, models, transaction


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


def insert_many(model: type[models.Model], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert very many rows, each with a value for every column: by COPY where there is one."""
    if not rows:
        return
    if not on_postgresql():
        model._default_manager.bulk_create([model(**row) for row in rows], batch_size=500)
        return
    fields = [
        field
        for field in model._meta.concrete_fields
        # The database's own: the sequence of events and the transaction that wrote them.
        if not isinstance(field, models.AutoField) and field.db_default is models.NOT_PROVIDED
    ]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    statement = f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN'
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([_copied(field, row[field.attname]) for field in fields])


def _copied(field: Any, value: Any) -> Any:
    if isinstance(field, models.JSONField):
        return field.get_db_prep_save(value, connection)
    return value.value if isinstance(value, Enum) else value
