"""
Trigram indexes, so that a search by a part of a word need not read every licence.

PostgreSQL only, and only where `pg_trgm` can be had: without it a search is right but slow.
"""

from django.db import migrations, transaction
from django.db.utils import ProgrammingError

COLUMNS = ("product_name", "issued_to")


def index(apps, schema_editor):
    if not _has_trigrams(schema_editor.connection):
        return
    for column in COLUMNS:
        # Spelled as `icontains` asks, or the planner would not see that it fits.
        schema_editor.execute(
            f"CREATE INDEX license_{column}_words ON licenses_license"
            f" USING gin (UPPER({column}::text) gin_trgm_ops)"
        )


def drop(apps, schema_editor):
    for column in COLUMNS:
        schema_editor.execute(f"DROP INDEX IF EXISTS license_{column}_words")


def _has_trigrams(connection):
    if connection.vendor != "postgresql":
        return False
    try:
        # The owner of a database may add this extension; who may not goes on without.
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'")
            if cursor.fetchone() is None:
                return False
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    except ProgrammingError:
        return False
    return True


class Migration(migrations.Migration):
    dependencies = [("licenses", "0001_initial")]

    operations = [migrations.RunPython(index, drop)]
