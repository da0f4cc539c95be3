"""The names on a licence, as its owner sees and frees them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from licenses.models import License, NamedUser
from licenses.services import named_users
from tests import factories
from tests.clock import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(make_world):
    return make_world(license_type="NAMED_USER", max_activations=2)


def free_url(world):
    return world.url("free-name", license_id=world.license.pk, user_id=world.named.pk)


def page_of(client, url):
    return client.get(url).content.decode()


def test_the_licence_names_who_holds_its_seats(world, client_of):
    page = page_of(client_of(world.tenant), world.license_url)
    assert "1 of 2 names" in page
    assert ">ada<" in page
    assert "ada · " in page
    assert free_url(world) in page


def test_where_devices_hold_the_seats_no_names_are_shown(make_world, client_of):
    world = make_world()
    page = page_of(client_of(world.tenant), world.license_url)
    assert 'id="names"' not in page
    assert 'class="pips"' in page


def test_a_licence_without_a_name_says_how_one_comes(client_of):
    tenant = factories.make_tenant()
    license = factories.issue(tenant=tenant, license_type="NAMED_USER").license
    page = page_of(client_of(tenant), f"/t/{tenant.code}/licenses/{license.pk}/")
    assert "Nobody yet." in page


@pytest.mark.parametrize("role", list(Role))
def test_only_who_may_free_a_device_is_offered_to_free_a_name(role, world, client_of):
    page = page_of(client_of(world.tenant, role), world.license_url)
    assert (free_url(world) in page) == (role != Role.VIEWER)


def test_freeing_a_name_says_what_will_happen_and_does_it(world, client_of):
    client = client_of(world.tenant)
    asked = page_of(client, free_url(world))
    assert "Free this seat?" in asked
    assert "<dd>ada</dd>" in asked
    done = client.post(free_url(world), follow=True)
    assert "The seat of ada is free for another name." in done.content.decode()
    world.device.refresh_from_db()
    assert not world.device.live
    assert License.objects.get().current_activations == 0
    again = client.post(free_url(world), follow=True)
    assert "ada was unassigned already." in again.content.decode()
    assert "It is free already" in page_of(client, free_url(world))


def test_freeing_a_device_of_a_name_leaves_it_the_seat(world, client_of):
    client = client_of(world.tenant)
    assert "The name keeps its seat" in page_of(client, world.free_url)
    done = client.post(world.free_url, follow=True)
    assert "Its name keeps the seat." in done.content.decode()
    assert License.objects.get().current_activations == 1


def test_too_many_freed_names_are_refused_in_words(world, client_of):
    License.objects.update(releases_per_30_days=0)
    refused = client_of(world.tenant).post(free_url(world))
    assert refused.status_code == 409
    assert "no more can be freed now" in refused.content.decode()
    assert NamedUser.objects.get().assigned


def test_a_full_licence_speaks_of_names(world, client_of):
    assign(world, "bo")
    page = page_of(client_of(world.tenant), world.license_url)
    assert "All 2 names are taken." in page
    assert "The next name is turned away." in page


def assign(world, identity):
    named_users.assign(
        license_id=world.license.pk, identity=identity, at=NOW, origin=factories.STAFF
    )


def test_all_names_have_a_page_on_which_they_are_sought(make_world, client_of):
    world = make_world(license_type="NAMED_USER", max_activations=20)
    for number in range(12):
        assign(world, f"user-{number:02}")
    client = client_of(world.tenant)
    url = world.url("names", license_id=world.license.pk)
    assert "All 13 names" in page_of(client, world.license_url)
    assert page_of(client, url).count("Free this seat") == 13
    found = page_of(client, f"{url}?q=USER-07")
    assert found.count("Free this seat") == 1
    assert "No name like that has a seat." in page_of(client, f"{url}?q=nobody")


def test_whoever_sold_it_on_sees_how_many_names_there_are_and_none_of_them(client_of):
    reseller = factories.make_tenant(is_reseller=True)
    buyer = factories.make_tenant(sold_by=reseller)
    issued = factories.issue(tenant=buyer, license_type="NAMED_USER")
    factories.activate(issued.key, user_identity="somebody")
    base = f"/t/{reseller.code}/licenses/{issued.license.pk}/"
    client = client_of(reseller)
    row = issued.license.named_users.get()
    for page in (base, f"{base}names/", f"{base}devices/"):
        assert "somebody" not in page_of(client, page)
    assert "1 of 3 names" in page_of(client, base)
    assert client.post(f"{base}names/{row.pk}/free/").status_code == 404


def test_a_name_is_shown_as_text_whatever_it_holds(make_world, client_of):
    world = make_world(license_type="NAMED_USER")
    assign(world, "<script>alert(1)</script>")
    page = page_of(client_of(world.tenant), world.license_url)
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_many_names_take_as_many_queries_as_one(world, make_world, client_of):
    many = make_world(license_type="NAMED_USER", max_activations=20)
    for number in range(9):
        factories.activate(many.key, f"device-{number}", user_identity=f"user-{number}")
    asked = []
    for each in (world, many):
        client = client_of(each.tenant)
        with CaptureQueriesContext(connection) as queries:
            client.get(each.license_url)
        asked.append(len(queries))
    assert asked[0] == asked[1]
