"""Licences of every kind, mailed keys, faults: each page reads well at both widths."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from events.models import Notice, NoticeState
from licenses.models import UsageRollup
from licenses.models.series import Grain, Source
from licenses.services import delivery, key_links
from tests.browser.test_admin import admin
from tests.browser.test_portal import complaints, overflow, sign_in
from tests.factories import (
    STAFF,
    activate,
    issue,
    make_customer,
    make_member,
    make_product,
    make_tenant,
    release,
)

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["admin", "complaints"]

KINDS = {
    "floating": {
        "license_type": "CONCURRENT", "license_model": "PER_SEAT",
        "lease_seconds": 3_600, "max_borrow_days": 5,
    },
    "cores": {"license_model": "PER_CORE", "max_activations": 64},
    "site": {"license_model": "SITE_LICENSE"},
    "named": {"license_type": "NAMED_USER", "license_model": "PER_SEAT", "max_activations": 3},
    "trial": {"license_type": "TRIAL"},
    "owned": {"license_type": "PERPETUAL"},
}  # fmt: skip


@pytest.fixture
def tenant():
    return make_tenant(name="Geodatenbüro Westermann, Østergård & Söhne GmbH & Co. KG")


@pytest.fixture
def licenses(tenant):
    """One licence of each kind, with what only its page shows."""
    now = timezone.now()
    product = make_product("exports")
    year = now - timedelta(days=400)
    release(product, "2.0", year)
    known = {
        kind: issue(
            tenant=tenant,
            product=product,
            customer_id=make_customer(tenant, name=f"Customer, {kind}").pk,
            at=year if kind == "owned" else now - timedelta(days=3),
            maintenance_expiry=now - timedelta(days=30) if kind == "owned" else None,
            **terms,
        )
        for kind, terms in KINDS.items()
    }
    activate(known["floating"].key, "borrowed", borrow_days=3, at=now)
    activate(known["floating"].key, "lapsed", at=now - timedelta(hours=5))
    activate(known["cores"].key, "declared", core_count=16, at=now)
    activate(known["cores"].key, "silent", at=now)
    for number, user in enumerate(("ada@example.com", "ada@example.com", "bo@example.com")):
        activate(known["named"].key, f"device-{number}", user_identity=user, at=now)
    for kind in ("site", "trial", "owned"):
        activate(known[kind].key, kind, at=now)
    floating = known["floating"].license
    for state, email in (("SENT", "ada@example.com"), ("FAILED", "bo@example.com")):
        notice = delivery.deliver_key(license_id=floating.pk, email=email, at=now, origin=STAFF)
        Notice.objects.filter(pk=notice.pk).update(
            state=NoticeState(state), sent_at=now, last_error="SMTPRecipientsRefused"
        )
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    for ago in range(3):
        UsageRollup.objects.create(
            license=floating, grain=Grain.DAY, starts_at=today - timedelta(days=ago),
            source=Source.TOLD, metric="api_calls_count", value=7.0 + ago,
        )  # fmt: skip
    return {kind: issued.license for kind, issued in known.items()}


def look_twice(page, assert_accessible):
    for width in (390, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        assert overflow(page) <= 0, (page.url, width)
        assert_accessible(page)


def test_staff_see_a_licence_of_every_kind(admin, live_server, licenses, assert_accessible):
    named = licenses["named"]
    user = named.named_users.first()
    page_of = "admin:licenses_license_{}".format
    pages = [reverse(page_of("change"), args=[each.pk]) for each in licenses.values()]
    for act in ("deliver", "apply-template"):
        pages.append(reverse(page_of(act), args=[licenses["floating"].pk]))
    for act in ("extend", "convert"):
        pages.append(reverse(page_of(act), args=[licenses["trial"].pk]))
    pages += [
        reverse(page_of("assign-user"), args=[named.pk]),
        reverse(page_of("unassign-user"), args=[named.pk, user.pk]),
        reverse(page_of("import")),
        reverse("admin:events_notice_changelist"),
        reverse("admin:licenses_release_changelist"),
        reverse("admin:licenses_release_add"),
        f"{reverse('admin:accounts_apikey_changelist')}?q=nothing-like-it",
    ]
    for path in pages:
        admin.goto(f"{live_server.url}{path}")
        look_twice(admin, assert_accessible)


def test_staff_read_the_metrics_and_mails_of_a_licence_in_words(admin, live_server, licenses):
    page = reverse("admin:licenses_license_change", args=[licenses["floating"].pk])
    admin.goto(f"{live_server.url}{page}")
    expect(admin.get_by_role("heading", name="API calls")).to_be_visible()
    expect(admin.get_by_text("It did not arrive.")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_member_sees_a_licence_of_every_kind(
    scheme, page, live_server, tenant, licenses, complaints, assert_accessible
):
    page.emulate_media(color_scheme=scheme)
    sign_in(page, live_server, make_member(tenant))
    page.wait_for_url(f"**/t/{tenant.code}/")
    named = licenses["named"]
    ids = {"code": tenant.code, "license_id": named.pk}
    pages = [
        reverse("portal:license", args=[tenant.code, each.pk]) for each in licenses.values()
    ] + [
        reverse("portal:names", kwargs=ids),
        reverse("portal:free-name", kwargs={**ids, "user_id": named.named_users.first().pk}),
    ]
    for path in pages:
        page.goto(f"{live_server.url}{path}")
        look_twice(page, assert_accessible)
    assert complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_link_in_a_mail_shows_the_key_once(
    scheme, page, live_server, tenant, assert_accessible
):
    page.emulate_media(color_scheme=scheme)
    now = timezone.now()
    issued = issue(tenant=tenant, at=now)
    notice = delivery.deliver_key(
        license_id=issued.license.pk, email="ada@example.com", at=now, origin=STAFF
    )
    token = key_links.make_link(issued.license, notice, at=now)
    page.goto(f"{live_server.url}{reverse('key-link', args=[token])}")
    look_twice(page, assert_accessible)
    page.get_by_role("button", name="Show the key").click()
    expect(page.get_by_text(issued.key)).to_be_visible()
    look_twice(page, assert_accessible)
    page.goto(f"{live_server.url}{reverse('key-link', args=[token])}")
    expect(page.get_by_role("heading", name="This link shows nothing any more")).to_be_visible()
    look_twice(page, assert_accessible)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_that_is_not_there_says_so(scheme, page, live_server, tenant, assert_accessible):
    page.emulate_media(color_scheme=scheme)
    sign_in(page, live_server, make_member(tenant))
    page.wait_for_url(f"**/t/{tenant.code}/")
    for path in ("/t/NOBODY/", f"/t/{tenant.code}/nothing/", "/admin/", "/accounts/nothing/"):
        page.goto(f"{live_server.url}{path}")
        look_twice(page, assert_accessible)
