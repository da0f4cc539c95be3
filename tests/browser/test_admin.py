"""Staff walk through the admin: issue, look, suspend, reinstate; nothing a person trips over."""

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect

from licenses.models import License
from licenses.states import Status
from tests.factories import activate, issue, make_customer, make_template, report
from tests.staff import make_staff

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def admin(page, live_server):
    """Give a page on which a superuser has signed in with both factors."""
    client = Client()
    client.force_login(make_staff(superuser=True))
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
    )
    complaints = []
    page.on("console", lambda message: complaints.append(f"{message.location} {message.text}"))
    page.goto(f"{live_server.url}/admin/")
    yield page
    assert complaints == []


def overflow(page):
    return page.evaluate("document.body.scrollWidth - document.documentElement.clientWidth")


def look(page, assert_accessible):
    """Check the page as it stands, on a desk and on a phone."""
    for width, height in ((390, 844), (1440, 900)):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_load_state("networkidle")
        assert overflow(page) <= 0
        assert_accessible(page)


def choose(page, field, text):
    """Choose in an input that searches as it is typed in."""
    page.locator(f"#select2-{field}-container").click()
    page.locator(".select2-search__field").fill(text)
    page.locator(".select2-results__option", has_text=text).first.click()


def test_a_licence_is_issued_looked_at_suspended_and_reinstated(admin, assert_accessible):
    customer = make_customer(name="Marta Lindqvist")
    make_template(template_name="Professional", max_activations=5)
    look(admin, assert_accessible)

    admin.get_by_role("link", name="Issue a licence").first.click()
    look(admin, assert_accessible)
    admin.get_by_label("Template").select_option(index=1)
    choose(admin, "id_customer", "Marta")
    admin.get_by_role("button", name="Issue and show the key").click()
    key = admin.locator(".key--open").inner_text()
    license = License.objects.get()
    assert key.endswith(license.key_hint)
    assert license.customer == customer
    look(admin, assert_accessible)

    admin.get_by_role("link", name="To the licence").click()
    expect(admin.get_by_role("img", name="0 of 5 devices taken")).to_be_visible()
    look(admin, assert_accessible)

    admin.get_by_role("link", name="Suspend", exact=True).click()
    look(admin, assert_accessible)
    admin.get_by_role("button", name="Suspend").click()
    expect(admin.get_by_text("This field is required.")).to_be_visible()
    admin.get_by_label("Reason").fill("Abuse reported")
    admin.get_by_role("button", name="Suspend").click()
    expect(admin.locator(".status--suspended")).to_be_visible()
    expect(admin.get_by_text("Abuse reported").first).to_be_visible()
    look(admin, assert_accessible)

    admin.get_by_role("link", name="Reinstate").click()
    admin.get_by_label("Reason").fill("It was somebody else")
    admin.get_by_role("button", name="Reinstate").click()
    expect(admin.locator(".status--active")).to_be_visible()
    license.refresh_from_db()
    assert license.status == Status.ACTIVE


def test_an_incident_is_read_and_closed(admin, live_server, assert_accessible):
    evidence = {"module": "strata_license.dll", "seen": [{"at": "09:26", "by": "watchdog"}]}
    incident = report(issue().license, evidence=evidence)
    admin.goto(f"{live_server.url}/admin/compliance/incident/")
    look(admin, assert_accessible)
    admin.get_by_role("link", name="Tampering attempt").click()
    look(admin, assert_accessible)

    admin.get_by_role("button", name="Close this incident").click()
    expect(admin.get_by_text("This field is required.")).to_be_visible()
    look(admin, assert_accessible)
    admin.get_by_label("Notes").fill("A debugger of our own.")
    admin.get_by_role("button", name="Close this incident").click()
    expect(admin.get_by_text("A debugger of our own.")).to_be_visible()
    look(admin, assert_accessible)
    incident.refresh_from_db()
    assert incident.closed_at is not None


LISTS = [
    "accounts/user",
    "accounts/tenant",
    "accounts/customer",
    "accounts/apikey",
    "auth/group",
    "events/event",
    "licenses/license",
    "licenses/activation",
    "licenses/product",
    "licenses/licensetemplate",
]
FORMS = [
    "accounts/user",
    "accounts/tenant",
    "accounts/customer",
    "accounts/apikey",
    "auth/group",
    "licenses/product",
    "licenses/licensetemplate",
]


def test_every_list_and_every_form_reads_well_on_a_desk_and_on_a_phone(
    admin, live_server, assert_accessible
):
    customer = make_customer()
    template = make_template()
    issued = issue(tenant=customer.tenant, customer_id=customer.pk, template_id=template.pk)
    activate(issued.key)
    pages = [f"/admin/{name}/" for name in LISTS] + [f"/admin/{name}/add/" for name in FORMS]
    for path in pages:
        admin.goto(f"{live_server.url}{path}")
        look(admin, assert_accessible)
