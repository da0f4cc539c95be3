"""Staff take an order from its approval to a refund; nothing a person trips over."""

import pytest
from playwright.sync_api import expect

from orders.models import Order
from tests.browser.test_admin import admin, look  # noqa: F401 - a fixture
from tests.factories import place

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_order_is_approved_paid_fulfilled_and_given_back(admin, live_server, assert_accessible):  # noqa: F811
    order = place()
    admin.goto(f"{live_server.url}/admin/orders/order/")
    look(admin, assert_accessible)
    admin.get_by_role("link", name=order.order_number).click()
    look(admin, assert_accessible)
    admin.get_by_role("link", name="Approve").click()
    look(admin, assert_accessible)
    admin.get_by_role("button", name="Approve").click()
    admin.get_by_role("link", name="Fulfil").click()
    admin.get_by_role("button", name="Fulfil").click()
    expect(admin.get_by_text("Record the payment first.")).to_be_visible()
    look(admin, assert_accessible)
    admin.get_by_role("link", name="Never mind").click()
    admin.get_by_role("link", name="Record a payment").click()
    admin.get_by_label("Reference").fill("T-1")
    admin.get_by_role("button", name="Record a payment").click()
    admin.get_by_role("link", name="Fulfil").click()
    admin.get_by_role("button", name="Fulfil").click()
    admin.get_by_role("link", name="Record a refund").click()
    admin.get_by_label("Reason").fill("Returned.")
    admin.get_by_role("button", name="Record a refund").click()
    expect(admin.locator(".status", has_text="Refunded").first).to_be_visible()
    look(admin, assert_accessible)
    assert Order.objects.get().held_amount == 0
    for books in ("invoice", "payment"):
        admin.goto(f"{live_server.url}/admin/orders/{books}/")
        look(admin, assert_accessible)
        admin.locator("tbody a[href*='/change/']").first.click()
        look(admin, assert_accessible)
