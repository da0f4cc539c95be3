import pytest

from events import trail
from events.models import Event, PersonKey
from events.trail import Origin
from licenses.selectors.reasons import REASONS
from licenses.selectors.story import story
from licenses.services import activation, lifecycle
from licenses.states import ACTS, Act
from licensing_portal.api.codes import CODES
from tests import factories
from tests.clock import NOW
from tests.licenses.services.offline.carried import DAY, answer, request

pytestmark = pytest.mark.django_db


def story_of(license, limit=50):
    return story(Event.objects.of_license(license.pk), limit=limit)


def test_the_newest_line_stands_first_and_names_the_device():
    issued = factories.issue()
    factories.activate(issued.key)
    lines = story_of(issued.license)
    assert str(lines[0].text) == "Activated"
    assert lines[0].about == "PC device-1"
    assert str(lines[-1].text) == "Issued"


def test_a_line_about_a_name_says_it_until_its_customer_is_forgotten():
    tenant = factories.make_tenant()
    customer = factories.make_customer(tenant)
    issued = factories.issue(tenant=tenant, customer_id=customer.pk, license_type="NAMED_USER")
    factories.activate(issued.key, user_identity="ada")
    assert [line.about for line in story_of(issued.license)] == ["PC device-1", "ada", ""]
    PersonKey.objects.all().delete()
    assert [line.about for line in story_of(issued.license)] == ["PC device-1", "forgotten", ""]


def test_who_did_it_is_told_and_the_vendors_staff_are_marked():
    license = factories.issue().license
    act = {"license_id": license.pk, "reason": "holiday", "at": NOW}
    lifecycle.park_license(**act, origin=Origin("member", "1", "wojcik@brenner.example"))
    parked, issued = story_of(license)
    assert (parked.actor, parked.by_person, parked.by_vendor) == (
        "wojcik@brenner.example",
        True,
        False,
    )
    assert (issued.by_vendor, issued.by_person) == (True, False)


def test_what_is_grave_and_what_is_a_landmark_bears_its_weight():
    license = factories.issue().license
    lifecycle.suspend_license(license_id=license.pk, reason="x", at=NOW, origin=factories.STAFF)
    suspended, issued = story_of(license)
    assert (suspended.weight, issued.weight) == ("warn", "big")


@pytest.mark.parametrize(
    ("event", "reason", "told", "code"),
    [
        ("license.suspended", "Not paid.", "Not paid.", ""),
        ("license.revoked", "Returned.", "Returned.", ""),
        ("license.key_revealed", "A support call.", "", ""),
        ("license.key_reissued", "It leaked.", "", ""),
        ("license.updated", "Agreed with sales.", "", ""),
        ("license.issued", "A second trial, by favour.", "", ""),
        ("activation.deactivated", "Gone.", "", ""),
        ("license.suspended", "GRACE_PERIOD_ENDED", "Renew it: ", "GRACE_PERIOD_ENDED"),
        ("activation.refused", "RESTRICTED_IP", "Use it where ", "RESTRICTED_IP"),
        ("activation.refused", "ACTIVATION_LIMIT_EXCEEDED", "Free a", "ACTIVATION_LIMIT_EXCEEDED"),
    ],
)
def test_customers_are_told_what_rules_say_and_what_staff_tell_them(event, reason, told, code):
    license = factories.issue().license
    trail.record(event, at=NOW, origin=factories.STAFF, license_id=license.pk, reason=reason)
    line = story_of(license)[0]
    assert str(line.told).startswith(told)
    assert bool(line.told) == bool(told)
    assert line.code == code
    assert line.reason


def test_whatever_refuses_a_device_has_words():
    refusals = {code for code in ACTS[Act.ACTIVATE].values() if code}
    refusals |= {f"RESTRICTED_{kind}" for kind in ("COUNTRY", "DOMAIN", "IP", "MAC", "HARDWARE")}
    refusals |= {"RESTRICTED_TIME", "ACTIVATION_LIMIT_EXCEEDED", "INVALID_FINGERPRINT"}
    refusals |= {"BORROW_NOT_ALLOWED", "VERSION_NOT_COVERED", "USER_IDENTITY_REQUIRED"}
    # The last refuses whoever makes a code, and no device.
    refusals |= {code for code in CODES if code.startswith("EMERGENCY_CODE_")}
    refusals -= {"EMERGENCY_CODE_MADE"}
    refusals |= {"REPLAYED", "PRODUCT_MISMATCH", "ACTIVATION_DEACTIVATED", "SIGNING_ROOT_ABSENT"}
    assert refusals <= set(REASONS)


def test_an_event_nobody_has_words_for_is_shown_by_its_type():
    license = factories.issue().license
    trail.record("license.polished", at=NOW, origin=factories.STAFF, license_id=license.pk)
    assert story_of(license)[0].text == "license.polished"


def test_the_number_of_queries_does_not_grow(django_assert_num_queries):
    customer = factories.make_customer()
    issued = factories.issue(
        tenant=customer.tenant, customer_id=str(customer.pk), max_activations=9
    )
    for number in range(6):
        factories.activate(issued.key, f"device-{number}")
    device = issued.license.activations.first()
    activation.deactivate(activation_id=device.pk, reason="", at=NOW, origin=factories.STAFF)
    with django_assert_num_queries(3):
        assert len(story_of(issued.license)) > 6
    assert len(story_of(issued.license, limit=2)) == 2


def test_a_device_that_goes_without_a_network_and_comes_back_is_told_so():
    issued = factories.issue()
    factories.activate(issued.key)
    answer(issued.license, request(issued.key), at=NOW + DAY)
    factories.activate(issued.key, at=NOW + 2 * DAY)
    answer(issued.license, request(issued.key, "device-2", nonce="m" * 22), at=NOW + 3 * DAY)
    lines = [str(line.text) for line in story_of(issued.license)]
    said = [line for line in lines if "network" in line]
    assert said == [
        "Activated without a network",
        "Has a network again",
        "Does without a network now",
    ]
