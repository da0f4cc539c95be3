"""How a test that commits leaves the database to the next: what it wrote is deleted."""

from functools import cache

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import TransactionTestCase

# Written by migrating, and by no test.
KEPT = {"auth_permission", "django_content_type"}


@cache
def _tables(alias: str) -> list[str]:
    introspection = connections[alias].introspection
    return sorted(set(introspection.django_table_names(include_views=False)) - KEPT)


def delete_rows(connection: BaseDatabaseWrapper) -> None:
    """
    Delete every row, in the tables that have one.

    Django truncates all tables instead, which takes PostgreSQL a quarter of a second each time,
    and then writes permissions and content types anew.
    """
    quote, tables = connection.ops.quote_name, _tables(connection.alias)
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {quote(table)})" for table in tables
            )
        )
        filled = [table for (table,) in cursor.fetchall()]
        statements = [f"DELETE FROM {quote(table)}" for table in filled]
        if connection.vendor == "postgresql":
            # The trigger that refuses to rewrite history is for everybody else.
            switch = "ALTER TABLE events_event {} TRIGGER USER"
            # Rows that name events have gone by now: saying so lets the table be altered again.
            checked = "SET CONSTRAINTS ALL IMMEDIATE"
            statements = [switch.format("DISABLE"), *statements, checked, switch.format("ENABLE")]
        for statement in statements:
            cursor.execute(statement)


def _fixture_teardown(case: TransactionTestCase) -> None:
    for alias in case._databases_names(include_mirrors=False):
        delete_rows(connections[alias])


def clean_by_deleting() -> None:
    """Make Django's transactional tests clean up so."""
    TransactionTestCase._fixture_teardown = _fixture_teardown
