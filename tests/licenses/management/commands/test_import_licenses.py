"""`manage.py import_licenses`."""

import io

import pytest
from django.core.management import CommandError, call_command

from events.models import Event
from licenses.models import License
from licenses.services.importing.rows import COLUMNS
from tests.factories import activate, issue, make_customer, make_product, make_template

pytestmark = pytest.mark.django_db
TERMS = (
    "issued_to", "license_type", "license_model", "max_activations", "overage", "status",
    "issued_date", "expiry_date", "grace_ends_at", "maintenance_expiry", "auto_renewal",
    "key_scheme", "key_head", "key_hint", "product_name", "product_version", "template_id",
)  # fmt: skip


def run(file, **options):
    out, err = io.StringIO(), io.StringIO()
    call_command("import_licenses", str(file), stdout=out, stderr=err, **options)
    return out.getvalue()


@pytest.mark.parametrize("form", ["csv", "json"])
def test_what_is_exported_can_be_imported_elsewhere(form, tmp_path):
    customer = make_customer()
    product = make_product("maps", "users")
    for scheme in ("GROUPED", "STAMPED", "SIGNED", "TOKEN"):
        template = make_template(product, key_scheme=scheme, template_name=f"={scheme}")
        issue(
            tenant=customer.tenant, customer_id=customer.pk, template_id=template.pk,
            issued_to=f"@{scheme}", overage="1.5X", grace_period_days=3,
        )  # fmt: skip
    before = [
        [*(getattr(row, name) for name in TERMS), row.masked_key]
        for row in License.objects.order_by("issued_to")
    ]
    file = tmp_path / f"licences.{form}"
    with file.open("w") as out:
        call_command("export_licenses", "--reveal", format=form, stdout=out)
    keys = {row.issued_to: row.pk for row in License.objects.all()}
    License.objects.all().delete()

    assert "4 licences would be imported, 0 rows" in run(file, dry_run=True)
    assert not License.objects.exists()
    assert run(file) == "4 licences imported, 0 rows are wrong.\n"

    assert [
        [*(getattr(row, name) for name in TERMS), row.masked_key]
        for row in License.objects.order_by("issued_to")
    ] == before
    assert not set(keys.values()) & set(License.objects.values_list("pk", flat=True))


def test_wrong_rows_are_told_by_line_and_end_it_with_an_error(tmp_path):
    customer, product = make_customer(), make_product()
    file = tmp_path / "licences.csv"
    row = f"{customer.tenant.code},{product.product_id},SUBSCRIPTION,PER_DEVICE"
    file.write_text(
        "tenant,product_id,license_type,license_model,issued_to,license_key\n"
        f"{row},Right,legacy-0001\n{row},,legacy-0002\n"
    )
    err = io.StringIO()

    with pytest.raises(CommandError, match="Nothing was imported: 1 row is"):
        call_command("import_licenses", str(file), "--all-or-nothing", stderr=err)
    assert not License.objects.exists()
    with pytest.raises(CommandError, match="Mend the rows"):
        call_command("import_licenses", str(file), stderr=err, stdout=io.StringIO())

    assert err.getvalue().splitlines() == ["line 3: issued_to: Say who it is for."] * 2
    assert activate("legacy-0001").is_new
    assert Event.objects.filter(type="license.issued").count() == 1


def test_a_file_that_was_imported_before_has_nothing_to_mend(tmp_path):
    customer, product = make_customer(), make_product()
    file = tmp_path / "licences.csv"
    row = f"{customer.tenant.code},{product.product_id},SUBSCRIPTION,PER_DEVICE,Right"
    head = "tenant,product_id,license_type,license_model,issued_to,license_key"
    file.write_text(f"{head}\n{row},legacy-0001\n")
    assert run(file) == "1 licence imported, 0 rows are wrong.\n"
    file.write_text(f"{head}\n{row},legacy-0001\n{row},legacy-0002\n")
    assert run(file) == "1 licence imported, 1 there already, 0 rows are wrong.\n"
    with pytest.raises(CommandError, match="Nothing was imported: 2 there already"):
        run(file, all_or_nothing=True)
    assert License.objects.count() == 2


def test_a_file_of_another_kind_is_told_in_words(tmp_path):
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "excel.csv").write_text("tenant;template\nBRENNER;Team\n")
    for name, word in [("empty.csv", "empty"), ("excel.csv", "commas")]:
        with pytest.raises(CommandError, match=word):
            run(tmp_path / name)
    (tmp_path / "a.csv").write_bytes(b"tenant\n\xff\xfe\n")
    (tmp_path / "a.xlsx").write_bytes(b"PK")
    for name, word in [("a.csv", "UTF-8"), ("a.xlsx", "--format"), ("none.csv", "No such file")]:
        with pytest.raises(CommandError, match=word):
            run(tmp_path / name)


def test_the_examples_name_columns_that_exist():
    assert {"tenant", "product_id", "template", "license_key", "features"} <= COLUMNS.keys()
