"""Importing licences: each row by the rules of issuing, each fault by its line."""

import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from events import trail
from events.models import Event
from licenses.models import (
    Entitlement,
    Hold,
    License,
    Restriction,
    TemplateRestriction,
    TrialUse,
)
from licenses.selectors import typed_keys
from licenses.services.importing import Unreadable, import_licenses, rows_of
from licenses.services.importing.files import Row
from tests.clock import NOW
from tests.factories import (
    STAFF,
    activate,
    issue,
    make_customer,
    make_product,
    make_template,
    make_tenant,
)

pytestmark = pytest.mark.django_db
LEGACY = "legacy_KEY.0815-a"


@pytest.fixture
def sold() -> dict[str, Any]:
    """What a row needs at least, all of it there."""
    tenant = make_tenant(code="BRENNER")
    make_customer(tenant, email="buyer@brenner.example", external_id="K-17")
    strata = make_product("maps", "users", "beta", product_id="strata")
    make_template(strata, template_name="Theirs", reserved_for=make_tenant())
    return {
        "tenant": "brenner",
        "customer": "buyer@brenner.example",
        "product_id": "strata",
        "license_type": "SUBSCRIPTION",
        "license_model": "PER_DEVICE",
        "license_key": LEGACY,
    }


def imported(*rows: dict[str, Any], dry_run: bool = False, chunk: int = 10) -> tuple[int, dict]:
    given = [Row(line, cells) for line, cells in enumerate(rows, 2)]
    count, faults = 0, {}
    for step in import_licenses(rows=given, at=NOW, origin=STAFF, dry_run=dry_run, chunk=chunk):
        count = step.imported
        faults |= {fault.line: fault.words for fault in step.faults}
    return count, faults


def test_a_row_becomes_a_licence_with_its_terms_features_and_event(sold: dict[str, Any]) -> None:
    terms = {
        "issued_to": "Brenner Aachen",
        "max_activations": "7",
        "overage": "1.5x",
        "issued_date": "2026-01-01",
        "expiry_date": "2027-12-31",
        "grace_period_days": "14",
        "auto_renewal": "yes",
        "features": "maps;users=5@2027-01-01T00:00:00+00:00;!beta",
    }

    assert imported(sold | terms) == (1, {})

    license = License.objects.get()
    assert (license.tenant.code, license.customer.external_id) == ("BRENNER", "K-17")  # type: ignore[union-attr]
    assert (license.issued_to, license.max_activations) == ("Brenner Aachen", 7)
    assert (license.overage, license.auto_renewal) == ("1.5X", True)
    assert license.issued_date == datetime(2026, 1, 1, tzinfo=UTC)
    assert license.expiry_date == datetime(2028, 1, 1, tzinfo=UTC)
    assert license.grace_ends_at == license.expiry_date + timedelta(days=14)
    granted = {row.feature_id: row for row in Entitlement.objects.filter(license=license)}
    assert {name: row.enabled for name, row in granted.items()} == {
        "maps": True, "users": True, "beta": False,
    }  # fmt: skip
    assert granted["users"].limit_value == Decimal(5)
    assert granted["users"].expires_at == datetime(2027, 1, 1, tzinfo=UTC)
    event = Event.objects.get(type="license.issued")
    assert (event.license_id, event.reason) == (license.pk, "Imported from line 2.")
    assert LEGACY not in repr(vars(event))
    told = trail.unsealed(event, trail.salts_of([event]))
    assert told["actor_label"] == STAFF.actor_label


def test_a_key_of_another_system_activates_as_soon_as_one_is_held(
    sold: dict[str, Any], django_capture_on_commit_callbacks: Any
) -> None:
    assert typed_keys.canonical(LEGACY) is None
    with django_capture_on_commit_callbacks(execute=True):
        imported(sold)

    assert typed_keys.canonical(f" {LEGACY}\n") == LEGACY
    assert activate(LEGACY).is_new
    license = License.objects.get()
    assert (license.key_scheme, license.masked_key) == ("OPAQUE", "****-15-a")


