"""What is reported of one licence and device within a day is one incident."""

from datetime import timedelta

import pytest

from accounts.services.api_keys import create_api_key
from compliance.models import Incident
from compliance.selectors.incidents import addresses_of
from compliance.services import reporting
from compliance.services.closing import close_incident
from compliance.services.reporting import About, report_activity
from events import vault
from events.models import Event, PersonKey
from events.refusals import Refusal
from events.trail import Origin
from licenses.models import License
from licenses.selectors.snapshots import KEY
from tests.clock import NOW
from tests.factories import DEVICE, STAFF, activate, issue, make_customer, report

pytestmark = pytest.mark.django_db


def test_a_repeat_is_counted_and_brings_the_newest_evidence():
    license = issue().license
    first = report(license, evidence={"seen": 1})
    again = report(license, at=NOW + timedelta(hours=23), evidence={"seen": 2})
    last = report(license, at=NOW + timedelta(hours=24), description="Once more.")

    assert first.pk == again.pk == last.pk
    row = Incident.objects.get()
    assert (row.report_count, row.evidence, row.description) == (3, {"seen": 2}, "Once more.")
    assert (row.reported_at, row.last_reported_at) == (NOW, NOW + timedelta(hours=24))
    assert Event.objects.filter(type="incident.reported").count() == 1


@pytest.mark.parametrize("differently", [
    {"activity_type": "API_ABUSE"},
    {"at": NOW + timedelta(hours=24)},
    {"origin": Origin(actor_kind="api_key", actor_id="7")},
])  # fmt: skip
def test_another_kind_another_day_or_another_reporter_makes_another_incident(differently):
    license = issue().license
    assert report(license).pk != report(license, **differently).pk


def test_devices_are_told_apart_until_there_are_too_many(monkeypatch):
    monkeypatch.setattr(reporting, "MOST_OPEN", 2)
    issued = issue(max_activations=5)
    devices = [activate(issued.key, f"d{n}").snapshot.device.id for n in range(5)]
    told = [report(issued.license, device=device).pk for device in devices]
    assert len(set(told)) == 3
    assert told[2] == told[3] == told[4]


def test_what_was_closed_is_not_opened_by_a_repeat():
    license = issue().license
    first = report(license)
    close_incident(incident_id=first.pk, notes="A new laptop.", at=NOW, origin=STAFF)
    second = report(license)
    assert first.pk != second.pk
    assert [row.status for row in Incident.objects.order_by("id")] == ["CLOSED", "OPEN"]


def test_closing_twice_keeps_what_was_found_first():
    incident = report(issue().license)
    for day, notes in enumerate(("A new laptop.", "Something else.")):
        at = NOW + timedelta(days=day)
        close_incident(incident_id=incident.pk, notes=notes, at=at, origin=STAFF)
    row = Incident.objects.get()
    assert (row.notes, row.closed_at, row.closed_by) == ("A new laptop.", NOW, STAFF.actor_label)
    assert Event.objects.filter(type="incident.closed").count() == 1


@pytest.mark.parametrize("notes", ["", "  "])
def test_nothing_is_closed_without_a_word(notes):
    incident = report()
    with pytest.raises(Refusal, match="VALIDATION_ERROR"):
        close_incident(incident_id=incident.pk, notes=notes, at=NOW, origin=STAFF)
    assert Incident.objects.get().closed_at is None


@pytest.mark.parametrize(("field", "says"), [
    ("activity_type", {"activity_type": "BOREDOM"}),
    ("description", {"description": " "}),
    ("description", {"description": "x" * 2001}),
    ("evidence", {"evidence": []}),
    ("evidence", {"evidence": {"a": "x" * 17_000}}),
    ("evidence", {"evidence": {"a": {"b": {"c": {"d": {"e": {}}}}}}}),
])  # fmt: skip
def test_what_cannot_be_is_refused_and_nothing_is_kept(field, says):
    with pytest.raises(Refusal) as refused:
        report(**says)
    assert (refused.value.code, *refused.value.details) == ("VALIDATION_ERROR", field)
    assert not Incident.objects.exists()
    assert not Event.objects.exists()


KEYS = ("GROUPED", "STAMPED", "SIGNED", "TOKEN")


@pytest.mark.parametrize("scheme", KEYS)
def test_no_key_of_any_scheme_is_kept_in_clear(scheme):
    issued = issue(key_scheme=scheme)
    report(
        issued.license,
        description=f"It came with {issued.key}.",
        evidence={
            "key": issued.key,
            "deep": [{"query": f"?license_key={issued.key}&x=1"}],
            f"name of {issued.key}": True,
        },
    )
    row = Incident.objects.get()
    assert issued.key not in str([row.description, row.evidence])
    assert row.evidence["key"] == issued.license.masked_key
    assert str([row.description, row.evidence]).count(issued.license.masked_key) == 4


def test_a_grouped_key_is_masked_however_it_is_typed():
    key = issue().key
    typed = [key.lower(), key.replace("-", " "), key.replace("-", ""), f"<{key}>"]
    report(evidence={"typed": typed})
    kept = str(Incident.objects.get().evidence).upper().replace(" ", "").replace("-", "")
    assert key.replace("-", "") not in kept


def test_a_key_of_another_system_is_masked_and_other_words_stay():
    license = issue().license
    foreign = "other-systems-key-0001"
    License.objects.filter(pk=license.pk).update(
        key_scheme="OPAQUE", key_digest=vault.digest(KEY, foreign)
    )
    report(license, evidence={"key": foreign, "word": "tampering-of-something"})
    assert Incident.objects.get().evidence == {
        "key": "****-0001",
        "word": "tampering-of-something",
    }


def test_tokens_and_api_keys_are_not_kept_in_clear():
    token = activate(issue().key).token
    _, api_key = create_api_key(name="crm", scopes=["*"], at=NOW, origin=STAFF)
    report(evidence={"header": f"Bearer {token}", "other": f"({api_key})"})
    assert Incident.objects.get().evidence == {"header": "Bearer act_****", "other": "(lp_****)"}


def test_the_address_can_be_read_until_the_customer_is_forgotten():
    customer = make_customer()
    license = issue(tenant=customer.tenant, customer_id=customer.pk).license
    incident = report(license)
    assert DEVICE.ip_address not in incident.address_sealed
    assert addresses_of([incident]) == {incident.pk: DEVICE.ip_address}
    PersonKey.objects.all().delete()
    assert addresses_of([incident]) == {}


def test_an_integrator_reports_without_a_licence():
    origin = Origin(actor_kind="api_key", actor_id="7", actor_label="crm")
    says = {"activity_type": "API_ABUSE", "description": "A thousand calls a second."}
    tenant = issue().license.tenant_id
    told = [
        report_activity(about=About(tenant_id=tenant), at=NOW, origin=origin, **says)
        for _ in range(2)
    ]
    assert [is_new for _, is_new in told] == [True, False]
    elsewhere, is_new = report_activity(about=About(), at=NOW, origin=origin, **says)
    assert is_new
    assert elsewhere.tenant_id is None
