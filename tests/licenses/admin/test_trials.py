"""Trials on a licence's page: extended twice, converted into what fits."""

import pytest
from django.urls import reverse

from licenses.models import License
from tests.factories import issue, make_product, make_template, make_tenant
from tests.staff import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff():
    return signed_in(superuser=True)


def page(license, act):
    return reverse(f"admin:licenses_license_{act}", args=[license.pk])


def test_the_button_to_extend_is_gone_after_two(staff):
    license = issue(license_type="TRIAL").license
    for said in ("once", "2 times"):
        assert page(license, "extend") in staff.get(page(license, "change")).content.decode()
        staff.post(page(license, "extend"), {"days": 14, "reason": "More time"})
        assert f"<dd>{said}</dd>" in staff.get(page(license, "change")).content.decode()
    assert page(license, "extend") not in staff.get(page(license, "change")).content.decode()
    again = staff.post(page(license, "extend"), {"days": 14, "reason": "More time"})
    assert again.status_code == 409
    assert License.objects.get().trial_extensions == 2


def test_only_templates_that_fit_are_offered(staff):
    product, tenant = make_product(), make_tenant()
    license = issue(license_type="TRIAL", product=product, tenant=tenant).license
    fits = make_template(product, template_name="Fits", reserved_for=tenant)
    others = [
        make_template(template_name="Of another product"),
        make_template(product, template_name="Itself a trial", license_type="TRIAL"),
        make_template(product, template_name="For somebody else", reserved_for=make_tenant()),
        make_template(product, template_name="No longer sold", active=False),
    ]
    html = staff.get(page(license, "convert")).content.decode()
    assert "Fits" in html
    assert not [other for other in others if other.template_name in html]
    refused = staff.post(page(license, "convert"), {"template": others[0].pk, "reason": "x"})
    assert refused.status_code == 200
    staff.post(
        page(license, "convert"), {"template": fits.pk, "max_activations": 9, "reason": "Bought"}
    )
    license.refresh_from_db()
    assert (license.license_type, license.max_activations) == ("SUBSCRIPTION", 9)
    assert staff.get(page(license, "convert")).status_code == 409
