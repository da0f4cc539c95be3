"""Staff try a template on what was sold, apply it, and give it discounts."""

from decimal import Decimal

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from licenses.models import License
from orders.models import VolumeDiscount
from tests.browser.test_admin import admin, look
from tests.factories import activate, issue, make_product
from tests.licenses.services.plans import make

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["admin"]


@pytest.fixture
def solo():
    exports = {"feature_id": "exports", "default_limit": Decimal(100)}
    return make(make_product("exports"), [exports], template_name="Solo", max_activations=3)


def page_of(template, live_server):
    return live_server.url + reverse("admin:licenses_licensetemplate_change", args=[template.pk])


def test_a_template_is_tried_and_then_applied(admin, live_server, solo, assert_accessible):
    issued = issue(template_id=solo.pk, max_activations=5, issued_to="Fjord Survey")
    for number in range(4):
        activate(issued.key, f"device-{number}")
    admin.goto(page_of(solo, live_server))

    admin.get_by_role("link", name="Simulate…").click()
    expect(admin.get_by_role("heading", name="1 licence would change")).to_be_visible()
    look(admin, assert_accessible)
    admin.get_by_role("link", name="Apply… to Fjord Survey").click()
    expect(admin.get_by_text("Beyond the limit")).to_be_visible()
    look(admin, assert_accessible)
    admin.get_by_label("Reason").fill("As agreed.")
    admin.get_by_role("button", name="Apply the template").click()

    expect(admin.get_by_text("It has the terms of Solo now.")).to_be_visible()
    assert License.objects.get().max_activations == 3


def test_discounts_are_rows_that_are_added(admin, live_server, solo, assert_accessible):
    admin.goto(page_of(solo, live_server))
    look(admin, assert_accessible)

    admin.get_by_role("link", name="Add another Price").click()
    admin.locator("[name=pricing-0-base_price]").fill("890")
    admin.locator("[name=pricing-0-currency]").fill("EUR")
    admin.locator("[name=pricing-0-billing_cycle]").select_option("ANNUALLY")
    admin.get_by_role("link", name="Add another Volume discount").click()
    admin.locator("[name=volume_discounts-0-min_quantity]").fill("10")
    admin.locator("[name=volume_discounts-0-discount_percentage]").fill("5")
    admin.get_by_role("button", name="Save and continue editing").click()

    expect(admin.get_by_text("10+: 5%")).to_be_visible()
    look(admin, assert_accessible)
    assert VolumeDiscount.objects.get().pricing.template == solo


def test_a_template_is_duplicated(admin, live_server, solo, assert_accessible):
    admin.goto(page_of(solo, live_server))
    admin.get_by_role("link", name="Duplicate…").click()
    look(admin, assert_accessible)

    admin.get_by_label("Name of the copy").fill("Solo II")
    admin.get_by_role("button", name="Duplicate").click()

    expect(admin.get_by_text("This is the copy of Solo.")).to_be_visible()
