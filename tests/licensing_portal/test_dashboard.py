from datetime import timedelta

import pytest
import time_machine

from licenses.services import lifecycle
from licenses.states import PendingCause
from licensing_portal.celery import BEAT
from licensing_portal.models import JobRun
from tests.clock import NOW
from tests.factories import STAFF, activate, issue
from tests.staff import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


def first_page(client):
    return client.get("/admin/")


def test_the_figures_are_those_of_the_licences():
    issued = issue(max_activations=4)
    activate(issued.key)
    held = issue().license
    lifecycle.suspend_license(license_id=held.pk, reason="x", at=NOW, origin=STAFF)
    context = first_page(signed_in("licenses:read")).context
    assert (context["counts"]["ACTIVE"].number, context["counts"]["SUSPENDED"].number) == (1, 1)
    assert (context["seats"].taken, context["seats"].sold) == (1, 7)
    assert context["activity"].today == 1
    assert [(item.label, item.count.number) for item in context["needs"]] == [("Suspended", 1)]


def test_each_number_is_that_of_the_list_it_leads_to():
    client = signed_in("licenses:read")
    lifecycle.suspend_license(license_id=issue().license.pk, reason="x", at=NOW, origin=STAFF)
    for _ in range(2):
        issue(pending_cause=PendingCause.APPROVAL)
    issue(pending_cause=PendingCause.PAYMENT)
    issue(at=NOW - timedelta(days=370), grace_period_days=30)
    activate(issue(max_activations=1).key)
    needs = first_page(client).context["needs"]
    assert [(item.label, item.count.number) for item in needs] == [
        ("Licences to approve", 2),
        ("In grace", 1),
        ("Suspended", 1),
        ("Every seat taken", 1),
    ]
    for item in needs:
        assert len(client.get(item.link).context["cl"].result_list) == item.count.number


def test_the_chart_is_as_high_as_its_highest_day():
    issued = issue()
    for device in ("a", "b"):
        activate(issued.key, device)
    bars = first_page(signed_in("licenses:read")).context["bars"]
    assert len(bars) == 30
    assert (bars[-1].activated_height, bars[-1].activated_y) == (150, 0)
    assert {bar.activated_height for bar in bars[:-1]} == {0}


def test_jobs_tell_how_their_last_run_went():
    names = sorted({entry["task"] for entry in BEAT.values()})
    JobRun.objects.create(name=names[0], started_at=NOW, ok=False, error="Timeout: database")
    page = first_page(signed_in("licenses:read"))
    states = {job.name: job.state for job in page.context["jobs"]}
    assert states[names[0]] == "failed"
    assert set(states) == set(names)
    assert {states[name] for name in names[1:]} <= {"never"}
    assert "Timeout: database" in page.content.decode()


def test_whoever_may_not_see_licences_sees_no_figures():
    issue()
    page = first_page(signed_in("catalog:read"))
    assert "counts" not in page.context
    assert page.status_code == 200


def test_the_first_page_asks_as_much_of_many_as_of_few(django_assert_num_queries):
    client = signed_in("licenses:read")
    issue()
    first_page(client)
    with django_assert_num_queries(20):
        first_page(client)
    for _ in range(5):
        issue()
    with django_assert_num_queries(20):
        first_page(client)
