"""PostgreSQL itself refuses to rewrite history, and finds a day's events without a full index."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION events_refuse_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'events are append-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER events_event_append_only BEFORE UPDATE OR DELETE ON events_event
    FOR EACH ROW EXECUTE FUNCTION events_refuse_rewrite();
CREATE INDEX event_recorded_brin ON events_event USING brin (recorded_at);
"""
BACKWARD = """
DROP INDEX event_recorded_brin;
DROP TRIGGER events_event_append_only ON events_event;
DROP FUNCTION events_refuse_rewrite();
"""


def on_postgresql(sql):
    def run(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(sql)

    return run


class Migration(migrations.Migration):
    dependencies = [("events", "0001_initial")]

    operations = [migrations.RunPython(on_postgresql(FORWARD), on_postgresql(BACKWARD))]
