"""Staff bar a device on its page and let it go in the list of barred devices."""

import pytest
from playwright.sync_api import expect

from licenses.models import Activation, BlacklistedDevice
from tests.browser.test_admin import admin, look
from tests.factories import activate, issue, make_product, make_tenant

__all__ = ["admin"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_a_device_is_barred_on_its_page_and_let_go_in_the_list(
    admin, live_server, assert_accessible
):
    tenant, product = make_tenant(name="Brenner"), make_product(product_name="Contour")
    issued = issue(tenant=tenant, product=product)
    activate(issued.key)
    admin.goto(f"{live_server.url}/admin/licenses/activation/{Activation.objects.get().pk}/change/")
    look(admin, assert_accessible)

    admin.get_by_role("link", name="Bar this device").click()
    look(admin, assert_accessible)
    admin.get_by_label("Bar it from").select_option(label="Contour of Brenner")
    admin.get_by_label("Reason").fill("Stolen from the Oslo office")
    admin.get_by_role("button", name="Bar this device").click()
    expect(admin.get_by_text("is barred: its next call is refused.")).to_be_visible()
    assert not Activation.objects.live().exists()

    admin.goto(f"{live_server.url}/admin/licenses/activation/{Activation.objects.get().pk}/change/")
    look(admin, assert_accessible)
    admin.goto(f"{live_server.url}/admin/licenses/blacklisteddevice/")
    expect(admin.get_by_text("Contour of Brenner")).to_be_visible()
    look(admin, assert_accessible)

    admin.goto(f"{admin.url}{BlacklistedDevice.objects.get().pk}/change/")
    look(admin, assert_accessible)
    admin.get_by_role("link", name="Lift the bar").click()
    look(admin, assert_accessible)
    admin.get_by_label("Reason").fill("It was found")
    admin.get_by_role("button", name="Lift the bar").click()
    expect(admin.get_by_text("may activate again.")).to_be_visible()
    assert activate(issued.key).is_new
