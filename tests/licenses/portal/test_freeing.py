import pytest
from django.test import Client

from events.models import Event
from licenses.models import License
from tests import factories

pytestmark = pytest.mark.django_db


def freed(world):
    return Event.objects.filter(type="activation.deactivated", license_id=world.license.pk)


def test_asking_changes_nothing(world, client_of):
    response = client_of(world.tenant).get(world.free_url)
    assert response.status_code == 200
    assert str(world.device) in response.content.decode()
    world.device.refresh_from_db()
    assert world.device.live


@pytest.mark.parametrize("role", ["member", "admin", "owner"])
def test_a_freed_device_gives_its_seat_back(role, world, client_of):
    response = client_of(world.tenant, role).post(world.free_url, follow=True)
    assert response.redirect_chain == [(world.license_url, 302)]
    assert "is freed" in response.content.decode()
    world.device.refresh_from_db()
    assert not world.device.live
    assert License.objects.get(pk=world.license.pk).current_activations == 0
    assert freed(world).get().actor_kind == "member"


def test_pressing_twice_frees_once(world, client_of):
    client = client_of(world.tenant)
    client.post(world.free_url)
    response = client.post(world.free_url, follow=True)
    assert "was free already" in response.content.decode()
    assert freed(world).count() == 1
    assert License.objects.get(pk=world.license.pk).current_activations == 0


def test_a_device_that_is_free_offers_no_button(world, client_of):
    client = client_of(world.tenant)
    client.post(world.free_url)
    page = client.get(world.free_url).content.decode()
    assert "It is free already" in page
    assert 'method="post"' not in page


def test_a_viewer_frees_nothing(world, client_of):
    assert client_of(world.tenant, "viewer").post(world.free_url).status_code == 403
    world.device.refresh_from_db()
    assert world.device.live
    assert not freed(world).exists()


def test_the_release_limit_is_told_in_words_and_changes_nothing(world, client_of):
    License.objects.filter(pk=world.license.pk).update(releases_per_30_days=0)
    response = client_of(world.tenant).post(world.free_url)
    page = response.content.decode()
    assert response.status_code == 409
    assert "no more can be freed now" in page
    assert "RELEASE_LIMIT" not in page
    world.device.refresh_from_db()
    assert world.device.live


def test_a_form_from_elsewhere_is_refused(world):
    client = Client(enforce_csrf_checks=True)
    client.force_login(factories.make_member(world.tenant))
    response = client.post(world.free_url)
    assert response.status_code == 403
    assert "open too long" in response.content.decode()
    world.device.refresh_from_db()
    assert world.device.live
