"""Staff read what was reported, and close it with what they found."""

import pytest
import time_machine
from django.urls import reverse

from compliance.models import Incident
from tests.clock import NOW
from tests.factories import activate, issue, report
from tests.staff import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def incident():
    issued = issue()
    device = activate(issued.key).snapshot.device.id
    return report(issued.license, device=device, evidence={"module": {"name": "<core>.dll"}})


def page(incident, act="change"):
    return reverse(f"admin:compliance_incident_{act}", args=[incident.pk])


def test_the_page_shows_evidence_and_leads_to_the_licence(incident):
    html = signed_in(group="compliance").get(page(incident)).content.decode()
    assert "module › name" in html
    assert "&lt;core&gt;.dll" in html
    assert reverse("admin:licenses_license_change", args=[incident.license_id]) in html
    assert "PC device-1" in html
    assert "192.0.2.7" in html


def test_who_may_close_closes_with_notes(incident):
    client = signed_in(group="compliance")
    empty = client.post(page(incident, "close"), {"notes": " "})
    assert empty.status_code == 200
    assert Incident.objects.get().closed_at is None
    client.post(page(incident, "close"), {"notes": "A new laptop."})
    closed = Incident.objects.get()
    assert (closed.status, closed.notes) == ("CLOSED", "A new laptop.")
    html = client.get(page(incident)).content.decode()
    assert "A new laptop." in html
    assert "Close this incident" not in html
    assert client.get(page(incident, "close")).status_code == 302


def test_who_only_reads_finds_no_button(incident):
    client = signed_in(group="read-only")
    assert "Close this incident" not in client.get(page(incident)).content.decode()
    assert client.post(page(incident, "close"), {"notes": "x"}).status_code == 403
    assert Incident.objects.get().closed_at is None


def test_a_licences_page_has_its_incidents_and_no_card_where_there_are_none(incident):
    client = signed_in("licenses:read", "compliance:read")
    story = reverse("admin:licenses_license_change", args=[incident.license_id])
    assert page(incident) in client.get(story).content.decode()
    assert page(incident) not in signed_in("licenses:read").get(story).content.decode()
    other = reverse("admin:licenses_license_change", args=[issue().license.pk])
    assert "Incidents</h2>" not in client.get(other).content.decode()


def test_the_dashboard_counts_what_is_open_and_leads_to_it(incident):
    client = signed_in("licenses:read", "compliance:read")
    (item,) = client.get("/admin/").context["needs"]
    assert (item.label, item.count.number) == ("Incidents to look into", 1)
    assert len(client.get(item.link).context["cl"].result_list) == 1
    assert not signed_in("licenses:read").get("/admin/").context["needs"]
