import re
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine

from licenses.models import Heartbeat
from licenses.services import lifecycle, reaping
from licenses.services.entitlements import FeatureGrant
from tests import factories
from tests.clock import NOW
from tests.licenses.portal.conftest import WALL

pytestmark = pytest.mark.django_db


def page_of(client, world):
    return client.get(world.license_url).content.decode()


@pytest.mark.parametrize("devices", [1, 3])
def test_the_number_of_queries_does_not_grow_with_the_devices(
    devices, make_world, client_of, django_assert_num_queries
):
    world = make_world(max_activations=9)
    for number in range(2, devices + 1):
        factories.activate(world.key, f"device-{number}")
    client = client_of(world.tenant)
    # Session, person, memberships; licence, units, counters, grants, restrictions, devices,
    # silent ones; three of story.
    with django_assert_num_queries(13 + WALL):
        client.get(world.license_url)


def test_devices_are_listed_longest_unseen_first(make_world, client_of):
    world = make_world(max_activations=9)
    factories.activate(world.key, "device-2")
    for device, days in zip(world.license.activations.order_by("pk"), (1, 90), strict=True):
        Heartbeat.objects.update_or_create(
            activation=device, defaults={"last_heartbeat": NOW - timedelta(days=days)}
        )
    page = page_of(client_of(world.tenant), world)
    assert page.index("PC device-2") < page.index("PC device-1")
    assert "1 not seen for over 30 days" in page


@pytest.mark.parametrize(
    ("until", "versions", "words"),
    [
        (10, {"4.2": -1},
         "Updates until 24 Mar 2026: version 4.2 is the newest so far, and what comes out until"),
        (10, {}, "Updates until 24 Mar 2026: every version that comes out until then is yours."),
        (0, {"4.2": -1},
         "Updates ended on 14 Mar 2026: version 4.2 is the newest you may run."),
        (0, {"5.0": 0},
         "Version 5.0 came out on 14 Mar 2026 and needs its maintenance renewed."),
        (0, {}, "Updates ended on 14 Mar 2026: versions that came out later are not included."),
    ],
)  # fmt: skip
def test_updates_are_told_in_plain_words(until, versions, words, make_world, client_of):
    product = factories.make_product()
    for version, days in versions.items():
        factories.release(product, version, NOW + timedelta(days=days))
    world = make_world(
        product=product,
        license_type="PERPETUAL",
        maintenance_expiry=NOW + timedelta(days=until),
    )

    page = page_of(client_of(world.tenant), world)

    assert words in " ".join(re.sub("<[^>]*>", "", page).split())


def test_a_licence_that_covers_every_version_says_nothing_of_updates(world, client_of):
    factories.release(world.license.product, "5.0", NOW)

    assert "Updates" not in page_of(client_of(world.tenant), world)


def test_only_who_may_free_a_device_is_offered_it(world, client_of):
    assert world.free_url in page_of(client_of(world.tenant, "member"), world)
    assert world.free_url not in page_of(client_of(world.tenant, "viewer"), world)


def test_features_stand_with_their_limits(make_world, client_of):
    product = factories.make_product("exports", "core", "sync")
    world = make_world(
        product=product,
        features=[
            FeatureGrant(feature_id="exports", limit_value=Decimal(2000)),
            FeatureGrant(feature_id="core"),
            FeatureGrant(feature_id="sync", enabled=False),
        ],
    )
    page = page_of(client_of(world.tenant), world)
    assert "0 of 2,000" in page
    assert "Exports: 0 of 2,000" in page
    assert "Sync, not included" in page


def test_a_licence_with_many_seats_is_drawn_as_a_meter(make_world, client_of):
    few, many = make_world(max_activations=100), make_world(max_activations=101)
    assert 'class="pips"' in page_of(client_of(few.tenant), few)
    page = page_of(client_of(many.tenant), many)
    assert 'class="pips"' not in page
    assert "<meter" in page


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lifecycle.suspend_license, "Suspended."),
        (lifecycle.park_license, "Parked."),
        (lifecycle.revoke_license, "Revoked."),
    ],
)
def test_a_bad_state_shows_the_way_out(act, words, world, client_of):
    act(license_id=world.license.pk, reason="because of it", at=NOW, origin=factories.STAFF)
    page = page_of(client_of(world.tenant), world)
    assert words in page
    assert "because of it" in page
    assert "mailto:" in page


def test_a_full_licence_says_so(make_world, client_of):
    world = make_world(max_activations=1)
    page = page_of(client_of(world.tenant), world)
    assert "Its only seat is taken." in page


