"""Restrictions in the admin: stated a line each, told at their rows, shown in words."""

import pytest
from django.urls import reverse

from events.models import Event
from licenses.models import License, LicenseTemplate
from licenses.services.changing import change_license
from tests.clock import NOW
from tests.factories import STAFF, issue, make_customer, make_product, make_template
from tests.licenses.admin.test_catalog import TEMPLATE, features, rows
from tests.staff import signed_in

pytestmark = pytest.mark.django_db
MAC = "00:1a:2b:3c:4d:5e"


@pytest.fixture
def staff():
    return signed_in("licenses:read", "licenses:write", "templates:read", "templates:write")


def page(license):
    return reverse("admin:licenses_license_change-terms", args=[license.pk])


def form_of(client, license, **changed):
    """Give what a browser would send if only `changed` was touched."""
    context = client.get(page(license)).context
    stated = {}
    for form in [context["form"], *context["grants"], *context["restrictions"]]:
        for field in form:
            value = field.value()
            if value is not None and value is not False:
                stated[field.html_name] = "on" if value is True else str(value)
    return {**stated, "reason": "Agreed on the telephone"} | changed


def restricted():
    row = {"restriction_type": "MAC_ADDRESS", "operator": "ALLOW", "values": [MAC]}
    return issue(restrictions=[row]).license


def told_of(license):
    return [
        (row.restriction_type, row.operator, row.shown_values)
        for row in license.restrictions.order_by("position")
    ]


def test_restrictions_are_stated_one_value_a_line(staff):
    license = issue().license
    stated = {
        "restriction-0-restriction_type": "DOMAIN",
        "restriction-0-operator": "ALLOW",
        "restriction-0-values": "*.brenner.example\r\n\r\n Brenner.example ",
        "restriction-1-restriction_type": "TIME_BASED",
        "restriction-1-operator": "DENY",
        "restriction-1-values": "sat,sun 00:00-24:00 Europe/Berlin",
    }
    staff.post(page(license), form_of(staff, license, **stated))
    assert told_of(license) == [
        ("DOMAIN", "ALLOW", ["*.brenner.example", "brenner.example"]),
        ("TIME_BASED", "DENY", ["Sat,Sun 00:00-24:00 Europe/Berlin"]),
    ]
    assert Event.objects.latest("sequence").reason == "Agreed on the telephone"


def test_what_was_not_touched_stays_as_it_was_kept(staff):
    license = restricted()
    before = list(license.restrictions.values())
    staff.post(page(license), form_of(staff, license, max_activations=9))
    assert list(license.restrictions.values()) == before
    assert set(Event.objects.latest("sequence").changes) == {"max_activations"}


def test_a_row_without_a_kind_is_gone(staff):
    license = restricted()
    staff.post(page(license), form_of(staff, license, **{"restriction-0-restriction_type": ""}))
    assert not license.restrictions.exists()


def test_a_card_is_added_beside_one_of_which_only_the_end_is_shown(staff):
    license = restricted()
    both = {"restriction-0-values": "****d:5e\n00:1a:2b:3c:4d:ff"}
    staff.post(page(license), form_of(staff, license, **both))
    assert told_of(license) == [("MAC_ADDRESS", "ALLOW", ["****d:5e", "****d:ff"])]


def test_a_value_that_cannot_be_is_told_at_its_row_and_line(staff):
    license = restricted()
    wrong = {
        "restriction-1-restriction_type": "IP_RANGE",
        "restriction-1-values": "10.0.0.0/8\n10.0.0.0/99",
    }
    answer = staff.post(page(license), form_of(staff, license, **wrong))
    fields = answer.context["restrictions"][1].errors
    assert list(fields) == ["values"]
    assert fields["values"][0].startswith("Line 2: A network like")
    assert answer.context["form"].errors == {}
    assert License.objects.get().revision == 1


