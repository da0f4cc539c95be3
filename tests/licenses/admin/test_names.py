"""Names on a licence's page: assigned, unassigned, refused in words."""

import pytest
from django.urls import reverse

from events.models import Event
from licenses.models import NamedUser
from tests.factories import activate, issue
from tests.staff import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff():
    return signed_in(superuser=True)


def named(**terms):
    return issue(license_type="NAMED_USER", max_activations=1, **terms)


def address(name, license, *more):
    return reverse(f"admin:licenses_license_{name}", args=[license.pk, *more])


def test_a_name_is_assigned_and_unassigned_on_the_licences_page(staff):
    issued = named()
    assign = address("assign-user", issued.license)
    assert assign in staff.get(address("change", issued.license)).content.decode()
    assert staff.get(assign).status_code == 200
    done = staff.post(assign, {"user_identity": "Ada", "reason": ""}, follow=True)
    assert "ada has a seat now." in done.content.decode()
    row = NamedUser.objects.get()
    unassign = address("unassign-user", issued.license, row.pk)
    page = staff.get(address("change", issued.license)).content.decode()
    assert unassign in page
    assert "1 of 1 name taken" in page
    assert "signed out" in staff.get(unassign).content.decode()
    done = staff.post(unassign, {"reason": "Left the company"}, follow=True)
    assert "ada no longer has a seat." in done.content.decode()
    row.refresh_from_db()
    assert (row.assigned, row.unassign_reason) == (False, "Left the company")
    told = Event.objects.filter(type__startswith="named_user.").order_by("sequence")
    assert [event.type for event in told] == ["named_user.assigned", "named_user.unassigned"]


def test_the_same_name_again_takes_no_second_seat(staff):
    license = named().license
    for words in ("has a seat now", "had a seat already"):
        done = staff.post(address("assign-user", license), {"user_identity": "ada"}, follow=True)
        assert words in done.content.decode()
    assert NamedUser.objects.count() == 1


@pytest.mark.parametrize(
    ("terms", "form", "words"),
    [
        ({}, {"user_identity": "bo"}, "Every seat is taken."),
        ({}, {"user_identity": " "}, "This field is required."),
        ({}, {"user_identity": "ß" * 200}, "At most 254 characters."),
        ({"license_type": "SUBSCRIPTION"}, {"user_identity": "bo"}, "Devices hold the seats"),
    ],
)
def test_what_the_rule_refuses_stands_on_the_form_in_words(staff, terms, form, words):
    license = issue(**{"license_type": "NAMED_USER", "max_activations": 1} | terms).license
    if not terms:
        staff.post(address("assign-user", license), {"user_identity": "ada"})
    before = NamedUser.objects.count()
    answer = staff.post(address("assign-user", license), form)
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert NamedUser.objects.count() == before


def test_unassigning_asks_why(staff):
    issued = named()
    activate(issued.key, user_identity="ada")
    row = NamedUser.objects.get()
    answer = staff.post(address("unassign-user", issued.license, row.pk), {"reason": " "})
    assert "This field is required." in answer.content.decode()
    row.refresh_from_db()
    assert row.assigned


def test_a_name_of_another_licence_is_not_unassigned(staff):
    issued, other = named(), named()
    activate(issued.key, user_identity="ada")
    row = NamedUser.objects.get()
    answer = staff.post(address("unassign-user", other.license, row.pk), {"reason": "x"})
    assert answer.status_code == 302
    row.refresh_from_db()
    assert row.assigned


def test_who_may_only_read_sees_the_names_and_no_button():
    issued = named()
    activate(issued.key, user_identity="ada")
    reader = signed_in("licenses:read")
    page = reader.get(address("change", issued.license)).content.decode()
    assert ">ada<" in page
    assert "unassign-user" not in page
    row = NamedUser.objects.get()
    for url in (
        address("assign-user", issued.license),
        address("unassign-user", issued.license, row.pk),
    ):
        assert reader.post(url, {"user_identity": "bo", "reason": "x"}).status_code == 403


def test_a_revoked_licence_offers_no_name(staff):
    license = named().license
    staff.post(address("revoke", license), {"reason": "x"})
    assert "Assign a name" not in staff.get(address("change", license)).content.decode()


def test_a_devices_page_says_whose_it_is(staff):
    issued = named()
    activate(issued.key, user_identity="ada")
    device = issued.license.activations.get()
    page = staff.get(reverse("admin:licenses_activation_change", args=[device.pk]))
    assert "ada" in page.content.decode()
