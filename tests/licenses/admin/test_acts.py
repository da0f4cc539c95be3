"""Every act upon a licence: its button, its page, its service, and what a refusal looks like."""

import pytest
from django.urls import reverse

from events.models import Event
from licenses.admin.acts import ACT_PAGES, possible_acts
from licenses.models import License
from licenses.selectors.reasons import TOLD_TO_CUSTOMERS
from licenses.services import lifecycle
from licenses.states import Act, HoldCode, PendingCause, Status, refusal_of
from tests.clock import NOW
from tests.factories import STAFF, activate, issue, make_customer, make_product, make_template
from tests.staff import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff():
    return signed_in(superuser=True)


OF_TRIALS = {"extend", "convert"}


def in_status(status, name=""):
    """Give a licence that is in that status now, and needs no more facts for its acts."""
    product = make_product()
    terms = {"product": product}
    if name in OF_TRIALS:
        terms |= {"license_type": "TRIAL", "expiry_basis": "ISSUE"}
        make_template(product, pk=PAID)
    if status == Status.PENDING:
        return issue(pending_cause=PendingCause.APPROVAL, **terms).license
    if status == Status.EXPIRED:
        early = NOW.replace(year=NOW.year - 2)
        return issue(at=early, duration_days=30, grace_period_days=0, **terms).license
    license = issue(**terms).license
    stated = {"license_id": license.pk, "reason": "a test", "at": NOW, "origin": STAFF}
    match status:
        case Status.INACTIVE:
            lifecycle.park_license(**stated)
        case Status.SUSPENDED:
            lifecycle.suspend_license(**stated)
        case Status.REVOKED:
            lifecycle.revoke_license(**stated)
    license.refresh_from_db()
    assert license.status_at(NOW) == status
    return license


def page(license, act):
    return reverse(f"admin:licenses_license_{act}", args=[license.pk])


PAID = "0190b0c4-0000-7000-8000-000000000001"
FORMS = {
    "extend": {"days": 14, "reason": "More time"},
    "convert": {"template": PAID, "reason": "Bought"},
    "renew": {"duration_months": 12, "reason": ""},
    "suspend": {"code": "COMPLIANCE", "reason": "Abuse"},
    "reinstate": {"code": "STAFF", "reason": "Settled"},
    "transfer": {"new_issued_to": "Fjord Survey", "reason": "Sold"},
    "deliver": {"email": "buyer@brenner.example", "reason": ""},
    "emergency": {"number": 1, "reason": "The line stands."},
}
EVENTS = {
    "extend": "license.trial_extended",
    "convert": "license.converted",
    "renew": "license.renewed",
    "approve": "license.activated",
    "reinstate": "license.reinstated",
    "unpark": "license.unparked",
    "transfer": "license.transferred",
    "park": "license.parked",
    "suspend": "license.suspended",
    "reveal": "license.key_revealed",
    "reissue": "license.key_reissued",
    "deliver": "license.delivered",
    "revoke": "license.revoked",
    "emergency": "license.emergency_code_issued",
}


def test_every_act_but_that_of_a_device_has_a_page():
    assert {page.act for page in ACT_PAGES.values() if page.act} == set(Act) - {Act.ACTIVATE}
    assert set(EVENTS) == set(ACT_PAGES)


def test_a_form_says_where_the_customer_will_read_the_reason(staff):
    told = {name for name, act in ACT_PAGES.items() if act.told}
    assert told == {name for name, event in EVENTS.items() if event in TOLD_TO_CUSTOMERS}
    license = issue().license
    for name in ("suspend", "reveal"):
        html = staff.get(page(license, name)).content.decode()
        assert ("The customer sees this in the portal." in html) == (name in told)


@pytest.mark.parametrize("status", Status)
def test_the_buttons_are_the_acts_that_the_status_allows(staff, status):
    license = in_status(status)
    legal = {act.value for act in Act if refusal_of(act, status) is None} - {Act.ACTIVATE.value}
    legal -= OF_TRIALS
    if status == Status.SUSPENDED:
        legal.remove(Act.SUSPEND.value)
    shown = {act.name for act in possible_acts(license, NOW) if act.act}
    assert shown == legal
    html = staff.get(reverse("admin:licenses_license_change", args=[license.pk])).content.decode()
    for name, act in ACT_PAGES.items():
        if act.act:
            assert (f"{license.pk}/{name}/" in html) == (name in legal)


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("name", ACT_PAGES)
def test_an_act_is_done_where_it_is_legal_and_changes_nothing_elsewhere(staff, name, status):
    license = in_status(status, name)
    before = License.objects.values().get()
    events = Event.objects.count()
    possible = ACT_PAGES[name].possible(license, NOW)
    form = FORMS.get(name, {"reason": "because"})
    assert staff.get(page(license, name)).status_code == (200 if possible else 409)
    answer = staff.post(page(license, name), form)
    if possible:
        assert answer.status_code == (200 if ACT_PAGES[name].shows else 302)
        assert Event.objects.latest("sequence").type == EVENTS[name]
    else:
        assert answer.status_code == 409
        assert License.objects.values().get() == before
        assert Event.objects.count() == events