@pytest.mark.parametrize("scheme", ["GROUPED", "STAMPED", "SIGNED", "TOKEN"])
def test_a_key_of_a_form_of_ours_keeps_its_scheme(sold: dict[str, Any], scheme: str) -> None:
    elsewhere = issue(key_scheme=scheme)
    elsewhere.license.entitlements.all().delete()
    mask = elsewhere.license.masked_key
    # As if it had been issued by another installation.
    License.objects.filter(pk=elsewhere.license.pk).update(key_digest=b"another")

    assert imported(sold | {"license_key": elsewhere.key}) == (1, {})

    license = License.objects.get(tenant__code="BRENNER")
    assert (license.key_scheme, license.masked_key) == (scheme, mask)
    assert activate(elsewhere.key).snapshot.license.id == license.pk


def test_a_row_without_a_key_gets_one_of_its_products_scheme(sold: dict[str, Any]) -> None:
    make_product(product_id="stamped", key_scheme="STAMPED", key_prefix="TERN")
    rows = [sold | {"license_key": "", "product_id": "stamped"} for _ in range(3)]

    assert imported(*[{k: v for k, v in row.items() if v} for row in rows]) == (3, {})

    heads = License.objects.values_list("key_scheme", "key_head").distinct()
    assert list(heads) == [("STAMPED", "TERN-BRENNER")]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"tenant": "NOBODY"}, "TENANT_NOT_FOUND; tenant: NOBODY"),
        ({"tenant": None}, "tenant: Required."),
        ({"customer": "who@brenner.example"}, "CUSTOMER_NOT_FOUND"),
        ({"product_id": "nothing"}, "PRODUCT_NOT_FOUND"),
        ({"product_id": None}, "product_id: Name a product or a template."),
        ({"template": "None"}, "TEMPLATE_NOT_FOUND"),
        ({"template": "Theirs"}, "TEMPLATE_NOT_FOUND"),
        ({"license_type": "WEEKLY"}, "license_type: One of"),
        ({"license_model": None}, "license_model: Required."),
        ({"license_key": "****-****-****-****-Q7RT"}, "license_key: This is a mask"),
        ({"license_key": "short"}, "license_key: 8 to 512"),
        ({"license_key": "with space"}, "license_key: 8 to 512"),
        ({"max_activations": "0"}, "max_activations: Between"),
        ({"max_activations": "many"}, "max_activations: A whole number."),
        ({"expiry_date": "soon"}, "expiry_date: Write 2027-01-31"),
        ({"expiry_date": "2020-01-01"}, "expiry_date: Before the licence was issued."),
        ({"license_type": "PERPETUAL", "expiry_date": "2030-01-01"}, "expiry_date: A perpetual"),
        ({"auto_renewal": "maybe"}, "auto_renewal: true or false."),
        ({"status": "GONE"}, "status: One of"),
        ({"features": "warp"}, "features.0.feature_id"),
        ({"features": "maps=x"}, "features: maps=x"),
        ({"features": "maps@2027-01-01"}, "features: maps@2027-01-01"),
        ({"metadata": "text"}, "metadata: An object"),
        ({"issued_to": "a\0b"}, "issued_to: No NUL"),
        ({"restricted": "true"}, "restricted: State to what"),
    ],
)
def test_a_row_that_cannot_be_is_told_and_nothing_of_it_is_written(
    sold: dict[str, Any], change: dict[str, Any], word: str
) -> None:
    wrong = {name: value for name, value in (sold | change).items() if value is not None}

    count, faults = imported(wrong)

    assert count == 0
    assert word in faults[2]
    assert not License.objects.exists()
    assert not Event.objects.exists()


def test_what_is_right_is_imported_beside_what_is_wrong(sold: dict[str, Any]) -> None:
    rows = [sold | {"license_key": f"legacy-{n:04d}"} for n in range(7)]
    rows[3]["tenant"] = "NOBODY"
    rows[5]["license_key"] = rows[0]["license_key"]

    count, faults = imported(*rows, chunk=2)

    assert (count, sorted(faults)) == (5, [5, 7])
    assert faults[7] == "license_key: A licence has this key already."
    assert License.objects.count() == Event.objects.filter(type="license.issued").count() == 5


def test_a_file_imported_again_changes_nothing(sold: dict[str, Any]) -> None:
    imported(sold)

    assert imported(sold, sold | {"license_key": f" {LEGACY} "}) == (
        0, dict.fromkeys((2, 3), "license_key: A licence has this key already."),
    )  # fmt: skip
    assert License.objects.count() == 1


