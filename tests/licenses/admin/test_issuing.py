import re

import pytest
from django.urls import reverse

from events.models import Event
from licenses.models import License
from tests.factories import issue, make_customer, make_template, make_tenant
from tests.staff import signed_in

pytestmark = pytest.mark.django_db
PAGE = "/admin/licenses/license/add/"


@pytest.fixture
def staff():
    return signed_in("licenses:write", "licenses:read")


def ticket_of(client):
    html = client.get(PAGE).content.decode()
    return re.search(r'name="ticket" value="([^"]+)"', html)[1]


def ask(client, **fields):
    return client.post(PAGE, {"ticket": ticket_of(client)} | fields)


def test_a_licence_is_issued_with_the_templates_terms_and_its_key_shown_once(staff):
    customer, template = make_customer(), make_template(max_activations=7)
    answer = ask(staff, template=template.pk, customer=customer.pk)
    license = License.objects.get()
    key = re.search(r'key--open">([^<]+)<', answer.content.decode())[1]
    assert key.endswith(license.key_hint)
    assert "no-store" in answer["Cache-Control"]
    assert (license.tenant, license.customer) == (customer.tenant, customer)
    assert (license.max_activations, license.issued_to) == (7, customer.name)
    page = staff.get(reverse("admin:licenses_license_change", args=[license.pk]))
    assert key not in page.content.decode()


def test_what_was_agreed_differently_is_stated(staff):
    tenant, template = make_tenant(), make_template()
    ask(
        staff,
        template=template.pk,
        tenant=tenant.pk,
        issued_to="Fjord",
        max_activations=25,
        overage="1.5X",
        last_day="2026-12-31",
        grace_period_days=3,
        maintenance_day="2027-01-31",
        waits="on",
    )
    license = License.objects.get()
    assert license.expiry_date.isoformat() == "2027-01-01T00:00:00+00:00"
    assert license.maintenance_expiry.isoformat() == "2027-02-01T00:00:00+00:00"
    assert (license.issued_to, license.max_activations, license.capacity) == ("Fjord", 25, 37)
    assert (license.grace_period_days, license.pending_cause) == (3, "APPROVAL")


def test_sending_the_same_form_again_issues_nothing_again(staff):
    form = {
        "template": make_template().pk,
        "customer": make_customer().pk,
        "ticket": ticket_of(staff),
    }
    assert staff.post(PAGE, form).status_code == 200
    assert staff.post(PAGE, form).status_code == 302
    assert License.objects.count() == 1


def test_of_two_requests_that_hold_one_ticket_one_issues(staff):
    form = {
        "template": make_template().pk,
        "customer": make_customer().pk,
        "ticket": ticket_of(staff),
    }
    at_once = dict(staff.session)
    assert staff.post(PAGE, form).status_code == 200
    # The second was let in before the first had spent the ticket.
    session = staff.session
    session.update(at_once)
    session.save()
    assert staff.post(PAGE, form).status_code == 302
    assert License.objects.count() == 1


def test_a_refused_form_may_be_sent_again(staff):
    form = {
        "template": make_template().pk,
        "customer": make_customer().pk,
        "ticket": ticket_of(staff),
    }
    assert staff.post(PAGE, form | {"last_day": "2020-01-01"}).status_code == 200
    assert not License.objects.exists()
    assert staff.post(PAGE, form).status_code == 200
    assert License.objects.count() == 1


def test_a_ticket_is_worth_nothing_in_another_session(staff):
    form = {
        "template": make_template().pk,
        "customer": make_customer().pk,
        "ticket": ticket_of(staff),
    }
    other = signed_in("licenses:write")
    assert other.post(PAGE, form).status_code == 302
    assert not License.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"last_day": "2026-03-13"}, "never have worked|Before the licence was issued"),
        ({"customer": ""}, "Choose a customer, or a tenant"),
        ({"max_activations": "0"}, "greater than or equal to 1"),
        ({"template": ""}, "This field is required"),
    ],
)
def test_what_is_refused_comes_back_in_words_and_issues_nothing(staff, wrong, words):
    form = {"template": make_template().pk, "customer": make_customer().pk} | wrong
    answer = ask(staff, **form)
    assert answer.status_code == 200
    assert re.search(words, answer.content.decode())
    assert not License.objects.exists()
    assert not Event.objects.exists()


def test_a_customer_of_another_tenant_is_refused(staff):
    answer = ask(
        staff, template=make_template().pk, customer=make_customer().pk, tenant=make_tenant().pk
    )
    assert "no such customer in this tenant" in answer.content.decode()
    assert not License.objects.exists()


def test_a_template_reserved_for_another_tenant_is_refused(staff):
    template = make_template(reserved_for=make_tenant(name="Fjord Survey"))
    answer = ask(staff, template=template.pk, customer=make_customer().pk)
    assert "only for Fjord Survey" in answer.content.decode()
    assert "not on offer to this tenant" in answer.content.decode()
    assert not License.objects.exists()


def test_a_second_trial_needs_a_reason(staff):
    customer, template = make_customer(), make_template(license_type="TRIAL")
    issue(tenant=customer.tenant, customer_id=customer.pk, template_id=template.pk,
          license_type=None, license_model=None)  # fmt: skip
    form = {"template": template.pk, "customer": customer.pk}
    assert "has had a trial" in ask(staff, **form).content.decode()
    ask(staff, **form, trial_override_reason="Their laptop burnt")
    assert License.objects.count() == 2


def test_a_lease_is_the_templates_unless_stated(staff):
    tenant = make_tenant()
    template = make_template(license_type="CONCURRENT", lease_seconds=900, max_borrow_days=14)
    ask(staff, template=template.pk, tenant=tenant.pk)
    ask(staff, template=template.pk, tenant=tenant.pk, lease_seconds=60, max_borrow_days=3)
    leases = License.objects.order_by("id").values_list("lease_seconds", "max_borrow_days")
    assert list(leases) == [(900, 14), (60, 3)]
    ask(staff, template=template.pk, tenant=tenant.pk, max_borrow_days=91)
    assert License.objects.count() == 2
