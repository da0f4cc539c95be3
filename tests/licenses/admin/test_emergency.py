"""Staff make emergency codes, and the licence's page lists them."""

import pytest
from django.urls import reverse

from events import vault
from licenses.models import EmergencyCode
from licenses.services import emergency
from tests.factories import issue
from tests.licenses.services import need
from tests.staff import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def issued():
    return issue()


def act(license):
    return reverse("admin:licenses_license_emergency", args=[license.pk])


def story(client, license):
    page = client.get(reverse("admin:licenses_license_change", args=[license.pk]))
    return page.content.decode()


def test_both_forms_are_in_one_answer_that_nobody_stores(issued):
    client = signed_in("security:write", "security:read", "licenses:read")
    asked = client.get(act(issued.license)).content.decode()
    assert 'name="number" value="1"' in asked
    answer = client.post(act(issued.license), {"number": 1, "reason": "Asked by telephone."})
    assert "no-store" in answer["Cache-Control"]
    made = answer.context["made"]
    html = answer.content.decode()
    assert made.typed in html
    assert made.signed in html
    assert vault.digest(emergency.PURPOSE, made.typed) == made.row.typed_digest
    page = story(client, issued.license)
    assert "Asked by telephone." in page
    assert "Waits for its device" in page
    assert made.typed not in page
    assert need.redeem(issued.key, made.typed).is_new
    assert "In use" in story(client, issued.license)


def test_the_same_form_sent_again_makes_no_second_code(issued):
    client = signed_in("security:write")
    for _ in range(2):
        answer = client.post(act(issued.license), {"number": 1, "reason": "x"})
    assert "made a moment ago" in answer.content.decode()
    assert EmergencyCode.objects.count() == 1


def test_the_fourth_of_a_year_is_refused_in_words(issued):
    for _ in range(3):
        need.make(issued.license)
    answer = signed_in("security:write").post(act(issued.license), {"number": 4, "reason": "x"})
    assert "three codes of the last 365 days" in answer.content.decode()
    assert EmergencyCode.objects.count() == 3


def test_without_its_scope_there_is_neither_button_nor_list(issued):
    need.make(issued.license)
    page = story(signed_in("licenses:read"), issued.license)
    assert act(issued.license) not in page
    assert "Emergency codes" not in page
