from datetime import timedelta

import pytest

from licenses.models import License
from licenses.selectors import portfolio
from licenses.services import lifecycle
from tests import factories
from tests.clock import NOW

pytestmark = pytest.mark.django_db

YEAR_AND_A_DAY = NOW - timedelta(days=366)


@pytest.fixture
def tenant():
    return factories.make_tenant()


def taken_together(tenant, at=NOW):
    return portfolio.portfolio_of(License.objects.filter(tenant=tenant), at=at)


def held(license):
    lifecycle.suspend_license(license_id=license.pk, reason="x", at=NOW, origin=factories.STAFF)


def test_what_is_in_grace_is_in_force_and_what_is_held_is_not(tenant):
    active = factories.issue(tenant=tenant).license
    grace = factories.issue(tenant=tenant, at=YEAR_AND_A_DAY, grace_period_days=30).license
    held(factories.issue(tenant=tenant).license)
    factories.issue(tenant=tenant, at=YEAR_AND_A_DAY, grace_period_days=0)
    found = taken_together(tenant)
    assert set(found.in_force) == {active, grace}
    assert found.in_grace == [grace]


def test_what_ends_within_a_month_is_named_soonest_first(tenant):
    later = factories.issue(tenant=tenant, duration_days=29).license
    sooner = factories.issue(tenant=tenant, duration_days=3).license
    factories.issue(tenant=tenant, duration_days=31)
    assert taken_together(tenant).ending == [sooner, later]


def test_what_ended_long_ago_needs_nobody(tenant):
    factories.issue(tenant=tenant, at=NOW - timedelta(days=500), grace_period_days=30)
    lately = factories.issue(tenant=tenant, at=NOW - timedelta(days=400), grace_period_days=30)
    found = taken_together(tenant)
    assert found.needing["suspended"] == [lately.license]
    assert len(found.suspended) == 2


def test_seats_are_summed_over_what_is_in_force_and_can_fill(tenant):
    full = factories.issue(tenant=tenant, max_activations=2)
    for number in range(2):
        factories.activate(full.key, f"device-{number}")
    factories.issue(tenant=tenant, max_activations=10)
    factories.issue(tenant=tenant, max_activations=10, overage="UNLIMITED")
    held(factories.issue(tenant=tenant, max_activations=10).license)
    found = taken_together(tenant)
    assert found.seats == (2, 12)
    assert found.full == [full.license]
    assert found.closest_to_full[0] == full.license


def test_what_never_ends_stands_last_in_the_year_ahead(tenant):
    endless = factories.issue(tenant=tenant, license_type="PERPETUAL").license
    ending = factories.issue(tenant=tenant).license
    assert taken_together(tenant).ahead == [ending, endless]


def test_more_than_can_be_looked_at_is_said(tenant, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(portfolio, "LOOKED_AT", 2)
    for _ in range(3):
        factories.issue(tenant=tenant)
    with django_assert_num_queries(1):
        found = taken_together(tenant)
    assert found.there_are_more
    assert len(found.licenses) == 2


def test_products_are_those_of_the_licences(tenant):
    product = factories.make_product()
    factories.make_product()
    factories.issue(tenant=tenant, product=product)
    factories.issue(tenant=tenant, product=product)
    assert portfolio.products_among(License.objects.filter(tenant=tenant)) == [product]


@pytest.mark.parametrize(("many", "shown"), [(2, [0, 1]), (4, [0, 1, 2, 3]), (10, [0, 3, 6, 9])])
def test_a_spread_reaches_from_the_first_to_the_last(many, shown):
    assert portfolio.spread(list(range(many)), 4) == shown