def test_somebody_elses_restrictions_meanwhile_are_not_overwritten(staff):
    license = restricted()
    form = form_of(staff, license, **{"restriction-0-restriction_type": ""})
    change_license(license_id=license.pk, changes={"max_activations": 5}, at=NOW, origin=STAFF)
    answer = staff.post(page(license), form)
    assert "Somebody changed this licence" in answer.content.decode()
    assert license.restrictions.count() == 1


def test_every_kind_says_what_may_stand_there(staff):
    html = staff.get(page(issue().license)).content.decode()
    for word in ("Two letters a country", "*.example.com", "192.0.2.0/24", MAC, "Europe/Berlin"):
        assert word in html
    html = staff.get("/admin/licenses/licensetemplate/add/").content.decode()
    assert "Two letters a country" in html
    assert "The first device ties it to" in html or "the first device ties it to" in html.lower()


def test_a_licence_is_issued_with_restrictions_of_its_own(staff):
    address = reverse("admin:licenses_license_add")
    ticket = staff.get(address).context["form"]["ticket"].value()
    form = {
        "template": make_template().pk,
        "customer": make_customer().pk,
        "ticket": ticket,
        "restriction-0-restriction_type": "GEOGRAPHIC",
        "restriction-0-operator": "ALLOW",
        "restriction-0-values": "de\nAT",
    }
    wrong = staff.post(address, form | {"restriction-0-values": "Germany"})
    assert "ISO 3166" in wrong.content.decode()
    assert not License.objects.exists()
    staff.post(address, form)
    assert told_of(License.objects.get()) == [("GEOGRAPHIC", "ALLOW", ["DE", "AT"])]


def test_the_page_of_a_licence_says_in_words_where_it_may_run(staff):
    license = restricted()
    html = staff.get(reverse("admin:licenses_license_change", args=[license.pk])).content.decode()
    assert "Only on these network cards" in html
    assert "****d:5e" in html
    assert MAC not in html
    html = staff.get(
        reverse("admin:licenses_license_change", args=[issue().license.pk])
    ).content.decode()
    assert "Where, when and on what" not in html


def test_a_template_is_restricted_and_its_row_taken_away(staff):
    row = {
        "restriction_type": "MAC_ADDRESS",
        "operator": "DENY",
        "default_values": f"{MAC}\n00:1a:2b:3c:4d:ff",
    }
    form = (
        TEMPLATE
        | features()
        | rows("pricing")
        | rows("volume_discounts")
        | {"bind_on_first_activation": "DOMAIN"}
    )
    product = {"product": make_product().pk}
    staff.post("/admin/licenses/licensetemplate/add/", form | product | rows("restrictions", row))
    template = LicenseTemplate.objects.get()
    held = template.restrictions.get()
    assert held.shown_values == ["****d:5e", "****d:ff"]
    assert (held.configurable, template.bind_on_first_activation) == (False, "DOMAIN")
    address = reverse("admin:licenses_licensetemplate_change", args=[template.pk])
    assert "****d:ff" in staff.get(address).content.decode()

    kept = row | {"id": held.pk, "default_values": "****d:ff"}
    staff.post(address, form | rows("restrictions", kept, held=1))
    assert template.restrictions.get().shown_values == ["****d:ff"]

    gone = kept | {"id": template.restrictions.get().pk, "DELETE": "on"}
    staff.post(address, form | rows("restrictions", gone, held=1))
    assert not template.restrictions.exists()


def test_what_a_template_cannot_restrict_to_is_told_on_the_form(staff):
    row = {"restriction_type": "DOMAIN", "operator": "ALLOW", "default_values": "a b"}
    form = (
        TEMPLATE
        | features()
        | rows("pricing")
        | rows("volume_discounts")
        | {"product": make_product().pk}
    )
    answer = staff.post("/admin/licenses/licensetemplate/add/", form | rows("restrictions", row))
    assert "A host like app.example.com" in answer.content.decode()
    assert not LicenseTemplate.objects.exists()
