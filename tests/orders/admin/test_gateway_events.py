"""What gateways told, as staff see it, and letting rest what was seen to."""

import pytest
from django.urls import reverse

from events.models import Event
from orders.gateways import Told
from orders.models import GatewayEvent
from orders.services import inbox
from tests.clock import NOW
from tests.staff import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def message():
    told = Told(event_id="evt-1", type="payment.succeeded", occurred_at=NOW, order_number="ORD-9")
    return inbox.keep(gateway="signed", told=told, at=NOW)


def page(message, name="change"):
    return reverse(f"admin:orders_gatewayevent_{name}", args=[message.pk])


def test_what_needs_a_person_is_on_the_first_page_until_it_is_seen_to(message):
    client = signed_in(group="finance")
    assert "Payments to look at" in client.get("/admin/").content.decode()
    shown = client.get(page(message)).content.decode()
    assert "It is seen to" in shown
    assert "There is no such order." in shown
    assert "ORDER_NOT_FOUND" not in shown
    for _ in range(2):
        assert client.post(page(message, "close")).status_code == 302
    message.refresh_from_db()
    assert (message.state, message.why) == ("IGNORED", "ORDER_NOT_FOUND")
    assert Event.objects.filter(type="payment.message_closed").count() == 1
    assert "Payments to look at" not in client.get("/admin/").content.decode()
    assert "It is seen to" not in client.get(page(message)).content.decode()


@pytest.mark.parametrize(("state", "seen"), [("NEEDS_PERSON", True), ("APPLIED", False)])
def test_the_list_is_cut_down_to_a_state(message, state, seen):
    listed = reverse("admin:orders_gatewayevent_changelist")
    shown = signed_in(group="finance").get(f"{listed}?state={state}").content.decode()
    assert ("evt-1" in shown) is seen


def test_who_only_reads_closes_nothing(message):
    assert signed_in(group="read-only").post(page(message, "close")).status_code == 403
    assert GatewayEvent.objects.get().state == "NEEDS_PERSON"
    assert not Event.objects.filter(type="payment.message_closed").exists()
