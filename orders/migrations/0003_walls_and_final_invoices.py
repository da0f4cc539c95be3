"""
PostgreSQL itself keeps tenants' orders apart, and refuses to rewrite an open invoice.

As `licenses/0018_tenant_wall` and `events/0002_append_only` do for all else.
"""

from django.db import migrations

ME = "(SELECT portal_tenant())"
# A reseller orders for those it sold to, and sees no invoice between them and the vendor.
WALLS = {
    "orders_order": f"tenant_id = {ME} OR reseller_id = {ME}",
    "orders_invoice": f"tenant_id = {ME}",
    "orders_tenantcredit": f"tenant_id = {ME}",
}
FINAL = """
CREATE FUNCTION orders_keep_invoice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'invoices are final' USING ERRCODE = 'restrict_violation';
    END IF;
    IF to_jsonb(NEW) - ARRAY['paid_at', 'voided_at', 'uncollectible_at']
        <> to_jsonb(OLD) - ARRAY['paid_at', 'voided_at', 'uncollectible_at'] THEN
        RAISE EXCEPTION 'invoices are final' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER orders_invoice_final BEFORE UPDATE OR DELETE ON orders_invoice
    FOR EACH ROW EXECUTE FUNCTION orders_keep_invoice();
CREATE FUNCTION orders_keep_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'invoices are final' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER orders_invoiceline_final BEFORE UPDATE OR DELETE ON orders_invoiceline
    FOR EACH ROW EXECUTE FUNCTION orders_keep_line();
"""
NO_LONGER_FINAL = """
DROP TRIGGER orders_invoiceline_final ON orders_invoiceline;
DROP TRIGGER orders_invoice_final ON orders_invoice;
DROP FUNCTION orders_keep_line();
DROP FUNCTION orders_keep_invoice();
"""


def bound(condition):
    return f"(current_user <> 'portal_tenant' OR {condition})"


def up(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    for table, seen in WALLS.items():
        schema_editor.execute(
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;"
            f"CREATE POLICY everybody ON {table} USING (true);"
            f"CREATE POLICY tenant_wall ON {table} AS RESTRICTIVE FOR ALL"
            f" USING ({bound(seen)}) WITH CHECK ({bound(seen)});",
            params=None,
        )
    schema_editor.execute(FINAL, params=None)


def down(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    schema_editor.execute(NO_LONGER_FINAL, params=None)
    for table in WALLS:
        schema_editor.execute(
            f"DROP POLICY tenant_wall ON {table}; DROP POLICY everybody ON {table};"
            f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;",
            params=None,
        )


class Migration(migrations.Migration):
    dependencies = [("licenses", "0018_tenant_wall"), ("orders", "0002_orders")]

    operations = [migrations.RunPython(up, down)]
