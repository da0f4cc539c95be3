"""What an operator's commands print, what they refuse, and what they leave behind."""

import csv
import io
import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from events.models import Event
from licenses.models import License
from licenses.services import lifecycle, reaping
from licenses.services.templates import create_template
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


def said(command, *args, **options):
    out = io.StringIO()
    call_command(command, *args, stdout=out, **options)
    return out.getvalue()


def test_an_issued_key_stands_alone_on_the_last_line_and_activates():
    customer = make_customer(name="Oslo office")
    make_template(template_name="Solo")
    printed = said("issue_license", "--customer", customer.email.upper(), "--template", "Solo")
    license = License.objects.get()
    assert (license.customer, license.issued_to) == (customer, "Oslo office")
    assert activate(printed.splitlines()[-1], at=timezone.now()).snapshot.license.id == license.pk
    assert Event.objects.get(type="license.issued").actor_kind == "system"


def test_a_licence_without_a_customer_needs_a_tenant():
    template = make_template()
    with pytest.raises(CommandError, match="--tenant"):
        said("issue_license", "--template", str(template.pk))
    tenant = make_tenant()
    said("issue_license", "--template", str(template.pk), "--tenant", tenant.code, "--days", "10")
    license = License.objects.get()
    assert (license.tenant, license.duration_days) == (tenant, 10)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--tenant", "NOBODY", "--template", "Solo"], "TENANT_NOT_FOUND"),
        (["--tenant", "HOME", "--template", "Nix"], "TEMPLATE_NOT_FOUND"),
        (["--tenant", "HOME", "--template", "Theirs"], "TEMPLATE_NOT_FOUND"),
        (["--customer", "nobody@x.example", "--template", "Solo"], "CUSTOMER_NOT_FOUND"),
        (["--tenant", "HOME", "--template", "Solo", "--seats", "0"], "VALIDATION_ERROR: max_act"),
        (["--tenant", "HOME", "--template", "Solo", "--days", "0"], "VALIDATION_ERROR: duration"),
    ],
)
def test_issuing_is_refused_with_the_code_and_the_words(arguments, code):
    make_tenant(code="HOME")
    make_template(template_name="Solo")
    make_template(template_name="Theirs", reserved_for=make_tenant())
    with pytest.raises(CommandError, match=code):
        said("issue_license", *arguments)
    assert not License.objects.exists()


def test_another_trial_is_issued_with_a_reason_alone():
    customer = make_customer()
    make_template(template_name="Try", license_type="TRIAL")
    asked = ("issue_license", "--customer", str(customer.pk), "--template", "Try")
    said(*asked)
    with pytest.raises(CommandError, match=r"TRIAL_ALREADY_USED.* --another-trial REASON"):
        said(*asked)
    said(*asked, "--another-trial", "a new team")
    assert License.objects.count() == 2
    assert Event.objects.latest("sequence").reason == "a new team"


@pytest.mark.parametrize(
    ("terms", "told"),
    [
        ({"max_activations": 1, "license_type": "PERPETUAL"}, "1 seat, until: no end"),
        ({"license_type": "TRIAL", "default_duration": 14}, "3 seats, 14 days from its first"),
        ({"license_model": "SITE_LICENSE"}, "seats without limit, until: 2"),
    ],
)
def test_what_was_issued_is_told_in_words(terms, told):
    product = make_product()
    fields = {"template_name": "One", "license_type": "SUBSCRIPTION", "max_activations": 3}
    fields |= {"license_model": "PER_DEVICE"} | terms
    create_template(product=product, fields=fields, at=NOW, origin=STAFF)
    printed = said("issue_license", "--tenant", make_tenant().code, "--template", "One")
    assert printed.splitlines()[1].startswith(told)


def test_of_templates_that_are_called_alike_the_id_is_asked_for():
    for _ in range(2):
        make_template(template_name="Solo")
    with pytest.raises(CommandError, match="2 templates are called 'Solo'; write the id"):
        said("issue_license", "--tenant", make_tenant().code, "--template", "Solo")


def test_an_export_masks_keys():
    issued = issue()
    row = next(csv.DictReader(io.StringIO(said("export_licenses"))))
    assert row["license_key"] == issued.license.masked_key
    assert row["status"] == "EXPIRED" if issued.license.expiry_date < timezone.now() else "ACTIVE"
    assert not Event.objects.filter(type="license.key_revealed").exists()


def test_an_export_with_keys_leaves_an_event_for_each():
    issued = [issue(), issue()]
    rows = json.loads(said("export_licenses", "--format", "json", "--reveal"))
    assert {row["license_key"] for row in rows} == {each.key for each in issued}
    revealed = Event.objects.filter(type="license.key_revealed")
    assert {event.license_id for event in revealed} == {each.license.pk for each in issued}


