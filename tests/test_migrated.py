"""A copied test database is what migrating would have made."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests import cleaning, migrated

pytestmark = pytest.mark.django_db


def test_the_database_under_test_has_every_migration_and_no_row_but_those_of_migrating():
    executor = MigrationExecutor(connection)
    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []
    with connection.cursor() as cursor:
        for table in cleaning._tables(connection.alias):
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")
            assert cursor.fetchone() == (0,), table


def test_any_change_of_the_code_makes_another_original(tmp_path, monkeypatch):
    monkeypatch.setattr(migrated, "BASE_DIR", tmp_path)
    before = migrated.state()
    migration = tmp_path / "licenses" / "migrations" / "0001_initial.py"
    migration.parent.mkdir(parents=True)
    migration.touch()
    added = migrated.state()
    migration.write_text("operations = []")
    assert len({before, added, migrated.state()}) == 3
