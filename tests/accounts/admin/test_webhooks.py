import re
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from events.models import Event, WebhookDelivery, WebhookEndpoint
from events.services.webhooks import endpoints, signing
from tests.clock import NOW
from tests.factories import STAFF, issue, make_tenant
from tests.receiving import receiver
from tests.staff import signed_in

pytestmark = pytest.mark.django_db(transaction=True)
ADD = "/admin/events/webhookendpoint/add/"


@pytest.fixture(autouse=True)
def _loopback(settings):
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def there():
    with receiver() as told:
        yield told


@pytest.fixture
def staff():
    return signed_in("webhooks:read", "webhooks:write", "customers:read")


def make(there, **given):
    fields = {"url": there.url, "event_types": ["license.*"], "at": NOW, "origin": STAFF} | given
    return endpoints.create_endpoint(**fields)[0]


def page(name, row):
    return reverse(f"admin:events_{name}", args=[row.pk])


def shown_secret(answer):
    assert "no-store" in answer["Cache-Control"]
    return re.search(r'key--open">([^<]+)<', answer.content.decode())[1].replace("&#x2B;", "+")


def test_an_endpoint_is_made_and_its_secret_shown_once(staff, there):
    tenant = make_tenant()
    form = {
        "url": there.url, "tenant": tenant.pk, "event_types": "license.*\norder.paid",
        "description": "CRM",
    }  # fmt: skip
    secret = shown_secret(staff.post(ADD, form))
    endpoint = WebhookEndpoint.objects.get()
    assert signing.secrets_of(endpoint, NOW) == [secret]
    assert (endpoint.tenant, endpoint.event_types) == (tenant, ["license.*", "order.paid"])
    for address in (page("webhookendpoint_change", endpoint), "/admin/events/webhookendpoint/"):
        assert "whsec_" not in staff.get(address).content.decode()


@pytest.mark.parametrize(("field", "value", "words"), [
    ("url", "https://10.0.0.1/", "private network"),
    ("event_types", "Nonsense!", "No types of events"),
])  # fmt: skip
def test_what_is_refused_stands_on_the_form(field, value, words, staff, there):
    form = {"url": there.url, "event_types": "*"} | {field: value}
    answer = staff.post(ADD, form)
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert not WebhookEndpoint.objects.exists()


def test_it_is_changed_but_never_given_to_another_tenant(staff, there):
    endpoint = make(there)
    form = {"url": there.url, "event_types": "*", "description": "All", "tenant": make_tenant().pk}
    assert staff.post(page("webhookendpoint_change", endpoint), form).status_code == 302
    endpoint.refresh_from_db()
    assert (endpoint.event_types, endpoint.description, endpoint.tenant) == (["*"], "All", None)


def test_who_only_reads_sees_no_button(there):
    endpoint = make(there)
    html = signed_in("webhooks:read").get(page("webhookendpoint_change", endpoint)).content.decode()
    assert "license.*" in html
    assert "Send a test" not in html


def test_a_test_is_sent_and_told_in_words(staff, there):
    endpoint = make(there)
    test = page("webhookendpoint_test", endpoint)
    assert "The test arrived: answer 200." in staff.post(test, follow=True).content.decode()
    there.status = 302
    assert "a redirect, which is not followed" in staff.post(test, follow=True).content.decode()
    assert staff.get(test).status_code == 405
    assert len(there.got) == 2


def test_it_is_switched_off_and_on_and_given_a_new_secret(staff, there):
    endpoint = make(there)
    switch = page("webhookendpoint_switch", endpoint)
    for active in ("0", "1"):
        staff.post(switch, {"active": active})
        endpoint.refresh_from_db()
        assert endpoint.active is (active == "1")
    secret = shown_secret(staff.post(page("webhookendpoint_rotate", endpoint)))
    endpoint.refresh_from_db()
    assert signing.secrets_of(endpoint, NOW)[0] == secret
    assert Event.objects.filter(type__startswith="webhook_", actor_kind="staff").count() == 4


def test_deliveries_are_found_and_sent_again(staff, there):
    endpoint = make(there)
    issue()
    delivery = endpoint.deliveries.create(
        event=Event.objects.get(type="license.issued"), queued_at=NOW, due_at=NOW,
        state="FAILED", attempts=10, error="TIMEOUT",
    )  # fmt: skip
    for sought in (endpoint.pk, delivery.event.event_id):
        html = staff.get("/admin/events/webhookdelivery/", {"q": sought}).content.decode()
        assert "license.issued" in html
        assert "Given up" in html
    at = page("webhookdelivery_change", delivery)
    assert "It took longer than ten seconds." in staff.get(at).content.decode()
    answer = staff.post(page("webhookdelivery_replay", delivery), follow=True)
    assert "sent again within seconds" in answer.content.decode()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("WAITING", 0)


def test_all_since_a_day_is_sent_again(staff, there):
    issue(at=NOW - timedelta(days=3))
    endpoint = make(there)
    replay = page("webhookendpoint_replay", endpoint)
    assert "also what it missed" in staff.get(replay).content.decode()
    refused = staff.post(replay, {"since": "2020-01-01"})
    assert "Within the last 30 days." in refused.content.decode()
    assert not WebhookDelivery.objects.exists()
    done = staff.post(replay, {"since": "2026-03-10"}, follow=True)
    assert "1 messages are sent again." in done.content.decode()
    assert WebhookDelivery.objects.get().state == "WAITING"


def test_the_dashboard_leads_to_those_that_a_person_should_look_at(there):
    client = signed_in("webhooks:read", "licenses:read")
    make(there, description="fine")
    fields = {
        "just now": {"failing_since": NOW - timedelta(minutes=9)},
        "for hours": {"failing_since": NOW - timedelta(hours=2)},
        "gone": {"disabled_at": NOW, "disabled_because": "GONE"},
        "by hand": {"disabled_at": NOW, "disabled_because": "BY_HAND"},
    }
    for name, values in fields.items():
        endpoint = make(there, description=name)
        WebhookEndpoint.objects.filter(pk=endpoint.pk).update(**values)
    assert "Webhooks to look at" in client.get("/admin/").content.decode()
    lists = {
        "TROUBLE": {"for hours", "gone"}, "OFF": {"gone", "by hand"},
        "ON": {"fine", "just now", "for hours"},
    }  # fmt: skip
    for state, names in lists.items():
        listed = client.get("/admin/events/webhookendpoint/", {"state": state}).context["cl"]
        assert {str(endpoint) for endpoint in listed.result_list} == names
