"""Bars of products, until when, and by whom."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_stored_answer"),
        ("licenses", "0016_trust"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="blacklisteddevice",
            options={"verbose_name": "barred device", "verbose_name_plural": "barred devices"},
        ),
        migrations.RemoveConstraint(
            model_name="blacklisteddevice",
            name="blacklisted_once_per_tenant",
        ),
        migrations.RemoveConstraint(
            model_name="blacklisteddevice",
            name="blacklisted_once_vendor_wide",
        ),
        migrations.AddField(
            model_name="blacklisteddevice",
            name="barred_by",
            field=models.CharField(blank=True, max_length=200, verbose_name="by"),
        ),
        migrations.AddField(
            model_name="blacklisteddevice",
            name="product",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="licenses.product",
                verbose_name="product",
            ),
        ),
        migrations.AlterField(
            model_name="blacklisteddevice",
            name="tenant",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.tenant",
                verbose_name="tenant",
            ),
        ),
        migrations.AddConstraint(
            model_name="blacklisteddevice",
            constraint=models.UniqueConstraint(
                condition=models.Q(("product", None), ("tenant", None)),
                fields=("fingerprint_digest",),
                name="blacklisted_once_vendor_wide",
            ),
        ),
        migrations.AddConstraint(
            model_name="blacklisteddevice",
            constraint=models.UniqueConstraint(
                condition=models.Q(("product", None), ("tenant__isnull", False)),
                fields=("tenant", "fingerprint_digest"),
                name="blacklisted_once_per_tenant",
            ),
        ),
        migrations.AddConstraint(
            model_name="blacklisteddevice",
            constraint=models.UniqueConstraint(
                condition=models.Q(("product__isnull", False), ("tenant", None)),
                fields=("product", "fingerprint_digest"),
                name="blacklisted_once_per_product",
            ),
        ),
        migrations.AddConstraint(
            model_name="blacklisteddevice",
            constraint=models.UniqueConstraint(
                condition=models.Q(("product__isnull", False), ("tenant__isnull", False)),
                fields=("tenant", "product", "fingerprint_digest"),
                name="blacklisted_once_per_tenant_and_product",
            ),
        ),
    ]
