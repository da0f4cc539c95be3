"""PostgreSQL itself keeps a tenant's webhooks apart, as `licenses/0018_tenant_wall` does all else."""

from django.db import migrations

ME = "(SELECT portal_tenant())"
WALLS = {
    "events_webhookendpoint": f"tenant_id = {ME}",
    "events_webhookdelivery": (
        "EXISTS (SELECT FROM events_webhookendpoint e"
        f" WHERE e.id = events_webhookdelivery.endpoint_id AND e.tenant_id = {ME})"
    ),
}


def raise_walls(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    for table, mine in WALLS.items():
        bound = f"(current_user <> 'portal_tenant' OR {mine})"
        schema_editor.execute(
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;"
            f"CREATE POLICY everybody ON {table} USING (true);"
            f"CREATE POLICY tenant_wall ON {table} AS RESTRICTIVE FOR ALL"
            f" USING ({bound}) WITH CHECK ({bound});",
            params=None,
        )


def pull_down_walls(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    for table in WALLS:
        schema_editor.execute(
            f"DROP POLICY tenant_wall ON {table}; DROP POLICY everybody ON {table};"
            f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;",
            params=None,
        )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_tax_rate"),
        ("events", "0005_webhooks"),
        ("licenses", "0018_tenant_wall"),
    ]

    operations = [migrations.RunPython(raise_walls, pull_down_walls)]
