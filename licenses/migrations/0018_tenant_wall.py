"""
PostgreSQL itself keeps a tenant's rows apart while a door acts for one.

The door takes the role `portal_tenant` and says in `portal.tenant` for whom. The policies bind that
role alone: whoever owns the tables, or is a superuser, works as before and pays nothing. SQLite has
no such thing.
"""

from django.db import migrations

ME = "(SELECT portal_tenant())"
MINE = f"tenant_id = {ME}"
SEEN_LICENSE = f"(l.tenant_id = {ME} OR l.reseller_id = {ME})"


def of_license(table, seen, ended=""):
    here = f" AND ({ended} IS NULL OR l.tenant_since IS NULL OR {ended} > l.tenant_since)"
    return (
        f"EXISTS (SELECT FROM licenses_license l WHERE l.id = {table}.license_id AND {seen}"
        f"{here if ended else ''})"
    )


# table → which of its rows the tenant sees; which rows it may write, where these are others.
WALLS = {
    "accounts_tenant": (f"id = {ME} OR sold_by_id = {ME}", None),
    "accounts_customer": (MINE, None),
    "accounts_membership": (MINE, None),
    "accounts_apikey": (MINE, None),
    "licenses_license": (f"tenant_id = {ME} OR reseller_id = {ME}", None),
    "licenses_activation": (
        of_license("licenses_activation", SEEN_LICENSE, "deactivated_at"),
        of_license("licenses_activation", SEEN_LICENSE),
    ),
    "licenses_nameduser": (
        of_license("licenses_nameduser", f"l.{MINE}", "unassigned_at"),
        of_license("licenses_nameduser", f"l.{MINE}"),
    ),
    "licenses_blacklisteddevice": (MINE, None),
}
# What a reseller does at its customer's is told to the customer: any row may be added, and an event
# is read back by whoever just wrote it.
TOLD = {
    "events_event": (
        f"{MINE} OR transaction_id = (SELECT pg_current_xact_id_if_assigned()::text::bigint)"
    ),
    "events_notice": MINE,
}

FUNCTIONS = """
CREATE FUNCTION portal_tenant() RETURNS uuid STABLE PARALLEL SAFE LANGUAGE sql AS $$
    SELECT nullif(current_setting('portal.tenant', true), '')::uuid
$$;
CREATE FUNCTION portal_raise_wall() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'portal_tenant') THEN
        BEGIN
            CREATE ROLE portal_tenant NOLOGIN;
        EXCEPTION
            WHEN duplicate_object OR unique_violation THEN NULL; -- another database's, just now
            WHEN insufficient_privilege THEN RETURN false;
        END;
    END IF;
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        BEGIN
            GRANT portal_tenant TO CURRENT_USER;
        EXCEPTION
            WHEN insufficient_privilege THEN NULL; -- perhaps it was granted by who may
        END;
    END IF;
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO portal_tenant', current_schema());
    EXECUTE format(
        'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %I TO portal_tenant',
        current_schema());
    EXECUTE format('GRANT USAGE ON ALL SEQUENCES IN SCHEMA %I TO portal_tenant', current_schema());
    -- What a tenant's page has no business with, whatever it is made to ask.
    REVOKE ALL ON django_migrations, django_session, django_admin_log FROM portal_tenant;
    EXECUTE format(
        'ALTER DEFAULT PRIVILEGES IN SCHEMA %I'
        ' GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO portal_tenant', current_schema());
    EXECUTE format(
        'ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT USAGE ON SEQUENCES TO portal_tenant',
        current_schema());
    RETURN true;
END $$;
"""


def policy(table, name, command, *conditions):
    return f"CREATE POLICY {name} ON {table} AS RESTRICTIVE FOR {command} {' '.join(conditions)};"


def bound(condition):
    """Say to whom it applies: a policy TO a role could not be made before there is that role."""
    return f"(current_user <> 'portal_tenant' OR {condition})"


def raise_walls(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    statements = [FUNCTIONS]
    for table in (*WALLS, *TOLD):
        statements += [
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;",
            # Restrictions narrow what something else allows.
            f"CREATE POLICY everybody ON {table} USING (true);",
        ]
    for table, (seen, written) in WALLS.items():
        using, check = f"USING ({bound(seen)})", f"WITH CHECK ({bound(written or seen)})"
        statements.append(policy(table, "tenant_wall", "ALL", using, check))
    for table, seen in TOLD.items():
        using = f"USING ({bound(seen)})"
        statements += [
            policy(table, "tenant_wall", "SELECT", using),
            policy(table, "tenant_wall_update", "UPDATE", using),
            policy(table, "tenant_wall_delete", "DELETE", using),
        ]
    statements.append("SELECT portal_raise_wall();")
    schema_editor.execute("\n".join(statements), params=None)


def pull_down_walls(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    statements = []
    for table in (*WALLS, *TOLD):
        names = ["everybody", "tenant_wall"]
        names += ["tenant_wall_update", "tenant_wall_delete"] if table in TOLD else []
        statements += [f"DROP POLICY {name} ON {table};" for name in names]
        statements.append(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;")
    # The role stays: another database may use it.
    statements.append("DROP FUNCTION portal_raise_wall(); DROP FUNCTION portal_tenant();")
    schema_editor.execute("\n".join(statements), params=None)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_stored_answer"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("events", "0004_notices"),
        ("licenses", "0017_blacklist_scopes"),
        ("sessions", "0001_initial"),
    ]

    operations = [migrations.RunPython(raise_walls, pull_down_walls)]
