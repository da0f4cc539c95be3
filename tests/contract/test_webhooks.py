"""Webhook endpoints over the API, told by a real server on this machine."""

import pytest
import time_machine

from events.models import Event, WebhookDelivery, WebhookEndpoint
from events.tasks import deliver_webhooks
from tests.clock import NOW
from tests.factories import issue, make_tenant
from tests.receiving import receiver

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/webhook-endpoints"


@pytest.fixture(autouse=True)
def _loopback(settings):
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def there():
    with receiver() as told:
        yield told


def create(caller, there, *types, **given):
    body = {"url": there.url, "event_types": types or ["license.*"]} | given
    answer = caller.post(PATH, body)
    assert answer.status_code == 201, answer.content
    return answer.json()["data"]


def test_a_message_holds_the_event_exactly_as_the_api_answers_it(vendor, there):
    endpoint = create(vendor, there, "*")
    tenant = make_tenant()
    body = {"code": "BRENNER", "name": "Brenner Ingenieure"}
    vendor.post("/tenants", body)
    issue(tenant=tenant)
    deliver_webhooks()
    listed = {row["id"]: row for row in vendor.get("/events").json()["data"]}
    sent = there.verified(endpoint["secret"])
    assert {message["type"] for message in sent} >= {"tenant.created", "license.issued"}
    for message in sent:
        shown = listed[message["data"]["id"]]
        assert message["data"] == shown
        assert message["timestamp"] == shown["occurred_at"]


def test_a_secret_is_answered_at_its_making_and_rotation_only(vendor, there):
    made = create(vendor, there)
    rotated = vendor.post(f"{PATH}/{made['id']}/rotate-secret").json()["data"]
    assert made["secret"] != rotated["secret"]
    listed = vendor.get(PATH)
    changed = vendor.put(f"{PATH}/{made['id']}", {"description": "CRM"})
    for answer in (listed, changed):
        assert "whsec_" not in answer.content.decode()
    assert changed.json()["data"]["description"] == "CRM"
    assert "secret" not in listed.json()["data"][0]


@pytest.mark.parametrize("body", [
    {"url": "https://10.0.0.1/"}, {"url": "https://169.254.169.254/latest"}, {"url": "x"},
    {"url": 7}, {"event_types": []}, {"event_types": "license.*"}, {"event_types": ["%"]},
    {"event_types": [None]}, {"description": "x" * 201},
], ids=str)  # fmt: skip
def test_what_cannot_be_is_refused_by_field_and_nothing_is_made(body, vendor, there):
    (field,) = body
    made = create(vendor, there)
    before = WebhookEndpoint.objects.values().get(), Event.objects.count()
    given = {"url": there.url, "event_types": ["license.*"]}
    for answer in (vendor.post(PATH, given | body), vendor.put(f"{PATH}/{made['id']}", body)):
        assert answer.status_code == 400
        error = answer.json()["error"]
        assert (error["code"], next(iter(error["details"])).partition(".")[0]) == (
            "VALIDATION_ERROR", field,
        )  # fmt: skip
    assert (WebhookEndpoint.objects.values().get(), Event.objects.count()) == before


def test_a_tenants_key_makes_and_sees_its_own_and_hears_its_own_only(caller_with, vendor, there):
    tenant, other = make_tenant(), make_tenant()
    caller = caller_with("webhooks:read", "webhooks:write", tenant=tenant)
    stranger = caller_with("webhooks:read", "webhooks:write", tenant=other)
    made = create(caller, there, "*")
    assert made["tenant_id"] == str(tenant.pk)
    everything = create(vendor, there, "order.*")
    for each in (tenant, other):
        issue(tenant=each)
    deliver_webhooks()
    assert {message["data"]["tenant_id"] for message in there.messages} == {str(tenant.pk)}
    assert [row["id"] for row in caller.get(PATH).json()["data"]] == [made["id"]]
    assert len(vendor.get(PATH).json()["data"]) == 2
    delivery = caller.get(f"{PATH}/{made['id']}/deliveries").json()["data"][0]
    before = WebhookEndpoint.objects.order_by("pk").values(), there.got[:]
    for foreign in (made["id"], everything["id"]):
        for method, path, body in (
            ("PUT", "", {"active": False}), ("POST", "/rotate-secret", {}), ("POST", "/test", {}),
            ("POST", "/replay", {"since": "2026-01-01"}), ("GET", "/deliveries", None),
            ("POST", f"/deliveries/{delivery['id']}/replay", {}),
        ):  # fmt: skip
            answer = stranger(method, f"{PATH}/{foreign}{path}", body)
            assert answer.json()["code"] == "WEBHOOK_ENDPOINT_NOT_FOUND"
            assert answer.status_code == 404
    assert list(WebhookEndpoint.objects.order_by("pk").values()) == list(before[0])
    assert there.got == before[1]
    # A delivery is its endpoint's alone.
    own = create(caller, there)
    answer = caller.post(f"{PATH}/{own['id']}/deliveries/{delivery['id']}/replay")
    assert answer.json()["code"] == "WEBHOOK_DELIVERY_NOT_FOUND"


