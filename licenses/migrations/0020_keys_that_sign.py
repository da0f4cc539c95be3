"""Signing keys have a purpose each, and the list of revocations a row."""

import uuid_utils.compat
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def say_what_for(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """A key of no product signed the list of revocations, and nothing else."""
    keys = apps.get_model("licenses", "SigningKey").objects
    keys.filter(product=None).update(purpose="REVOCATIONS")
    keys.exclude(product=None).update(purpose="PRODUCT")


class Migration(migrations.Migration):
    dependencies = [
        ("licenses", "0019_emergency_codes"),
    ]

    operations = [
        migrations.AddField(
            model_name="signingkey",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("PRODUCT", "PRODUCT"),
                    ("REVOCATIONS", "REVOCATIONS"),
                    ("ANSWERS", "ANSWERS"),
                ],
                default="PRODUCT",
                editable=False,
                max_length=12,
            ),
            preserve_default=False,
        ),
        migrations.RunPython(say_what_for, migrations.RunPython.noop, elidable=True),
        migrations.AddConstraint(
            model_name="signingkey",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("product__isnull", False), ("purpose", "PRODUCT")),
                    models.Q(
                        models.Q(("purpose", "PRODUCT"), _negated=True),
                        ("product", None),
                    ),
                    _connector="OR",
                ),
                name="signing_key_product_where_due",
            ),
        ),
        migrations.CreateModel(
            name="RevocationList",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("only", models.BooleanField(default=True, editable=False, unique=True)),
                ("version", models.PositiveBigIntegerField(editable=False)),
                ("contents_digest", models.BinaryField(max_length=32)),
                ("document", models.TextField(editable=False)),
                ("issued_at", models.DateTimeField(editable=False)),
                ("expires_at", models.DateTimeField(editable=False)),
                ("stale", models.BooleanField(default=False, editable=False)),
            ],
            options={
                "verbose_name": "list of revocations",
                "verbose_name_plural": "lists of revocations",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("only", True)), name="revocation_list_one"
                    )
                ],
            },
        ),
    ]
