"""One licence's whole story, through every door of a running portal."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.served import Served

PASSWORD = "correct horse battery"
STAFF = "staff@tern-vale.example"
MEMBER = "lindqvist@brenner.example"
PEOPLE = f"""
from django.utils import timezone
from accounts.models import User
from accounts.roles import Role
from accounts.services import people
from events.trail import SYSTEM
stated = {{"at": timezone.now(), "origin": SYSTEM}}
tenant = people.create_tenant(
    fields={{"code": "BRENNER", "name": "Brenner Ingenieure"}}, **stated)
people.create_customer(tenant_id=tenant.pk, fields={{
    "name": "Brenner, Oslo office", "email": "vik@brenner.example"}}, **stated)
User.objects.create_user("{MEMBER}", "{PASSWORD}", name="Marta Lindqvist")
people.add_member(tenant_id=tenant.pk, email="{MEMBER}", role=Role.OWNER, **stated)
"""


@pytest.fixture
def portal(tmp_path: Path, services: dict[str, str]) -> Iterator[Served]:
    served = Served(tmp_path, **services)
    served.manage("migrate", "-v0")
    served.manage(
        "createsuperuser", "--no-input", "--email", STAFF, DJANGO_SUPERUSER_PASSWORD=PASSWORD
    )
    served.manage("shell", "-v0", text=PEOPLE)
    served.start()
    yield served
    served.stop()


def sign_in(page: Page, portal: Served, email: str) -> None:
    page.context.clear_cookies()
    page.goto(f"{portal.url}/accounts/login/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/login/" not in url)


def make_product_and_template(page: Page, portal: Served) -> None:
    page.goto(f"{portal.url}/admin/licenses/product/add/")
    page.locator("[name=product_name]").fill("Strata Desktop")
    page.locator("[name=product_id]").fill("strata-desktop")
    page.locator("[name=product_version]").fill("8.2")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page).to_have_url(f"{portal.url}/admin/licenses/product/")

    page.goto(f"{portal.url}/admin/licenses/licensetemplate/add/")
    page.locator("[name=template_name]").fill("Strata Solo")
    choose(page, "product", "Strata")
    page.locator("[name=license_type]").select_option("SUBSCRIPTION")
    page.locator("[name=license_model]").select_option("PER_DEVICE")
    page.locator("[name=max_activations]").fill("3")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page).to_have_url(f"{portal.url}/admin/licenses/licensetemplate/")


def choose(page: Page, name: str, words: str) -> None:
    """Choose from a field that searches as it is typed in."""
    page.locator(f"[name={name}] + .select2").click()
    page.locator(".select2-search__field").last.fill(words)
    page.locator(".select2-results__option", has_text=words).first.click()


def issue_license(page: Page, portal: Served) -> str:
    """Issue it in the admin, and read its key from the one page that shows it."""
    page.goto(f"{portal.url}/admin/licenses/license/add/")
    page.locator("[name=template]").select_option(label="Strata Solo (Strata Desktop)")
    choose(page, "customer", "Oslo")
    page.get_by_role("button", name="Issue").click()
    shown = page.locator(".key--open")
    expect(shown).to_have_text(re.compile(r"(?:[0-9A-Z]{4}-){4}[0-9A-Z]{4}"))
    return shown.inner_text().strip()


def test_one_licence_lives_through_every_door(portal: Served, page: Page) -> None:
    api_key = portal.manage("create_api_key", "journey").splitlines()[-1]

    # Staff make what is sold, and sell it.
    sign_in(page, portal, STAFF)
    make_product_and_template(page, portal)
    key = issue_license(page, portal)

    # Devices take the three seats that were sold; the fourth is told who holds them.
    def activate(device: str) -> tuple[int, dict]:
        return portal.call(
            "POST",
            "/activations",
            {"license_key": key, "device_fingerprint": f"device-{device}", "machine_name": device},
        )

    tokens = {}
    for device in ("BRN-1", "BRN-2", "BRN-3"):
        status, answer = activate(device)
        assert (status, answer["data"]["status"]) == (201, "ACTIVE")
        tokens[device] = answer["data"]["activation_token"]
    status, again = activate("BRN-1")
    assert (status, again["data"]["activation_token"]) == (200, tokens["BRN-1"])
    status, refused = activate("BRN-4")
    assert (status, refused["code"]) == (409, "ACTIVATION_LIMIT_EXCEEDED")
    assert len(refused["error"]["details"]["devices"]) == 3

    # They validate, and say that they live.
    def verdict(device: str = "BRN-1") -> tuple[bool, str, str]:
        _, answer = portal.call(
            "POST", "/activations/validate", {"activation_token": tokens[device]}
        )
        data = answer["data"]
        return data["valid"], data["code"], data["next_action"]

    assert verdict() == (True, "VALID", "none")
    status, heard = portal.call(
        "POST",
        "/activations/heartbeat",
        {"activation_token": tokens["BRN-1"], "metrics": {"api_calls_count": 12}},
    )
    assert (status, heard["data"]["status"]) == (200, "SUCCESS")

    # The customer frees a seat in the portal, and the fourth device takes it.
    sign_in(page, portal, MEMBER)
    page.goto(f"{portal.url}/t/BRENNER/licenses/")
    page.get_by_role("link", name="Strata Desktop").click()
    page.get_by_role("link", name="Free this device: BRN-2").click()
    page.get_by_role("button", name="Free this device").click()
    expect(page.get_by_role("status").first).to_contain_text("BRN-2 is freed")
    assert verdict("BRN-2") == (False, "ACTIVATION_DEACTIVATED", "activate")
    status, answer = activate("BRN-4")
    assert status == 201
    tokens["BRN-4"] = answer["data"]["activation_token"]

    # It expires by the clock, before any job has run, and works in grace: for known devices.
    portal.days_ahead(366)
    assert verdict("BRN-4") == (True, "IN_GRACE", "renew")
    assert activate("BRN-1")[0] == 200
    assert activate("BRN-5")[1]["code"] == "LICENSE_EXPIRED"

    # Grace ends, by the clock again; the sweep writes down both steps when it comes by.
    portal.days_ahead(396)
    assert verdict() == (False, "LICENSE_EXPIRED", "renew")
    moved = datetime.now(UTC) + timedelta(days=396)
    assert "catch up statuses: 1" in portal.manage("run_due", "--at", moved.isoformat())
    sign_in(page, portal, MEMBER)
    page.goto(f"{portal.url}/t/BRENNER/licenses/")
    expect(page.get_by_role("row", name="Strata Desktop")).to_contain_text("Suspended")

    # Staff renew it, and it works again.
    sign_in(page, portal, STAFF)
    page.goto(f"{portal.url}/admin/licenses/license/")
    page.locator("tbody a[href*='/change/']").first.click()
    page.get_by_role("link", name=re.compile("^Renew")).first.click()
    page.locator("[name=duration_months]").fill("12")
    page.get_by_role("button", name=re.compile("^Renew")).click()
    expect(page.locator("main, #content").first).to_contain_text("Active")
    assert verdict("BRN-4") == (True, "VALID", "none")

    # All of it stands in the trail, in the order in which it became true.
    _, found = portal.call("GET", "/events?limit=100&order=asc", bearer=api_key)
    told = [event["type"] for event in found["data"]]
    assert [name for name in told if name.startswith(("license.", "activation."))] == [
        "license.issued",
        "activation.created",
        "activation.created",
        "activation.created",
        "license.seats_at",
        "activation.refused",
        "activation.deactivated",
        "activation.created",
        "license.seats_at",
        "activation.refused",
        "license.expired",
        "license.suspended",
        "license.renewed",
    ]
    assert key not in str(found)
    assert "every seat accounted for" in portal.manage("check_seats")