def test_an_export_of_one_customer_holds_nobody_elses():
    customer = make_customer()
    mine = issue(tenant=customer.tenant, customer_id=customer.pk)
    issue()
    rows = json.loads(said("export_licenses", "--format", "json", "--customer", customer.email))
    assert [row["id"] for row in rows] == [str(mine.license.pk)]
    with pytest.raises(CommandError, match="CUSTOMER_NOT_FOUND"):
        said("export_licenses", "--customer", "nobody@x.example")


def test_an_export_crosses_its_chunks_once_each(monkeypatch):
    monkeypatch.setattr("licenses.selectors.export.CHUNK", 2)
    product = make_product()
    ids = [str(issue(product=product).license.pk) for _ in range(5)]
    rows = json.loads(said("export_licenses", "--format", "json"))
    assert [row["id"] for row in rows] == ids


def test_a_name_that_a_spreadsheet_would_run_is_exported_as_text():
    issue(issued_to='=HYPERLINK("http://x.example")')
    row = next(csv.DictReader(io.StringIO(said("export_licenses"))))
    assert row["issued_to"].startswith("'=")


def test_statistics_count_by_what_the_clock_says():
    now = timezone.now()
    issue(at=now)
    lapsed = issue(at=now - timedelta(days=370)).license
    assert lapsed.status == "ACTIVE", "the column has not been caught up"
    counted = json.loads(said("license_stats", "--json"))
    assert (counted["by_status"]["ACTIVE"], counted["by_status"]["EXPIRED"]) == (1, 1)
    assert (counted["licenses"], counted["in_grace"]) == (2, 1)
    assert "EXPIRED" in said("license_stats")


def test_exact_seats_are_said_to_be_exact():
    issued = issue()
    activate(issued.key, "a")
    activate(issued.key, "b")
    assert "1 licences, every seat accounted for" in said("check_seats")


def test_lapsed_leases_are_accounted_for_before_and_after_they_are_reaped():
    issued = issue(license_type="CONCURRENT")
    activate(issued.key, "a")
    assert "1 lapsed leases hold on" in said("check_seats")
    reaping.reap(at=NOW + timedelta(days=1))
    told = said("check_seats")
    assert "every seat accounted for" in told
    assert "lapsed" not in told


@pytest.mark.parametrize("counter", [0, 2])
def test_a_counter_that_is_wrong_is_named(counter, capsys):
    issued = issue()
    activate(issued.key, "a")
    issue()
    License.objects.filter(pk=issued.license.pk).update(current_activations=counter)
    with pytest.raises(CommandError, match="1 licences"):
        call_command("check_seats")
    assert (
        f"{issued.license.pk}  {issued.license.masked_key}  counter {counter},"
        " devices and names hold 1" in capsys.readouterr().out
    )


@pytest.mark.parametrize("counter", [0, 1, 3])
def test_names_are_counted_beside_devices(counter, capsys):
    issued = issue(license_type="NAMED_USER")
    for number, name in enumerate(("ada", "bo", "ada")):
        activate(issued.key, f"device-{number}", user_identity=name)
    assert "every seat accounted for" in said("check_seats")
    License.objects.update(current_activations=counter)
    with pytest.raises(CommandError, match="1 licences"):
        call_command("check_seats")
    assert f"counter {counter}, devices and names hold 2" in capsys.readouterr().out


def test_a_licence_is_explained_by_key_and_by_id():
    issued = issue()
    by_key = said("explain_license", issued.key.lower().replace("-", " "), "--at", "2026-03-15")
    by_id = said("explain_license", str(issued.license.pk), "--at", "2026-03-15T00:00:00+00:00")
    assert by_key == by_id
    assert issued.key not in by_key
    assert "At 2026-03-15 00:00:00 UTC it is ACTIVE, and works." in by_key


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1234", "INVALID_LICENSE_KEY_FORMAT"),
        ("ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ", "INVALID_LICENSE_KEY_FORMAT"),
        ("0000-0000-0000-0000-0000", "LICENSE_NOT_FOUND"),
        ("01a2030c-4ae6-7775-b312-664ece925894", "LICENSE_NOT_FOUND"),
    ],
)
def test_what_is_no_licence_of_ours_is_not_explained(text, code):
    with pytest.raises(CommandError, match=code):
        said("explain_license", text)


def test_a_held_licence_is_explained_with_who_holds_it_and_why():
    license = issue().license
    lifecycle.suspend_license(
        license_id=license.pk, reason="Abuse.", at=license.issued_date, origin=STAFF
    )
    text = said("explain_license", str(license.pk), "--at", "2026-03-15")
    assert "SUSPENDED, and does not validate" in text
    assert "held since 2026-03-14 by support@tern-vale.example: STAFF, “Abuse.”" in text
    assert "What would change it: reinstating it lifts the hold." in text
