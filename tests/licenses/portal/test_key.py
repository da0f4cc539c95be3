import pytest
from django.test import Client

from events.models import Event
from licenses.models import License
from tests import factories

pytestmark = pytest.mark.django_db


def shown(world):
    return Event.objects.filter(type="license.key_revealed", license_id=world.license.pk)


@pytest.fixture
def url(world):
    return world.url("key", license_id=world.license.pk)


def test_looking_at_the_page_shows_nothing(world, url, client_of):
    response = client_of(world.tenant).get(url)
    assert response.status_code == 200
    assert world.key not in response.content.decode()
    assert not shown(world).exists()


@pytest.mark.parametrize("role", ["owner", "admin"])
def test_asking_shows_the_key_once_and_the_trail_tells_by_whom(role, world, url, client_of):
    client = client_of(world.tenant, role)
    response = client.post(url)
    assert world.key in response.content.decode()
    event = shown(world).get()
    assert event.actor_kind == "member"
    assert world.key not in str(event.changes) + event.reason
    assert world.key not in client.get(url).content.decode()


def test_the_key_is_kept_by_no_browser_and_leaves_the_screen(world, url, client_of):
    response = client_of(world.tenant).post(url)
    assert "no-store" in response["Cache-Control"]
    assert response["Refresh"] == f"300; url={world.license_url}"


@pytest.mark.parametrize("role", ["member", "viewer"])
def test_who_may_not_sees_neither_button_nor_key(role, world, url, client_of):
    client = client_of(world.tenant, role)
    assert url not in client.get(world.license_url).content.decode()
    response = client.post(url)
    assert response.status_code == 403
    assert world.key not in response.content.decode()
    assert not shown(world).exists()


def test_who_signed_in_a_while_ago_is_asked_for_the_password_again(world, url):
    client = Client()
    user = factories.make_member(world.tenant)
    client.force_login(user)
    asked = client.get(url)
    assert asked.status_code == 302
    assert asked.url == f"/accounts/reauthenticate/?next={url.replace('/', '%2F')}"
    assert client.post(asked.url, {"password": "wrong"}).status_code == 200
    assert client.get(url).status_code == 302
    answered = client.post(asked.url, {"password": factories.PASSWORD, "next": url})
    assert (answered.status_code, answered.url) == (302, url)
    assert world.key in client.post(url).content.decode()


def test_asking_too_late_shows_nothing_and_asks_first(world, url):
    client = Client()
    client.force_login(factories.make_member(world.tenant))
    response = client.post(url)
    assert (response.status_code, response.url) == (302, url)
    assert not shown(world).exists()


def test_a_reseller_sees_the_licence_and_never_its_key(client_of):
    reseller = factories.make_tenant(is_reseller=True)
    buyer = factories.make_tenant(sold_by=reseller)
    issued = factories.issue(tenant=buyer)
    client = client_of(reseller)
    page = f"/t/{reseller.code}/licenses/{issued.license.pk}/"
    assert client.get(page).status_code == 200
    assert client.get(f"{page}key/").status_code == 404
    response = client.post(f"{page}key/")
    assert response.status_code == 404
    assert issued.key not in response.content.decode()
    assert License.objects.get(pk=issued.license.pk).revision == issued.license.revision
