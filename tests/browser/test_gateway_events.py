"""Staff look at what a gateway told and no rule could apply, and let it rest."""

import pytest
from playwright.sync_api import expect

from orders.gateways import Told
from orders.models import GatewayEvent
from orders.services import inbox
from tests.browser.test_admin import admin, look
from tests.clock import NOW

__all__ = ["admin"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_a_message_that_needs_a_person_is_seen_to(admin, live_server, assert_accessible):
    told = Told(event_id="evt-1", type="payment.succeeded", occurred_at=NOW, order_number="ORD-9")
    message = inbox.keep(gateway="signed", told=told, at=NOW)
    admin.goto(f"{live_server.url}/admin/orders/gatewayevent/")
    look(admin, assert_accessible)
    admin.goto(f"{live_server.url}/admin/orders/gatewayevent/{message.pk}/change/")
    look(admin, assert_accessible)
    admin.get_by_role("button", name="It is seen to").click()
    expect(admin.get_by_text("It needs nobody any more.")).to_be_visible()
    assert GatewayEvent.objects.get().state == "IGNORED"
