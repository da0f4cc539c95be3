from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from time_machine import travel

from licenses.models import Feature, License
from licenses.selectors import snapshots
from licenses.services import lifecycle, quotas, rollups
from licenses.services.entitlements import FeatureGrant
from licenses.states import Status
from tests.clock import NOW
from tests.factories import DEVICE, STAFF, activate, issue, make_customer, make_product
from tests.staff import signed_in

pytestmark = pytest.mark.django_db
LIST = "/admin/licenses/license/"


@pytest.fixture
def staff():
    return signed_in("licenses:read", "events:read", "activations:write", "licenses:write")


def found(client, **query):
    return {row.pk for row in client.get(LIST, query).context["cl"].result_list}


def page_of(license):
    return reverse("admin:licenses_license_change", args=[license.pk])


def test_a_whole_key_leads_to_its_licence_and_is_echoed_nowhere(staff):
    issued = issue()
    answer = staff.get(LIST, {"q": f" {issued.key.lower()} "})
    assert (answer.status_code, answer["Location"]) == (302, page_of(issued.license))


def test_an_unknown_key_leads_to_the_list_without_it(staff):
    issued = issue()
    License.objects.all().update(key_digest=b"another")
    answer = staff.get(LIST, {"q": issued.key})
    assert answer["Location"] == LIST
    assert issued.key not in staff.get(LIST).content.decode()


def test_licences_are_found_by_holder_customer_and_end_of_key(staff):
    customer = make_customer(name="Marta Lindqvist", email="marta@brenner.example")
    theirs = issue(
        tenant=customer.tenant, customer_id=customer.pk, issued_to="Brenner Aachen"
    ).license
    issue(issued_to="Fjord Survey")
    for words in ("aachen", "lindqv", "marta@brenner.example", f"…-{theirs.key_hint}"):
        assert found(staff, q=words) == {theirs.pk}, words


def test_the_list_is_narrowed_by_what_licences_are_now_not_by_the_stored_column(staff):
    early = NOW.replace(year=NOW.year - 1)
    behind = issue(at=early, duration_days=30, grace_period_days=0).license
    graceful = issue(at=early, duration_days=360, grace_period_days=30).license
    active = issue().license
    assert behind.status == Status.ACTIVE
    assert found(staff, now="ACTIVE") == {active.pk}
    assert found(staff, now="EXPIRED") == {behind.pk, graceful.pk}
    assert found(staff, now="IN_GRACE") == {graceful.pk}


def test_the_list_is_narrowed_by_end_product_and_full_seats(staff):
    product = make_product()
    soon = issue(duration_days=20, product=product, max_activations=1)
    issue(duration_days=200)
    activate(soon.key)
    assert found(staff, ends="30") == {soon.license.pk}
    assert found(staff, product=product.pk) == {soon.license.pk}
    assert found(staff, full="1") == {soon.license.pk}


def test_the_list_shows_hints_and_never_a_key(staff):
    issued = issue()
    html = staff.get(LIST).content.decode()
    assert f"…-{issued.license.key_hint}" in html
    assert issued.key not in html


def test_the_list_says_when_a_licence_ends_that_has_not_begun(staff):
    issue(license_type="TRIAL", duration_days=14)
    issue(license_type="PERPETUAL")
    page = staff.get(LIST).content.decode()
    assert page.count("14 days from its first device") == 1
    assert page.count("never") == 1


def test_the_list_asks_as_much_of_fifty_licences_as_of_one(staff, django_assert_num_queries):
    issue()
    staff.get(LIST)
    # Session, person, second factor, two of permissions, products for the filter, count, rows.
    with django_assert_num_queries(9):
        staff.get(LIST)
    for _ in range(5):
        customer = make_customer()
        issue(tenant=customer.tenant, customer_id=customer.pk)
    with django_assert_num_queries(9):
        staff.get(LIST)


