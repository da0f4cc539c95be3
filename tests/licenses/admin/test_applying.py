"""Applying a template in the admin: chosen, looked at, confirmed with a reason."""

import re
from decimal import Decimal

import pytest
from django.urls import reverse

from events.models import Event
from licenses.models import License
from licenses.services import lifecycle
from licenses.services.templates import update_template
from tests.clock import NOW
from tests.factories import STAFF, activate, issue, make_product, make_tenant
from tests.licenses.services.plans import make
from tests.staff import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def product():
    return make_product("exports", "kriging")


@pytest.fixture
def issued(product):
    exports = {"feature_id": "exports", "default_limit": Decimal(2000)}
    solo = make(product, [exports], template_name="Solo", max_activations=3)
    return issue(template_id=solo.pk, max_activations=None)


@pytest.fixture
def staff():
    return signed_in("licenses:read", "licenses:write")


def address(license):
    return reverse("admin:licenses_license_apply-template", args=[license.pk])


def hidden(html, *names):
    return {name: re.search(rf'name="{name}" value="([^"]+)"', html)[1] for name in names}


def shown(staff, license, template):
    html = staff.get(address(license), {"template": template.pk}).content.decode()
    return html, hidden(html, "template", "revision", "digest")


def test_the_licences_page_leads_to_it(staff, issued):
    html = staff.get(reverse("admin:licenses_license_change", args=[issued.license.pk]))
    assert address(issued.license) in html.content.decode()


def test_only_templates_that_fit_are_on_offer(staff, issued, product):
    make(product, template_name="Team")
    make(product, template_name="Theirs", reserved_for=make_tenant())
    make(product, template_name="Ours", reserved_for=issued.license.tenant)
    make(product, template_name="Gone", active=False)
    make(product, template_name="For good", license_type="PERPETUAL")
    make(make_product(), template_name="Elsewhere")

    html = staff.get(address(issued.license)).content.decode()

    offered = [name.strip() for name in re.findall(r"<option value=\"[0-9a-f-]+\">([^<]+)", html)]
    assert offered == ["Ours", "Solo", "Team"]
    assert "Apply the template" not in html


def test_a_preview_tells_gains_losses_and_devices_and_changes_nothing(staff, issued, product):
    for number in range(3):
        activate(issued.key, f"device-{number}", country="US" if number else "DE")
    rows = [{"restriction_type": "GEOGRAPHIC", "operator": "ALLOW", "default_values": ["DE"]}]
    small = make(product, [{"feature_id": "kriging"}], rows, max_activations=2)

    html, _ = shown(staff, issued.license, small)

    text = " ".join(re.sub(r"<[^>]+>", " ", html).split())
    assert "Seats 3 2" in text
    assert "Exports Up to 2,000 Not granted" in text
    assert "Kriging Not granted Granted" in text
    assert "Anywhere, at any time Allow country: DE" in text
    assert {"PC device-1", "PC device-2"} <= set(re.findall(r"PC device-\d", html))
    assert "PC device-0" not in html
    assert "No longer runs" in text
    assert License.objects.get().revision == 1


def test_confirmed_with_a_reason_it_is_done(staff, issued, product):
    team = make(product)
    _, stated = shown(staff, issued.license, team)

    answer = staff.post(address(issued.license), stated | {"reason": "Grown."}, follow=True)

    assert "It has the terms of Team now." in answer.content.decode()
    assert License.objects.get().template == team
    event = Event.objects.get(type="license.updated")
    assert (event.reason, event.actor_kind) == ("Grown.", "staff")


def test_without_a_reason_nothing_is_done(staff, issued, product):
    _, stated = shown(staff, issued.license, make(product))

    answer = staff.post(address(issued.license), stated | {"reason": ""})

    assert "This field is required." in answer.content.decode()
    assert License.objects.get().revision == 1


def test_a_template_changed_meanwhile_is_shown_anew_and_then_applied(staff, issued, product):
    team = make(product)
    _, stated = shown(staff, issued.license, team)
    update_template(pk=team.pk, fields={"max_activations": 4}, at=NOW, origin=STAFF)

    answer = staff.post(address(issued.license), stated | {"reason": "Grown."})

    html = answer.content.decode()
    assert "this is what it would change now" in html
    assert License.objects.get().revision == 1
    fresh = hidden(html, "template", "revision", "digest")
    staff.post(address(issued.license), fresh | {"reason": "Grown."})
    assert License.objects.get().max_activations == 4


def test_what_cannot_be_applied_says_why(staff, issued, product):
    rows = [{"restriction_type": "DOMAIN", "operator": "ALLOW", "default_values": []}]
    template = make(product, restrictions=rows)

    html = staff.get(address(issued.license), {"template": template.pk}).content.decode()

    assert "State the values of ALLOW DOMAIN on the licence first." in html
    assert "Apply the template" not in html.partition("<form")[2].partition("What happens")[2]


def test_terms_that_are_there_already_have_no_button(staff, issued):
    html = staff.get(address(issued.license), {"template": issued.license.template_id})
    html = html.content.decode()
    assert "has these terms already" in html
    assert 'name="digest"' not in html


def test_a_revoked_licence_takes_no_template(staff, issued):
    lifecycle.revoke_license(license_id=issued.license.pk, reason="x", at=NOW, origin=STAFF)
    assert staff.get(address(issued.license)).status_code == 409


def test_staff_override_what_a_template_fixes_only_with_the_catalogue(issued, product):
    exports = {"feature_id": "exports", "required": True, "default_limit": Decimal(2000)}
    update_template(
        pk=issued.license.template_id, fields={}, features=[exports], at=NOW, origin=STAFF
    )
    page = reverse("admin:licenses_license_change-terms", args=[issued.license.pk])
    terms = {
        "issued_to": "Ada", "max_activations": 3, "overage": "NONE", "grace_period_days": 30,
        "heartbeat_interval_seconds": 600, "self_service": "SEE", "reason": "Asked.",
        "revision": 1, "expiry_date": "2027-03-14",
    }  # fmt: skip

    refused = signed_in("licenses:read", "licenses:write").post(page, terms)
    assert "The template requires &#x27;exports&#x27;." in refused.content.decode()
    assert License.objects.get().revision == 1
    signed_in("licenses:read", "licenses:write", "catalog:write").post(page, terms)
    assert not issued.license.entitlements.exists()