def test_deliveries_tell_what_came_of_them(vendor, there):
    endpoint = create(vendor, there, "license.issued")
    fine, broken = issue().license, issue().license
    there.fails_on = {str(broken.pk): 503}
    there.says = b"later"
    deliver_webhooks()
    at = f"{PATH}/{endpoint['id']}/deliveries"
    rows = {row["license_id"]: row for row in vendor.get(at).json()["data"]}
    good, bad = rows[str(fine.pk)], rows[str(broken.pk)]
    assert (good["state"], good["response_status"], good["attempts"]) == ("DELIVERED", 200, 1)
    assert not {"due_at", "error"} & good.keys()
    assert (bad["state"], bad["error"], bad["response_excerpt"]) == ("WAITING", "STATUS", "later")
    assert bad["due_at"] > bad["queued_at"]
    assert "delivered_at" not in bad
    assert bad["event_type"] == "license.issued"
    waiting = vendor.get(f"{at}?state=WAITING").json()["data"]
    assert [row["id"] for row in waiting] == [bad["id"]]
    assert vendor.get(f"{at}?state=LOST").status_code == 400


def test_a_delivery_is_replayed_by_its_button_and_all_by_a_day(vendor, there):
    endpoint = create(vendor, there, "license.issued")
    issue()
    deliver_webhooks()
    deliver_webhooks()
    (row,) = vendor.get(f"{PATH}/{endpoint['id']}/deliveries").json()["data"]
    again = vendor.post(f"{PATH}/{endpoint['id']}/deliveries/{row['id']}/replay").json()["data"]
    assert (again["state"], again["attempts"]) == ("WAITING", 0)
    deliver_webhooks()
    since = WebhookDelivery.objects.get().queued_at.isoformat()
    answer = vendor.post(f"{PATH}/{endpoint['id']}/replay", {"since": since})
    assert answer.json()["data"] == {"deliveries": 1}
    deliver_webhooks()
    assert len({headers["webhook-id"] for headers, _ in there.got}) == 1
    assert len(there.got) == 3


def test_a_test_says_what_came_of_it(vendor, there):
    endpoint = create(vendor, there)
    told = vendor.post(f"{PATH}/{endpoint['id']}/test").json()["data"]
    assert (told["delivered"], told["response_status"]) == (True, 200)
    there.status = 500
    told = vendor.post(f"{PATH}/{endpoint['id']}/test").json()["data"]
    assert (told["delivered"], told["error"], told["response_excerpt"]) == (
        False, "STATUS", "thanks",
    )  # fmt: skip
    assert [message["type"] for message in there.messages] == ["webhook.test"] * 2


def test_what_is_switched_off_is_sent_nothing_and_says_why(vendor, there):
    endpoint = create(vendor, there)
    off = vendor.put(f"{PATH}/{endpoint['id']}", {"active": False}).json()["data"]
    assert (off["active"], off["disabled_because"]) == (False, "BY_HAND")
    issue()
    deliver_webhooks()
    assert there.got == []
    answer = vendor.post(f"{PATH}/{endpoint['id']}/replay", {"since": NOW.isoformat()})
    assert (answer.status_code, answer.json()["code"]) == (409, "WEBHOOK_ENDPOINT_DISABLED")
    assert vendor.put(f"{PATH}/{endpoint['id']}", {"active": 1}).status_code == 400
    on = vendor.put(f"{PATH}/{endpoint['id']}", {"active": True}).json()["data"]
    assert on["active"] is True
    assert "disabled_because" not in on
