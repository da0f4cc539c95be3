"""Importing licences on a page."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from licenses.models import License
from tests.factories import activate, make_product, make_tenant
from tests.staff import signed_in

pytestmark = pytest.mark.django_db
PAGE = "/admin/licenses/license/import/"
HEADER = "tenant,product_id,license_type,license_model,issued_to,license_key\n"


@pytest.fixture
def staff(db):
    return signed_in(group="sales")


@pytest.fixture
def row(db):
    return f"{make_tenant().code},{make_product().product_id},SUBSCRIPTION,PER_DEVICE"


def send(staff, text, name="licences.csv", **fields):
    data = text if isinstance(text, bytes) else text.encode()
    return staff.post(PAGE, {"file": SimpleUploadedFile(name, data)} | fields)


def test_a_file_is_checked_first_and_then_imported(staff, row):
    text = f"{HEADER}{row},Right,legacy-0001\n{row},,legacy-0002\n"

    html = send(staff, text, dry_run="on").content.decode()
    assert "Checked, nothing imported" in html
    assert "1 licence would be imported." in html
    assert "issued_to: Say who it is for." in html
    assert not License.objects.exists()

    html = send(staff, text).content.decode()
    assert "1 licence is imported." in html
    assert "1 row is wrong." in html
    assert activate("legacy-0001").is_new
    assert "legacy-0001" not in html


def test_the_list_leads_there(staff):
    assert PAGE in staff.get("/admin/licenses/license/").content.decode()
    assert PAGE not in signed_in(group="read-only").get("/admin/licenses/license/").content.decode()


@pytest.mark.parametrize(
    ("text", "name", "word"),
    [
        (b"\xff\xfe", "a.csv", "not in UTF-8"),
        (b"x", "a.xlsx", "ends in .csv or .json"),
        (b"tenant,colour\nA,red\n", "a.csv", "colour"),
        (b"tenant\nA\nB,C\n", "a.csv", "more cells"),
        (b"[{", "a.json", "no JSON"),
        (b"tenant\n" + b"A\n" * 5_001, "a.csv", "manage.py import_licenses"),
    ],
)
def test_a_file_that_cannot_be_is_told_on_the_form(staff, text, name, word):
    answer = send(staff, text, name)
    assert word in answer.content.decode()
    assert not License.objects.exists()
