from datetime import timedelta

import pytest
from django.urls import reverse

from licenses.models import Activation, Heartbeat
from licenses.services import lifecycle
from tests.clock import NOW
from tests.factories import STAFF, activate, issue
from tests.staff import signed_in

pytestmark = pytest.mark.django_db
LIST = "/admin/licenses/activation/"


@pytest.fixture
def staff():
    return signed_in("activations:read", "licenses:read")


def found(client, **query):
    return {row.machine_name for row in client.get(LIST, query).context["cl"].result_list}


def test_devices_are_found_by_licence_and_by_the_beginning_of_their_name(staff):
    first, second = issue(), issue()
    activate(first.key, "a1")
    activate(second.key, "b2")
    assert found(staff) == {"PC a1", "PC b2"}
    assert found(staff, q=str(first.license.pk)) == {"PC a1"}
    assert found(staff, q="pc b") == {"PC b2"}
    assert found(staff, q="b2") == set()


def test_a_licences_page_leads_to_its_devices(staff):
    issued = issue()
    activate(issued.key)
    page = staff.get(reverse("admin:licenses_license_change", args=[issued.license.pk]))
    assert f'href="{LIST}?q={issued.license.pk}"' in page.content.decode()


def test_a_device_shows_hints_and_nothing_that_it_could_be_imitated_by(staff):
    token = activate(issue().key, "machine-fingerprint").token
    device = Activation.objects.get()
    html = staff.get(reverse("admin:licenses_activation_change", args=[device.pk])).content.decode()
    assert device.fingerprint_hint in html
    assert "machine-fingerprint" not in html.replace(str(device), "")
    assert token not in html


def test_the_list_asks_as_much_of_many_devices_as_of_one(staff, django_assert_num_queries):
    issued = issue(max_activations=9)
    activate(issued.key, "a")
    staff.get(LIST)
    with django_assert_num_queries(7):
        staff.get(LIST)
    for device in "bcdeg":
        activate(issued.key, device)
    with django_assert_num_queries(7):
        staff.get(LIST)


def test_a_device_is_what_its_licence_makes_of_it_now(staff):
    issued = issue()
    activate(issued.key)
    lifecycle.suspend_license(license_id=issued.license.pk, reason="x", at=NOW, origin=STAFF)
    _, found_list, rows = staff.get(LIST).content.decode().partition("result_list")
    assert found_list
    assert "Suspended" in rows
    assert "Active" not in rows


def test_a_device_that_was_never_heard_of_says_the_same_everywhere(staff):
    issued = issue()
    activate(issued.key)
    device = issued.license.activations.get()
    assert "14 Mar 2026, 09:26 (activated)" in staff.get(LIST).content.decode()
    page = reverse("admin:licenses_license_change", args=[issued.license.pk])
    assert "activated, not heard of since" in staff.get(page).content.decode()
    heard = NOW + timedelta(hours=5)
    Heartbeat.objects.update_or_create(activation=device, defaults={"last_heartbeat": heard})
    html = staff.get(LIST).content.decode()
    assert "14 Mar 2026, 14:26" in html
    assert "(activated)" not in html