def test_a_dry_run_judges_everything_and_writes_nothing(sold: dict[str, Any]) -> None:
    make_product(product_id="signed", key_scheme="SIGNED")
    keyless = {name: value for name, value in sold.items() if name != "license_key"}

    count, faults = imported(sold, keyless | {"product_id": "signed"}, sold, dry_run=True, chunk=1)

    assert (count, sorted(faults)) == (2, [4])
    assert not License.objects.exists()
    assert not Event.objects.exists()


def test_a_licence_stands_as_it_stood_before(sold: dict[str, Any]) -> None:
    past = {"issued_date": "2020-01-01", "expiry_date": "2021-01-01"}
    rows = {
        "PENDING": {},
        "ACTIVE": {},
        "INACTIVE": {},
        "EXPIRED": past | {"grace_period_days": "0"},
        "SUSPENDED": {},
        "REVOKED": {},
    }

    count, faults = imported(
        *[
            sold | terms | {"status": status, "license_key": f"legacy-of-then-{status}"}
            for status, terms in rows.items()
        ]
    )

    assert (count, faults) == (6, {})
    stands = {row.key_hint: (row.status, row.status_at(NOW).value) for row in License.objects.all()}
    assert stands == {status[-4:]: (status, status) for status in rows}
    assert Hold.objects.get().license.key_hint == "NDED"


def test_a_trial_imported_is_a_trial_had(sold: dict[str, Any]) -> None:
    trial = sold | {"license_type": "TRIAL"}

    count, faults = imported(trial, trial | {"license_key": "legacy-another"})

    assert (count, faults) == (2, {})
    assert TrialUse.objects.count() == 1


def test_a_template_says_what_the_row_does_not(sold: dict[str, Any]) -> None:
    template = make_template(template_name="Strata Team", max_activations=25)
    row = {"tenant": "BRENNER", "issued_to": "Oslo office", "template": "Strata Team"}

    assert imported(row, row | {"template": str(template.pk)}) == (2, {})

    assert set(License.objects.values_list("max_activations", "template")) == {(25, template.pk)}
    make_template(template_name="Strata Team")
    assert imported(row)[1] == {2: "template: Several are called so; write its id."}


def test_restrictions_of_row_and_template_come_with_the_licence(sold: dict[str, Any]) -> None:
    template = make_template(template_name="In Europe")
    TemplateRestriction.objects.create(
        template=template, restriction_type="GEOGRAPHIC", operator="ALLOW", default_values=["DE"]
    )
    row = {"tenant": "BRENNER", "issued_to": "Oslo office", "template": "In Europe"}

    assert imported(row, sold | {"bound_domain": "Brenner.example"}) == (2, {})

    kept = Restriction.objects.values_list("restriction_type", "operator", "values")
    assert sorted(kept) == [
        ("DOMAIN", "ALLOW", ["brenner.example"]), ("GEOGRAPHIC", "ALLOW", ["DE"]),
    ]  # fmt: skip


def test_lines_are_counted_as_people_count_them() -> None:
    told = list(rows_of(io.StringIO('tenant,issued_to\nA,"two\nlines"\n\nB,\'=x\n'), form="csv"))
    assert told == [
        Row(3, {"tenant": "A", "issued_to": "two\nlines"}),
        Row(5, {"tenant": "B", "issued_to": "=x"}),
    ]
    text = '{"data": [\n{"tenant": "A"},\n\n{"tenant": "B", "metadata": {"a": [1]}}\n]}'
    assert [row.line for row in rows_of(io.StringIO(text), form="json")] == [2, 4]


@pytest.mark.parametrize(
    ("text", "form", "word"),
    [
        ("tenant,colour\nA,red\n", "csv", "colour"),
        ("tenant\nA,B\n", "csv", "more cells"),
        ('tenant\n"A\n', "csv", "Line"),
        ('[{"colour": 1}]', "json", "colour"),
        ("{}", "json", "no array"),
        ("[5]", "json", "no object"),
        ('[{"tenant": ', "json", "no JSON"),
        ("[" * 100_000, "json", "no JSON"),
        ("", "json", "no array"),
    ],
)
def test_a_file_that_cannot_be_is_told_in_words(text: str, form: str, word: str) -> None:
    with pytest.raises(Unreadable, match=word):
        list(rows_of(io.StringIO(text), form=form))