@pytest.mark.parametrize("name", sorted(set(ACT_PAGES) - {"renew", "deliver"}))
def test_an_act_without_a_reason_is_asked_for_one_and_changes_nothing(staff, name):
    act = ACT_PAGES[name]
    rows = (in_status(status, name) for status in Status)
    license = next(row for row in rows if act.possible(row, NOW))
    before = License.objects.values().get(pk=license.pk)
    form = FORMS.get(name, {}) | {"reason": " "}
    answer = staff.post(page(license, name), form)
    assert answer.status_code == 200
    assert "This field is required." in answer.content.decode()
    assert License.objects.values().get(pk=license.pk) == before


def test_what_the_rule_refuses_stands_on_the_form_in_words(staff):
    license = issue(license_type="PERPETUAL").license
    before = License.objects.values().get()
    answer = staff.post(page(license, "renew"), {"duration_months": 7, "reason": "Asked"})
    assert answer.status_code == 200
    html = answer.content.decode()
    assert "no end to move" in html
    assert 'value="7"' in html
    assert "Asked" in html
    assert License.objects.values().get() == before


def test_a_cause_that_holds_it_already_is_not_offered_again(staff):
    license = issue().license
    stated = {"license_id": license.pk, "reason": "a test", "at": NOW, "origin": STAFF}
    lifecycle.suspend_license(code=HoldCode.COMPLIANCE, **stated)
    html = staff.get(page(license, "suspend")).content.decode()
    assert 'value="STAFF"' in html
    assert 'value="COMPLIANCE"' not in html
    # Held by staff too, it offers no button, though another cause is the gravest.
    lifecycle.suspend_license(**stated)
    assert staff.get(page(license, "suspend")).status_code == 409


def test_a_trial_has_no_renew_button():
    license = issue(license_type="TRIAL", customer_id=None).license
    assert "renew" not in {act.name for act in possible_acts(license, NOW)}


def test_a_licence_whose_grace_is_over_offers_renewal_and_no_hold_to_lift():
    early = NOW.replace(year=NOW.year - 2)
    license = issue(at=early, duration_days=30, grace_period_days=10).license
    names = {act.name for act in possible_acts(license, NOW)}
    assert license.status_at(NOW) == Status.SUSPENDED
    assert "renew" in names
    assert "reinstate" not in names


def test_only_the_open_holds_are_offered_to_be_lifted(staff):
    license = in_status(Status.SUSPENDED)
    lifecycle.suspend_license(
        license_id=license.pk,
        reason="Unpaid",
        code=HoldCode.PAYMENT_FAILED,
        at=NOW,
        origin=STAFF,
    )
    html = staff.get(page(license, "reinstate")).content.decode()
    assert 'value="STAFF"' in html
    assert 'value="PAYMENT_FAILED"' in html
    assert 'value="COMPLIANCE"' not in html
    staff.post(page(license, "reinstate"), {"code": "STAFF", "reason": "Settled"})
    license.refresh_from_db()
    assert license.hold_code == "PAYMENT_FAILED"


def test_a_licence_goes_to_a_customer_of_its_own_tenant_only(staff):
    license = issue().license
    foreign = make_customer()
    form = {"new_issued_to": "Fjord", "new_customer": foreign.pk, "reason": "Sold"}
    answer = staff.post(page(license, "transfer"), form)
    assert answer.status_code == 200
    license.refresh_from_db()
    assert (license.issued_to, license.customer) == ("Brenner Ingenieure", None)


@pytest.mark.parametrize("act", ["reveal", "reissue"])
def test_a_whole_key_is_in_one_answer_that_nobody_stores(staff, act):
    issued = issue()
    asked = staff.get(page(issued.license, act)).content.decode()
    assert issued.key not in asked
    answer = staff.post(page(issued.license, act), {"reason": "Asked by the customer"})
    assert "no-store" in answer["Cache-Control"]
    html = answer.content.decode()
    assert (issued.key in html) == (act == "reveal")
    assert 'class="key key--open"' in html


def test_a_device_is_freed_on_its_licences_page(staff):
    issued = issue()
    activate(issued.key)
    device = issued.license.activations.get()
    address = reverse("admin:licenses_license_free", args=[issued.license.pk, device.pk])
    assert staff.get(address).status_code == 200
    assert device.pk == issued.license.activations.live().get().pk
    staff.post(address, {"reason": "Laptop stolen"})
    device.refresh_from_db()
    assert (device.live, device.deactivation_reason) == (False, "Laptop stolen")


def test_a_device_of_another_licence_is_not_freed(staff):
    issued, other = issue(), issue()
    activate(issued.key)
    device = issued.license.activations.get()
    address = reverse("admin:licenses_license_free", args=[other.license.pk, device.pk])
    assert staff.post(address, {"reason": "x"}).status_code == 302
    device.refresh_from_db()
    assert device.live


def test_a_licence_that_does_not_exist_is_not_found(staff):
    unknown = make_customer()
    assert staff.get(page(unknown, "suspend")).status_code == 404
    assert staff.get(reverse("admin:licenses_license_change", args=["nonsense"])).status_code == 404
