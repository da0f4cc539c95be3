"""Staff check a licence and hear in words what is not as it was issued."""

import pytest
from django.urls import reverse

from licenses.admin.integrity import WORDS, words_of
from licenses.models import License
from licenses.services.integrity import Difference
from tests.factories import issue
from tests.staff import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def license():
    return issue().license


def page(license):
    return reverse("admin:licenses_license_integrity", args=[license.pk])


def test_an_honest_licence_is_said_to_be_one(license):
    client = signed_in("security:read", "licenses:read")
    story = client.get(reverse("admin:licenses_license_change", args=[license.pk]))
    assert page(license) in story.content.decode()
    html = client.get(page(license)).content.decode()
    assert "Nothing was changed behind the portal’s back." in html
    assert "The file is genuine" not in html


def test_what_differs_is_said_in_words(license):
    License.objects.update(max_activations=900, current_activations=2)
    html = signed_in("security:read").get(page(license)).content.decode()
    assert "The trail tells something else: seats." in html
    assert "another number of seats" in html
    assert "ROW_NOT_AS_TOLD" not in html


def test_a_pasted_file_is_checked_too(license):
    html = signed_in("security:read").post(page(license), {"signature": "a.b.c"}).content.decode()
    assert "The file is not to be believed: MALFORMED." in html
    assert "a.b.c" in html


@pytest.mark.parametrize("code", WORDS)
def test_every_code_has_words_that_name_the_field(code):
    field = "features" if "%(field)s" in str(WORDS[code]) else ""
    said = words_of(Difference(code, field))
    assert said.endswith(".")
    assert field in said