def test_the_page_asks_as_much_of_a_full_licence_as_of_an_empty_one(
    staff, django_assert_num_queries
):
    few, many = issue(), issue(max_activations=20)
    for number in range(20):
        activate(many.key, f"device-{number}")
    for issued in (few, many):
        lifecycle.suspend_license(license_id=issued.license.pk, reason="x", at=NOW, origin=STAFF)
    asked = 19
    with django_assert_num_queries(asked):
        staff.get(page_of(many.license))
    # Nothing in its story names a device, so none is looked up.
    with django_assert_num_queries(asked - 1):
        staff.get(page_of(few.license))


def test_the_page_tells_the_whole_story(staff):
    customer = make_customer()
    issued = issue(tenant=customer.tenant, customer_id=customer.pk, max_activations=3)
    activate(issued.key)
    lifecycle.suspend_license(
        license_id=issued.license.pk, reason="Abuse reported", at=NOW, origin=STAFF
    )
    html = staff.get(page_of(issued.license)).content.decode()
    for words in (
        "status--suspended",
        "Abuse reported",
        f"…-{issued.license.key_hint}",
        customer.name,
        customer.tenant.name,
        "1 of 3 devices taken",
        "PC device-1",
        "support@tern-vale.example",
        'class="term term--big',
    ):
        assert words in html, words
    assert issued.key not in html


def test_the_story_is_told_to_whoever_may_read_events_only():
    license = issue().license
    html = signed_in("licenses:read").get(page_of(license)).content.decode()
    assert "Timeline" not in html
    assert "support@tern-vale.example" not in html


def test_whoever_may_only_look_sees_no_button():
    license = issue().license
    html = signed_in("licenses:read").get(page_of(license)).content.decode()
    for act in ("renew", "suspend", "revoke", "reveal", "change-terms"):
        assert f"/{act}/" not in html


def test_quotas_are_metered_and_use_is_drawn(staff, time_machine):
    time_machine.move_to(NOW, tick=False)
    product = make_product("exports")
    Feature.objects.filter(product=product).update(period="MONTH")
    issued = issue(
        product=product,
        features=[FeatureGrant(feature_id="exports", limit_value=Decimal(2000))],
    )
    assert 'aria-label="Usage"' not in staff.get(page_of(issued.license)).content.decode()
    quotas.consume(
        found=snapshots.by_key(issued.key, fingerprint=None),
        feature_id="exports",
        amount=Decimal(1940),
        at=NOW,
        origin=DEVICE,
    )
    rollups.roll_up()
    html = staff.get(page_of(issued.license)).content.decode()
    for words in (
        "1,940 of 2,000",
        'value="1940.0"',
        'aria-label="Usage"',
        "Exports per day for 30 days: 1,940 in all, at most 1,940 on 14 Mar.",
        "Exports per month for 12 months: 1,940 in all, at most 1,940 in March 2026.",
    ):
        assert words in html, words


def test_a_floating_licence_shows_its_leases(staff):
    issued = issue(license_type="CONCURRENT", max_activations=2, max_borrow_days=14)
    activate(issued.key, "lapsed", at=NOW - timedelta(hours=1))
    activate(issued.key, "live")
    activate(issued.key, "lent", borrow_days=3)
    with travel(NOW, tick=False):
        html = staff.get(page_of(issued.license)).content.decode()
    for words in ("2 of 2 devices taken", "Seat taken back", "borrowed until", "14 days at most"):
        assert words in html, words
    assert html.index("PC live") < html.index("PC lapsed")


def test_cores_stand_beside_each_device(staff):
    issued = issue(license_model="PER_CORE", max_activations=64)
    activate(issued.key, "rack", core_count=48)
    activate(issued.key, "silent about it")
    html = staff.get(page_of(issued.license)).content.decode()
    for words in ("49 of 64 cores taken", '<span class="num">48</span>', "not declared"):
        assert words in html, words
