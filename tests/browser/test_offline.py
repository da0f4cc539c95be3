"""A device without a network is activated in a browser, in the portal and in the admin."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from licenses.models import Activation
from licenses.signing import Kind
from tests import factories
from tests.browser.test_admin import admin, look
from tests.browser.test_portal import address, complaints, overflow, sign_in
from tests.licenses.services.offline.carried import claims_of, request
from tests.licenses.services.offline.test_receipts import receipt

__all__ = ["admin", "complaints"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def issued():
    now = timezone.now()
    issued = factories.issue(max_activations=3, at=now - timedelta(days=40))
    factories.activate(issued.key, at=now - timedelta(days=39))
    return issued


def a_request(issued):
    return request(
        issued.key,
        "reaktor-7f3a-b2c3",
        at=timezone.now(),
        machine_name="BRN-VESSEL-BRIDGE-03",
        operating_system="Windows 10 LTSC, x64",
        application_version="4.1",
    )


def saved(page, press):
    with page.expect_download() as download:
        press()
    return download.value.suggested_filename, download.value.path().read_text()


@pytest.mark.parametrize("width", [390, 1440])
def test_a_member_activates_a_device_and_frees_it_by_its_receipt(
    width, page, live_server, issued, complaints, assert_accessible, tmp_path
):
    def stands():
        assert overflow(page) <= 0
        assert_accessible(page)

    tenant = issued.license.tenant
    page.set_viewport_size({"width": width, "height": 900})
    sign_in(page, live_server, factories.make_member(tenant, "member"))
    page.wait_for_url(f"**/t/{tenant.code}/")
    page.goto(f"{live_server.url}{address('license', tenant, license_id=issued.license.pk)}")
    stands()
    page.get_by_role("link", name="Activate offline").click()
    stands()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Paste the code, or choose its file.")).to_be_visible()
    stands()
    # The browser notes the 400 with which the form came back.
    assert len(complaints) == 1
    complaints.clear()

    page.get_by_label("Paste the request code").fill(a_request(issued))
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("BRN-VESSEL-BRIDGE-03")).to_be_visible()
    stands()
    assert Activation.objects.count() == 1
    page.get_by_role("button", name="Activate this device").click()
    expect(page.get_by_text("BRN-VESSEL-BRIDGE-03 has its seat.")).to_be_visible()
    assert page.locator("svg.qr").bounding_box()["width"] > 250
    stands()
    name, text = saved(page, page.get_by_role("link", name="Download the file").click)
    assert name == "brn-vessel-bridge-03.rsp"
    assert page.locator("pre.code").inner_text() == text
    device = claims_of(text, at=timezone.now())["dev"]

    page.get_by_role("link", name="Go to the licence").click()
    expect(page.get_by_text("Offline, until")).to_be_visible()
    stands()
    page.get_by_role("link", name="New file: BRN-VESSEL-BRIDGE-03").click()
    stands()
    name, text = saved(page, page.get_by_role("button", name="Download the file").click)
    assert claims_of(text, Kind.DEVICE_FILE, at=timezone.now())["dev"] == device

    page.goto(f"{live_server.url}{address('license', tenant, license_id=issued.license.pk)}")
    page.get_by_role("link", name="Hand in a receipt").click()
    stands()
    carried = tmp_path / "bridge.txt"
    carried.write_text(receipt(device))
    page.get_by_label("Upload the receipt’s file").set_input_files(carried)
    page.get_by_role("button", name="Free the device").click()
    expect(page.get_by_text("BRN-VESSEL-BRIDGE-03 holds no seat any more.")).to_be_visible()
    assert not Activation.objects.get(pk=device).live
    page.get_by_role("link", name="Licence file").click()
    stands()
    assert complaints == []


def test_the_three_steps_need_no_script(browser, live_server, issued):
    tenant = issued.license.tenant
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 900})
    page = context.new_page()
    sign_in(page, live_server, factories.make_member(tenant))
    page.goto(f"{live_server.url}{address('offline', tenant, license_id=issued.license.pk)}")
    page.get_by_label("Paste the request code").fill(a_request(issued))
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Activate this device").click()
    expect(page.get_by_text("BRN-VESSEL-BRIDGE-03 has its seat.")).to_be_visible()
    context.close()


def test_staff_activate_a_device_on_the_licences_page(
    admin, live_server, issued, assert_accessible
):
    story = f"{live_server.url}/admin/licenses/license/{issued.license.pk}/change/"
    admin.goto(story)
    look(admin, assert_accessible)
    admin.get_by_role("link", name="Activate offline").click()
    look(admin, assert_accessible)
    admin.get_by_label("Paste the code").fill(a_request(issued))
    admin.get_by_role("button", name="Continue").click()
    expect(admin.get_by_text("BRN-VESSEL-BRIDGE-03")).to_be_visible()
    look(admin, assert_accessible)
    admin.get_by_role("button", name="Activate this device").click()
    expect(admin.locator("svg.qr")).to_be_visible()
    look(admin, assert_accessible)
    name, _text = saved(admin, admin.get_by_role("link", name="Download the file").click)
    assert name == "brn-vessel-bridge-03.rsp"

    admin.get_by_role("link", name="To the licence").first.click()
    expect(admin.get_by_text("Activation response #1")).to_be_visible()
    look(admin, assert_accessible)
    admin.get_by_role("link", name="New file: BRN-VESSEL-BRIDGE-03").click()
    look(admin, assert_accessible)
    admin.goto(story)
    admin.get_by_role("link", name="Hand in a receipt").click()
    look(admin, assert_accessible)
