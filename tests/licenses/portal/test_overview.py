from datetime import timedelta

import pytest

from licenses.services import lifecycle
from tests import factories
from tests.clock import NOW
from tests.licenses.portal.conftest import WALL

pytestmark = pytest.mark.django_db


@pytest.fixture
def tenant():
    return factories.make_tenant()


def page_of(client, tenant):
    return client.get(f"/t/{tenant.code}/").content.decode()


def test_what_needs_somebody_stands_gravest_first(tenant, client_of):
    ending = factories.issue(tenant=tenant, duration_days=5).license
    grace = factories.issue(tenant=tenant, at=NOW - timedelta(days=370)).license
    full = factories.issue(tenant=tenant, max_activations=2)
    for number in range(2):
        factories.activate(full.key, f"device-{number}")
    held = factories.issue(tenant=tenant).license
    lifecycle.suspend_license(license_id=held.pk, reason="x", at=NOW, origin=factories.STAFF)
    response = client_of(tenant).get(f"/t/{tenant.code}/")
    assert response.context["todo"] == [
        ("suspended", held),
        ("in_grace", grace),
        ("full", full.license),
        ("ending", ending),
    ]


def test_a_long_list_shows_a_few_of_each_kind_and_leads_to_the_rest(tenant, client_of):
    for days in (3, 4, 5):
        factories.issue(tenant=tenant, duration_days=days)
    response = client_of(tenant).get(f"/t/{tenant.code}/")
    assert len(response.context["todo"]) == 2
    assert response.context["todo_total"] == 3
    page = response.content.decode()
    assert "All 3 that end soon" in page
    assert f"/t/{tenant.code}/licenses/?status=ending" in page


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("SUSPENDED", "suspended"),
        ("in-grace", "in grace"),
        ("full", "without a free seat"),
        ("ending", "that end soon"),
    ],
)
def test_a_number_is_that_of_the_list_it_leads_to(status, words, tenant, client_of):
    for _ in range(3):
        held = factories.issue(tenant=tenant).license
        lifecycle.suspend_license(license_id=held.pk, reason="x", at=NOW, origin=factories.STAFF)
        factories.issue(tenant=tenant, at=NOW - timedelta(days=370))
        factories.issue(tenant=tenant, duration_days=5)
        factories.activate(factories.issue(tenant=tenant, max_activations=1).key)
        full = factories.issue(tenant=tenant, max_activations=2)
        for number in range(2):
            factories.activate(full.key, f"device-{number}")
    # Each of these stands on its list and needs nobody.
    factories.issue(tenant=tenant, at=NOW - timedelta(days=500))
    factories.issue(tenant=tenant, duration_days=5, auto_renewal=True)
    client = client_of(tenant)
    page = page_of(client, tenant)
    rows = client.get(f"/t/{tenant.code}/licenses/?status={status}").context["stretch"].rows
    assert f'/licenses/?status={status}">All {len(rows)} {words}</a>' in page


def test_what_renews_by_itself_needs_nobody(tenant, client_of):
    factories.issue(tenant=tenant, duration_days=5, auto_renewal=True)
    assert "Needs you" not in page_of(client_of(tenant), tenant)


def test_a_first_day_says_what_comes_next(tenant, client_of):
    page = page_of(client_of(tenant), tenant)
    assert "No licence yet" in page
    assert "In figures" not in page


def test_the_number_of_queries_does_not_grow(tenant, client_of, django_assert_num_queries):
    customer = str(factories.make_customer(tenant).pk)
    for _ in range(12):
        factories.activate(factories.issue(tenant=tenant, customer_id=customer).key)
    client = client_of(tenant)
    # Session, person, memberships; licences; three of story.
    with django_assert_num_queries(7 + WALL):
        page_of(client, tenant)


def test_another_organisations_licences_are_not_reckoned_in(tenant, client_of):
    foreign = factories.issue(issued_to="A stranger").license
    factories.issue(tenant=tenant)
    page = page_of(client_of(tenant), tenant)
    assert foreign.product_name not in page
    assert "of 1 in all" in page
