"""Running the few hand-written statements, prepared where the engine can."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from enum import Enum
from functools import partial
from operator import itemgetter
from typing import Any

from django.db import connection, models, transaction

from accounts.statements import is_behind_wall


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
    """
    Insert very many rows, each with a value for every column: by COPY where there is one.

    What else a row holds is left out.
    """
    if not rows:
        return
    fields = [
        field
        for field in model._meta.concrete_fields
        # The database's own: the sequence of events and the transaction that wrote them.
        if not isinstance(field, models.AutoField) and field.db_default is models.NOT_PROVIDED
    ]
    values_of = itemgetter(*(field.attname for field in fields))
    columns = ", ".join(f'"{field.column}"' for field in fields)
    if not on_postgresql() or is_behind_wall():
        places = ", ".join(["%s"] * len(fields))
        prepare = [partial(field.get_db_prep_save, connection=connection) for field in fields]
        with connection.cursor() as cursor:
            cursor.executemany(
                f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ({places})',  # noqa: S608 - names of ours
                [
                    [one(value) for one, value in zip(prepare, values_of(row), strict=True)]
                    for row in rows
                ],
            )
        return
    # Nearly every value goes as it is: asking each of them what it is would take longer than COPY.
    special = [(place, made) for place, field in enumerate(fields) if (made := _copied_by(field))]
    statement = f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN'
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            values = list(values_of(row))
            for place, made in special:
                values[place] = made(values[place])
            copy.write_row(values)


def _copied_by(field: Any) -> Callable[[Any], Any] | None:
    """Return what turns a field's value into one that COPY takes; None if each is one."""
    if isinstance(field, models.JSONField):
        return partial(field.get_db_prep_save, connection=connection)
    return _plain if isinstance(field, models.CharField) else None


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value
