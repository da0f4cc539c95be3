"""Files that members carry to devices, and the receipts that they bring back."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from events.models import Event
from licenses.models import IssuedFile, License
from licenses.services import lifecycle
from licenses.signing import Kind
from tests import factories
from tests.clock import NOW
from tests.licenses.services.offline.carried import DAY, OTHER_KEY, answer, claims_of, request
from tests.licenses.services.offline.test_receipts import receipt

pytestmark = pytest.mark.django_db


@pytest.fixture
def offline_world(world):
    """Its device does without a network."""
    answer(world.license, request(world.key))
    world.device.refresh_from_db()
    return world


def url(world, name):
    ids = {"activation_id": world.device.pk} if name == "device-file" else {}
    return world.url(name, license_id=world.license.pk, **ids)


def text_of(response):
    return response.content.decode()


@pytest.mark.parametrize(("days", "lasts"), [("", 14), ("3", 3)])
def test_a_licence_file_is_bound_to_no_device_and_takes_no_seat(days, lasts, world, client_of):
    response = client_of(world.tenant, "member").post(
        url(world, "license-file"), {"ttl_days": days}
    )
    assert response["Content-Disposition"].startswith("attachment")
    assert "no-store" in response["Cache-Control"]
    told = claims_of(text_of(response), Kind.LICENSE_FILE)
    assert told["sub"] == str(world.license.pk)
    assert "dev" not in told
    row = IssuedFile.objects.get()
    assert row.expires_at - row.issued_at == lasts * DAY
    assert License.objects.get(pk=world.license.pk).current_activations == 1
    assert Event.objects.get(type="license.file_issued").actor_kind == "member"


def test_an_offline_device_gets_its_next_file(offline_world, client_of):
    client = client_of(offline_world.tenant, "member")
    page = text_of(client.get(url(offline_world, "device-file")))
    assert "See its response again" in page
    assert "The device’s fingerprint" not in page
    response = client.post(url(offline_world, "device-file"), {"ttl_days": ""})
    told = claims_of(text_of(response), Kind.DEVICE_FILE)
    assert (told["dev"], told["seq"]) == (str(offline_world.device.pk), 2)


def test_a_device_that_never_had_a_file_has_to_be_named(world, client_of):
    client = client_of(world.tenant)
    assert "The device’s fingerprint" in text_of(client.get(url(world, "device-file")))
    refused = client.post(url(world, "device-file"), {"ttl_days": "5"})
    assert refused.status_code == 409
    assert "it has to be said once" in text_of(refused)
    wrong = client.post(url(world, "device-file"), {"device_fingerprint": "device-2"})
    assert wrong.status_code == 409
    assert "it is another device’s" in text_of(wrong)
    assert not IssuedFile.objects.exists()
    named = client.post(url(world, "device-file"), {"device_fingerprint": "device-1"})
    assert claims_of(text_of(named), Kind.DEVICE_FILE)["dev"] == str(world.device.pk)


@pytest.mark.parametrize("name", ["license-file", "device-file"])
@pytest.mark.parametrize("days", ["0", "91", "-1", "many", "9" * 40])
def test_days_that_cannot_be_are_told_on_the_form(days, name, offline_world, client_of):
    response = client_of(offline_world.tenant).post(url(offline_world, name), {"ttl_days": days})
    assert response.status_code == 400
    assert 'aria-invalid="true"' in text_of(response)
    assert IssuedFile.objects.count() == 1


@pytest.mark.parametrize("name", ["license-file", "device-file"])
def test_of_a_suspended_licence_no_file_is_made(name, offline_world, client_of):
    lifecycle.suspend_license(
        license_id=offline_world.license.pk, reason="x", at=NOW, origin=factories.STAFF
    )
    response = client_of(offline_world.tenant).post(url(offline_world, name))
    assert response.status_code == 409
    assert "Have the suspension lifted" in text_of(response)
    assert IssuedFile.objects.count() == 1


@pytest.mark.parametrize("way", ["pasted", "file"])
def test_a_receipt_frees_its_device_once(way, offline_world, client_of):
    text = receipt(offline_world.device.pk)
    client = client_of(offline_world.tenant, "member")
    for _ in range(2):
        file = SimpleUploadedFile("press.txt", text.encode())
        given = {"code": text} if way == "pasted" else {"file": file}
        page = client.post(url(offline_world, "offline-receipt"), given, follow=True)
        assert "holds no seat any more" in text_of(page)
    offline_world.device.refresh_from_db()
    assert not offline_world.device.live
    assert Event.objects.filter(type="activation.deactivated").count() == 1


def forged(world, other):
    return {
        "junk": "hello",
        "another key": receipt(world.device.pk, by=OTHER_KEY),
        "another licence": receipt(other.activation_id),
        "no device": receipt("nobody"),
    }


@pytest.mark.parametrize("case", ["junk", "another key", "another licence", "no device"])
def test_what_is_no_receipt_of_this_licence_frees_nothing(case, offline_world, client_of):
    issued = factories.issue(tenant=offline_world.tenant)
    other = answer(issued.license, request(issued.key, "device-2"))
    response = client_of(offline_world.tenant).post(
        url(offline_world, "offline-receipt"), {"code": forged(offline_world, other)[case]}
    )
    assert response.status_code == 409
    assert "Nothing was changed." in text_of(response)
    assert not Event.objects.filter(type="activation.deactivated").exists()


def test_who_frees_an_offline_device_is_told_that_it_hears_of_nothing(offline_world, client_of):
    page = text_of(client_of(offline_world.tenant).get(offline_world.free_url))
    assert "hears of nothing without a network" in page
    assert url(offline_world, "offline-receipt") in page


def test_an_offline_devices_row_leads_to_its_file(offline_world, client_of):
    page = text_of(client_of(offline_world.tenant).get(offline_world.license_url))
    assert url(offline_world, "device-file") in page
    viewer = text_of(client_of(offline_world.tenant, "viewer").get(offline_world.license_url))
    assert url(offline_world, "device-file") not in viewer
