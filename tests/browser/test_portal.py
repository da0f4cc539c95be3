"""The tenant's portal in a real browser: what a person does, on a desk and on a phone."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from events.models import Event, WebhookDelivery
from events.services.webhooks.endpoints import create_endpoint
from licenses.models import License
from licenses.services import lifecycle
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)

WIDTHS = (390, 1440)
SCHEMES = ("light", "dark")


@pytest.fixture
def complaints(page):
    """What the browser had to complain of: refused by the policy, missing, or failing."""
    heard = []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    return heard


@pytest.fixture
def tenant():
    return factories.make_tenant(name="Geodatenbüro Westermann, Østergård & Söhne GmbH & Co. KG")


@pytest.fixture
def issued(tenant):
    """A licence with three seats, two of them taken, issued a while ago by the real clock."""
    issued = factories.issue(tenant=tenant, at=timezone.now() - timedelta(days=40))
    for number in range(2):
        factories.activate(issued.key, f"device-{number}", at=timezone.now() - timedelta(days=39))
    return issued


def sign_in(page, live_server, user):
    page.goto(f"{live_server.url}/accounts/login/")
    page.get_by_label("E-mail").fill(user.email)
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def overflow(page):
    """By how many pixels the page is wider than the window."""
    return page.evaluate("document.documentElement.scrollWidth - window.innerWidth")


def address(name, tenant, **kwargs):
    return reverse(f"portal:{name}", kwargs={"code": tenant.code, **kwargs})


def one_of_each_status(tenant):
    """Licences in every state that a page speaks of."""
    now = timezone.now()
    for act in (lifecycle.suspend_license, lifecycle.park_license, lifecycle.revoke_license):
        license = factories.issue(tenant=tenant, at=now).license
        act(license_id=license.pk, reason="A reason", at=now, origin=factories.STAFF)
    long_ago = now - timedelta(days=370)
    factories.issue(tenant=tenant, at=long_ago, grace_period_days=30)
    factories.issue(tenant=tenant, at=long_ago, grace_period_days=0)
    factories.issue(tenant=tenant, at=now, expiry_basis="FIRST_ACTIVATION", duration_days=30)
    full = factories.issue(tenant=tenant, at=now, max_activations=1)
    factories.activate(full.key, at=now)


def listening(tenant):
    """An endpoint with a long address, and a delivery of every state."""
    endpoint, _ = create_endpoint(
        url="https://8.8.8.8/" + "a-long-way-to-the-hook/" * 6,
        event_types=["license.*", "activation.*", "webhook_endpoint.secret_rotated"],
        tenant_id=tenant.pk,
        at=timezone.now(),
        origin=factories.STAFF,
    )
    states = [("DELIVERED", "", 200), ("FAILED", "STATUS", 503), ("WAITING", "TIMEOUT", None)]
    events = Event.objects.filter(tenant=tenant).order_by("sequence")
    for event, (state, error, status) in zip(events, states, strict=False):
        at = {"queued_at": timezone.now(), "due_at": timezone.now()}
        at |= {"delivered_at": timezone.now()} if state == "DELIVERED" else {}
        endpoint.deliveries.create(
            event=event, state=state, error=error, response_status=status, attempts=2, **at
        )
    return endpoint


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_is_accessible_and_fits(
    width, scheme, page, live_server, tenant, issued, complaints, assert_accessible
):
    one_of_each_status(tenant)
    device = issued.license.activations.first()
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    sign_in(page, live_server, factories.make_member(tenant))
    page.wait_for_url(f"**/t/{tenant.code}/")
    ids = {"license_id": issued.license.pk}
    hook = {"endpoint_id": listening(tenant).pk}
    pages = [
        address("overview", tenant),
        address("licenses", tenant),
        f"{address('licenses', tenant)}?q=nothing-like-it",
        address("devices", tenant, **ids),
        address("webhooks", tenant),
        address("webhook-add", tenant),
        address("webhook", tenant, **hook),
        address("webhook-change", tenant, **hook),
        address("webhook-secret", tenant, **hook),
        address(
            "webhook-again", tenant, **hook, delivery_id=WebhookDelivery.objects.latest("pk").pk
        ),
        address("free-device", tenant, **ids, activation_id=device.pk),
        *(
            address("license", tenant, license_id=pk)
            for pk in License.objects.values_list("pk", flat=True)
        ),
        "/t/",
        "/accounts/2fa/",
        "/accounts/logout/",
        "/accounts/password/change/",
    ]
    for path in pages:
        page.goto(f"{live_server.url}{path}")
        assert overflow(page) <= 0, path
        assert_accessible(page)
    assert complaints == []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_the_pages_before_signing_in_are_accessible_and_fit(
    width, scheme, page, live_server, complaints, assert_accessible
):
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    for path in ("login/", "signup/", "password/reset/", "password/reset/done/", "inactive/"):
        page.goto(f"{live_server.url}/accounts/{path}")
        assert overflow(page) <= 0, path
        assert_accessible(page)
    assert complaints == []


def test_a_failed_sign_in_says_so_and_the_next_one_works(
    page, live_server, tenant, complaints, assert_accessible
):
    user = factories.make_member(tenant)
    page.goto(f"{live_server.url}/accounts/login/")
    page.get_by_label("E-mail").fill(user.email)
    page.get_by_label("Password").fill("not this one")
    page.get_by_role("button", name="Sign in").click()
    assert "That did not work." in page.get_by_role("alert").inner_text()
    assert_accessible(page)
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"**/t/{tenant.code}/")
    assert complaints == []


@pytest.mark.parametrize("width", WIDTHS)
def test_a_member_frees_a_device_and_sees_its_seat_free(
    width, page, live_server, tenant, issued, complaints
):
    page.set_viewport_size({"width": width, "height": 900})
    sign_in(page, live_server, factories.make_member(tenant, "member"))
    page.wait_for_url(f"**/t/{tenant.code}/")
    page.goto(f"{live_server.url}{address('licenses', tenant)}")
    page.get_by_role("link", name=issued.license.product_name).click()
    expect(page.get_by_role("img", name="2 of 3 devices taken")).to_be_visible()
    page.get_by_role("link", name="Free this device: PC device-0").click()
    page.get_by_role("button", name="Free this device").click()
    assert "PC device-0 is freed" in page.get_by_role("status").first.inner_text()
    expect(page.get_by_role("img", name="1 of 3 devices taken")).to_be_visible()
    assert complaints == []


def test_the_menu_opens_on_a_phone_without_a_script(browser, live_server, tenant):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 900})
    page = context.new_page()
    sign_in(page, live_server, factories.make_member(tenant))
    assert not page.get_by_role("link", name="Licences", exact=True).is_visible()
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Licences", exact=True).click()
    expect(page.get_by_role("heading", name="Licences", exact=True)).to_be_visible()
    context.close()


def test_a_second_factor_is_turned_on_by_a_code_that_can_be_scanned(
    page, live_server, tenant, complaints, assert_accessible
):
    sign_in(page, live_server, factories.make_member(tenant))
    page.wait_for_url(f"**/t/{tenant.code}/")
    page.goto(f"{live_server.url}/accounts/2fa/totp/activate/")
    if page.get_by_label("Password").is_visible():
        page.get_by_label("Password").fill(factories.PASSWORD)
        page.get_by_role("button", name="Go on").click()
    code = page.locator("svg.qr")
    assert code.bounding_box()["width"] > 150
    assert_accessible(page)
    assert complaints == []


@pytest.mark.parametrize("width", WIDTHS)
def test_an_owner_is_asked_again_before_a_key_is_shown(
    width, page, live_server, tenant, issued, complaints, assert_accessible
):
    page.set_viewport_size({"width": width, "height": 900})
    sign_in(page, live_server, factories.make_member(tenant))
    page.wait_for_url(f"**/t/{tenant.code}/")
    page.goto(f"{live_server.url}{address('license', tenant, license_id=issued.license.pk)}")
    page.get_by_role("link", name="Show the key").click()
    assert_accessible(page)
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Go on").click()
    assert_accessible(page)
    page.get_by_role("button", name="Show the key").click()
    expect(page.get_by_text(issued.key)).to_be_visible()
    assert overflow(page) <= 0
    assert_accessible(page)
    page.get_by_role("link", name="Done, hide it").click()
    expect(page.get_by_text("Key shown")).to_be_visible()
    assert complaints == []
