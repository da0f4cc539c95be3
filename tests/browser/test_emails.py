"""Choosing one's e-mails in a real browser, and the mails as a phone shows them."""

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from accounts.selectors.choices import unsubscribe_address
from accounts.services import telling
from events.models import Notice
from events.services import notices
from licenses.services import lifecycle, reminding
from tests import factories
from tests.browser.test_portal import SCHEMES, WIDTHS, overflow, sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def tenant():
    return factories.make_tenant(name="Geodatenbüro Westermann, Østergård & Söhne GmbH & Co. KG")


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_the_pages_are_accessible_and_fit(
    width, scheme, page, live_server, tenant, assert_accessible
):
    member = factories.make_member(tenant)
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    link = unsubscribe_address(Notice(membership_id=member.memberships.get().pk), "reminders")
    token = link.partition("/u/")[2]
    sign_in(page, live_server, member)
    for path in (f"/t/{tenant.code}/e-mails/", f"/u/{token}", "/u/nonsense/"):
        page.goto(live_server.url + path)
        assert overflow(page) <= 0
        assert_accessible(page)


def test_a_member_chooses_and_the_link_in_a_mail_does_too(page, live_server, tenant):
    member = factories.make_member(tenant)
    sign_in(page, live_server, member)
    page.goto(live_server.url + reverse("portal:emails", args=[tenant.code]))
    page.locator("#own-wanted_1").uncheck()
    page.get_by_role("button", name="Keep for me").click()
    expect(page.get_by_text("Your choice is kept.")).to_be_visible()
    row = member.memberships.get()
    assert row.muted == ["changes"]
    link = unsubscribe_address(Notice(membership_id=row.pk), "reminders")
    page.goto(live_server.url + "/u/" + link.partition("/u/")[2])
    page.get_by_role("button", name="End these e-mails").click()
    expect(page.get_by_role("heading", name="You get no more such e-mails")).to_be_visible()
    assert member.memberships.get().muted == ["changes", "reminders"]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("what", ["reminder", "suspension"])
def test_a_mail_fits_and_asks_for_nothing_from_outside(what, width, page, tenant):
    now = timezone.now()
    customer = factories.make_customer(tenant)
    license = factories.issue(
        tenant=tenant, customer_id=customer.pk, at=now - timedelta(days=351)
    ).license
    if what == "reminder":
        reminding.remind(at=now)
    else:
        lifecycle.suspend_license(
            license_id=license.pk, reason="Chargeback.", at=now, origin=factories.STAFF
        )
        telling.tell_of_events(at=now)
    notices.send_due(at=now)
    (message,) = mail.outbox
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_viewport_size({"width": width, "height": 900})
    page.set_content(message.alternatives[0].content)
    assert overflow(page) <= 0
    assert not asked
