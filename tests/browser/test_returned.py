"""Staff look after an e-mail that did not arrive, on a desk and on a phone."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from events.models import Notice
from events.services import notices
from tests.browser.test_admin import admin, look
from tests.factories import issue, make_customer

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["admin"]


def test_a_mail_that_came_back_is_marked_seen_and_sent_again(admin, live_server, assert_accessible):
    now = timezone.now()
    customer = make_customer(name="Marta Lindqvist", email="marta@brenner.example")
    license = issue(tenant=customer.tenant, customer_id=customer.pk, at=now).license
    notice = notices.queue(
        kind="license_renewed",
        occasion="1",
        recipient=customer.email,
        at=now,
        tenant_id=customer.tenant_id,
        customer_id=customer.pk,
        license_id=license.pk,
    )
    Notice.objects.filter(pk=notice.pk).update(state="SENT", sent_at=now)
    page = f"{live_server.url}/admin/events/notice/{notice.pk}/change/"

    admin.goto(page)
    look(admin, assert_accessible)
    admin.get_by_role("link", name="Mark as come back").click()
    look(admin, assert_accessible)
    admin.get_by_role("button", name="Mark as come back").click()
    expect(admin.get_by_text("Marked as come back.")).to_be_visible()

    admin.goto(f"{live_server.url}/admin/accounts/customer/{customer.pk}/change/")
    expect(admin.get_by_text("E-mails do not reach this address")).to_be_visible()
    look(admin, assert_accessible)
    admin.get_by_role("link", name="the last one").click()

    admin.get_by_role("link", name="Send again").click()
    admin.get_by_role("button", name="Send again").click()
    expect(admin.get_by_text("It is on its way again.")).to_be_visible()
    look(admin, assert_accessible)
    notice.refresh_from_db()
    assert notice.state in ("SENT", "QUEUED")