@pytest.mark.parametrize(
    ("issued_days_ago", "terms", "words"),
    [
        (370, {"grace_period_days": 30}, "In grace."),
        (370, {"grace_period_days": 0}, "Expired."),
        (420, {"grace_period_days": 30}, "Suspended."),
        (5, {"expiry_basis": "FIRST_ACTIVATION", "duration_days": 30}, "Not in force yet."),
    ],
)
def test_the_clock_is_believed_before_any_job_has_run(issued_days_ago, terms, words, client_of):
    tenant = factories.make_tenant()
    at = NOW - timedelta(days=issued_days_ago)
    license = factories.issue(tenant=tenant, at=at, **terms).license
    page = client_of(tenant).get(f"/t/{tenant.code}/licenses/{license.pk}/").content.decode()
    assert words in page


def test_dates_stand_in_the_members_zone_else_the_tenants(make_world, client_of):
    late = NOW.replace(hour=23, minute=30)
    tenant = factories.make_tenant(time_zone="Asia/Tokyo")
    license = factories.issue(tenant=tenant, at=late - timedelta(days=1)).license
    url = f"/t/{tenant.code}/licenses/{license.pk}/"
    assert ">14 Mar 2026</time>" in client_of(tenant).get(url).content.decode()
    new_york = client_of(tenant, time_zone="America/New_York")
    assert ">13 Mar 2026</time>" in new_york.get(url).content.decode()
    nowhere = client_of(tenant, time_zone="Mars/Olympus")
    assert ">14 Mar 2026</time>" in nowhere.get(url).content.decode()


def test_names_are_shown_as_text_whatever_they_hold(make_world, client_of):
    world = make_world(issued_to="<script>alert(1)</script>")
    page = page_of(client_of(world.tenant), world)
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_a_reseller_sees_what_it_sold_without_its_buyers_story(client_of):
    reseller = factories.make_tenant(is_reseller=True)
    buyer = factories.make_tenant(sold_by=reseller)
    customer = factories.make_customer(buyer, name="A person of the buyer")
    license = factories.issue(tenant=buyer, customer_id=str(customer.pk)).license
    page = client_of(reseller).get(f"/t/{reseller.code}/licenses/{license.pk}/").content.decode()
    assert license.product_name in page
    assert customer.name not in page
    assert "Timeline" not in page


def test_a_page_is_in_one_language_whatever_the_browser_asks_for(world, client_of):
    client = client_of(world.tenant)
    response = client.get(world.license_url, headers={"accept-language": "de, fr;q=0.8"})
    page = response.content.decode()
    assert '<html lang="en-gb">' in page
    assert "14 Mar 2026</time>" in page


def test_where_a_licence_may_run_is_said_in_words(make_world, client_of):
    row = {"restriction_type": "TIME_BASED", "operator": "ALLOW",
           "values": ["Mon-Sun 08:00-18:00 UTC"]}  # fmt: skip
    world = make_world(restrictions=[row])
    page = page_of(client_of(world.tenant, "viewer"), world)
    assert "Where it may run" in page
    assert "Only at these times" in page
    assert "Mon-Sun 08:00-18:00 UTC" in page


def test_of_a_licence_that_runs_anywhere_nothing_is_said(world, client_of):
    assert "Where it may run" not in page_of(client_of(world.tenant), world)


def test_a_floating_licence_shows_who_holds_a_seat_until_when_and_who_let_go(
    make_world, client_of, django_assert_num_queries
):
    world = make_world(license_type="CONCURRENT", max_activations=2, max_borrow_days=14)
    factories.activate(world.key, "at-sea", borrow_days=7)
    lapsed = NOW + timedelta(minutes=30)
    reaping.reap(at=lapsed)
    with time_machine.travel(lapsed, tick=False):
        client = client_of(world.tenant)
        # One more than without leases: those that let go.
        with django_assert_num_queries(14 + WALL):
            page = client.get(world.license_url).content.decode()
    for words in ("borrowed until", "ran out", "1 of 2 devices", "14 days at most"):
        assert words in page, words
    assert page.index("PC at-sea") < page.index("PC device-1")


def test_a_full_floating_licence_says_that_a_lease_may_run_out(make_world, client_of):
    world = make_world(license_type="CONCURRENT", max_activations=1)
    assert "or its lease runs out" in page_of(client_of(world.tenant), world)


def test_cores_are_shown_as_cores(make_world, client_of):
    world = make_world(license_model="PER_CORE", max_activations=64)
    factories.activate(world.key, "rack", core_count=63)
    page = page_of(client_of(world.tenant), world)
    for words in ("All 64 cores are taken", "not declared", '<span class="num">63</span>'):
        assert words in page, words


def test_a_site_never_fills(make_world, client_of):
    world = make_world(license_model="SITE_LICENSE", max_activations=1)
    page = page_of(client_of(world.tenant), world)
    assert "1, no limit" in page
    assert "is taken" not in page
