"""PostgreSQL itself keeps a tenant's incidents apart, as `licenses/0018_tenant_wall` does all else."""

from django.db import migrations

MINE = "(current_user <> 'portal_tenant' OR tenant_id = (SELECT portal_tenant()))"
UP = f"""
ALTER TABLE compliance_incident ENABLE ROW LEVEL SECURITY;
CREATE POLICY everybody ON compliance_incident USING (true);
CREATE POLICY tenant_wall ON compliance_incident AS RESTRICTIVE FOR ALL
    USING ({MINE}) WITH CHECK ({MINE});
"""
DOWN = """
DROP POLICY tenant_wall ON compliance_incident;
DROP POLICY everybody ON compliance_incident;
ALTER TABLE compliance_incident DISABLE ROW LEVEL SECURITY;
"""


def raise_wall(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(UP, params=None)


def pull_down_wall(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(DOWN, params=None)


class Migration(migrations.Migration):
    dependencies = [("compliance", "0001_incidents"), ("licenses", "0018_tenant_wall")]

    operations = [migrations.RunPython(raise_wall, pull_down_wall)]
