"""Emergency codes and the integrity check in a real browser, on a desk and on a phone."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from licenses.models import EmergencyCode, License
from tests import factories
from tests.browser.test_admin import admin, look
from tests.browser.test_portal import address, complaints, overflow, sign_in
from tests.licenses.services import need

__all__ = ["admin", "complaints"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def issued():
    return factories.issue(tenant=factories.make_tenant(name="Brenner"), at=timezone.now())


@pytest.mark.parametrize("width", [390, 1440])
def test_an_owner_makes_a_code_and_sees_what_became_of_it(
    width, page, live_server, issued, complaints, assert_accessible
):
    license = issued.license
    page.set_viewport_size({"width": width, "height": 900})
    sign_in(page, live_server, factories.make_member(license.tenant))
    page.goto(f"{live_server.url}{address('license', license.tenant, license_id=license.pk)}")
    page.get_by_role("link", name="Emergency codes").click()
    # Asked once more who they are.
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("0 of 3 codes")).to_be_visible()
    assert_accessible(page)
    assert overflow(page) <= 0
    page.get_by_label("What happened").fill("The line stands still.")
    page.get_by_role("button", name="Make a code").click()
    expect(page.get_by_text("To read out")).to_be_visible()
    assert_accessible(page)
    assert overflow(page) <= 0
    typed = page.locator("p.key--open").first.inner_text()
    assert need.redeem(issued.key, typed, "in need", at=timezone.now()).is_new
    page.get_by_role("link", name="Done, hide it").click()
    page.get_by_role("link", name="Emergency codes").click()
    expect(page.get_by_text("In use")).to_be_visible()
    assert_accessible(page)
    assert overflow(page) <= 0
    assert complaints == []


def test_staff_make_a_code_and_check_the_licence(admin, live_server, issued, assert_accessible):
    admin.goto(f"{live_server.url}/admin/licenses/license/{issued.license.pk}/change/")
    admin.get_by_role("link", name="Make an emergency code").click()
    look(admin, assert_accessible)
    admin.get_by_label("Reason").fill("Asked by telephone.")
    admin.get_by_role("button", name="Make an emergency code").click()
    expect(admin.get_by_text("To read out")).to_be_visible()
    look(admin, assert_accessible)
    assert EmergencyCode.objects.count() == 1
    admin.get_by_role("link", name="To the licence").click()
    expect(admin.get_by_text("Waits for its device")).to_be_visible()
    look(admin, assert_accessible)
    admin.get_by_role("link", name="Check integrity").click()
    expect(admin.get_by_text("Nothing was changed behind")).to_be_visible()
    look(admin, assert_accessible)
    License.objects.update(max_activations=900)
    admin.get_by_role("button", name="Check again").click()
    expect(admin.get_by_text("The trail tells something else: seats.")).to_be_visible()
    look(admin, assert_accessible)
