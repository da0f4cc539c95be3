"""What applying a template would do to what was sold, on a page of the template."""

import re
from decimal import Decimal

import pytest
from django.urls import reverse

from events.models import Event
from licenses.models import License, LicenseTemplate
from tests.factories import activate, issue, make_product
from tests.licenses.services.plans import make
from tests.staff import signed_in

pytestmark = pytest.mark.django_db
FORM = {
    "max_activations": "3",
    "overage": "NONE",
    "self_service": "SEE",
    "releases_per_30_days": "",
    "grace_period_days": "30",
    "heartbeat_interval_seconds": "600",
    "feature-exports-included": "on",
    "feature-exports-default_limit": "2000",
}


@pytest.fixture
def template():
    exports = {"feature_id": "exports", "default_limit": Decimal(2000)}
    return make(
        make_product("exports", "kriging"), [exports], template_name="Solo", max_activations=3
    )


@pytest.fixture
def staff():
    return signed_in("templates:read", "licenses:read", "licenses:write")


def page(template):
    return reverse("admin:licenses_licensetemplate_simulate", args=[template.pk])


def text_of(answer):
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_it_begins_with_the_template_as_it_is_and_leads_to_applying_it(staff, template):
    issue(template_id=template.pk, max_activations=None)
    other = issue(template_id=template.pk, max_activations=9, issued_to="Fjord Survey").license

    answer = staff.get(page(template))

    text = text_of(answer)
    assert "1 licence would change" in text
    assert "Sold from it 2 Would gain 0 Would lose 1 Stay as they are 1" in text
    assert "Seats: 9 → 3" in text
    lead = reverse("admin:licenses_license_apply-template", args=[other.pk])
    assert f"{lead}?template={template.pk}" in answer.content.decode()


def test_other_terms_are_tried_and_nothing_is_written(staff, template):
    issued = issue(template_id=template.pk, max_activations=None)
    for number in range(3):
        activate(issued.key, f"device-{number}")
    before = Event.objects.count(), LicenseTemplate.objects.values().get()

    tried = FORM | {"max_activations": "1", "feature-kriging-included": "on"}
    text = text_of(staff.post(page(template), tried))

    assert "Would gain 1 Would lose 1" in text
    assert "Seats beyond the limit 2" in text
    assert "Kriging: Not granted → Granted" in text
    assert "Kriging 1 0 0" in text
    assert (Event.objects.count(), LicenseTemplate.objects.values().get()) == before
    assert License.objects.get().revision == 1


def test_untouched_features_are_those_of_the_template(staff, template):
    issue(template_id=template.pk, max_activations=None)
    assert "0 licences would change" in text_of(staff.post(page(template), FORM))


def test_a_template_that_lets_devices_be_replaced_is_tried_as_it_is(staff, template):
    LicenseTemplate.objects.update(self_service="REPLACE")
    issue(template_id=template.pk, max_activations=None)

    text = text_of(staff.post(page(template), FORM | {"self_service": "REPLACE"}))

    assert "0 licences would change" in text


def test_what_cannot_be_is_said_at_its_input(staff, template):
    text = text_of(staff.post(page(template), FORM | {"max_activations": "0"}))
    assert "Ensure this value is greater than or equal to 1." in text


def test_whoever_may_not_see_licences_sees_numbers_only(template):
    issue(template_id=template.pk, max_activations=9, issued_to="Fjord Survey")
    text = text_of(signed_in("templates:read").get(page(template)))
    assert "1 licence would change" in text
    assert "Fjord Survey" not in text


def test_a_template_that_is_not_there(staff, template):
    missing = reverse("admin:licenses_licensetemplate_simulate", args=[template.product.pk])
    assert staff.get(missing).status_code == 404
