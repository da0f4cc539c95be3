"""Every page of the portal: who may open it, and what a stranger sees of it."""

from copy import deepcopy
from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client
from django.urls import get_resolver, reverse

from accounts.models import Membership, Tenant
from accounts.roles import MAY, Role
from events.models import Event
from events.services.webhooks.endpoints import create_endpoint
from licenses.models import IssuedFile, License
from tests import factories
from tests.clock import NOW
from tests.kept import kept
from tests.licenses.portal.conftest import make_world
from tests.licenses.services.offline.carried import answer, request

pytestmark = pytest.mark.django_db

# Every page with the scope that opens it; `rows` are the parts of its address that name a row.
PAGES = {
    "emails": ("members:write", ()),
    "overview": ("licenses:read", ()),
    "licenses": ("licenses:read", ()),
    "license": ("licenses:read", ("license_id",)),
    "key": ("licenses:reveal", ("license_id",)),
    "emergency": ("security:write", ("license_id",)),
    "devices": ("activations:read", ("license_id",)),
    "free-device": ("activations:write", ("license_id", "activation_id")),
    "license-file": ("activations:write", ("license_id",)),
    "device-file": ("activations:write", ("license_id", "activation_id")),
    "offline": ("activations:write", ("license_id",)),
    "offline-receipt": ("activations:write", ("license_id",)),
    "offline-response": ("activations:write", ("license_id", "answer_id")),
    "offline-response-file": ("activations:write", ("license_id", "answer_id")),
    "names": ("activations:read", ("license_id",)),
    "free-name": ("activations:write", ("license_id", "user_id")),
    "webhooks": ("webhooks:write", ()),
    "webhook-add": ("webhooks:write", ()),
    "webhook": ("webhooks:write", ("endpoint_id",)),
    "webhook-change": ("webhooks:write", ("endpoint_id",)),
    "webhook-secret": ("webhooks:write", ("endpoint_id",)),
    "webhook-again": ("webhooks:write", ("endpoint_id", "delivery_id")),
}
# Those that do something, and what they answer when it is done.
ACTS = {
    "free-device": 302,
    "free-name": 302,
    "key": 200,
    "emergency": 400,
    "webhook": 302,
    "webhook-change": 400,  # nothing was said
    "webhook-secret": 200,
    "webhook-again": 302,
    "license-file": 200,
    "device-file": 200,
    # Nothing was brought.
    "offline": 400,
    "offline-receipt": 400,
}


@pytest.fixture(scope="module")
def the_world(django_db_setup, django_db_blocker):
    """Names hold its seats, so that there is a row for every page."""
    with kept(django_db_blocker), time_machine.travel(NOW, tick=False):
        world = make_world(license_type="NAMED_USER")
        world.endpoint, _ = create_endpoint(
            url="https://8.8.8.8/",
            event_types=["*"],
            tenant_id=world.tenant.pk,
            at=NOW,
            origin=factories.STAFF,
        )
        world.delivery = world.endpoint.deliveries.create(
            event=Event.objects.first(), queued_at=NOW, due_at=NOW
        )
        # Its device does without a network, so that there is a response to be seen.
        answer(world.license, request(world.key, user_identity="ada"))
        yield world


@pytest.fixture
def world(the_world, db):
    return deepcopy(the_world)


def address(name, code, world):
    ids = {
        "license_id": world.license.pk,
        "activation_id": world.device.pk,
        "user_id": world.named.pk,
        "endpoint_id": world.endpoint.pk,
        "delivery_id": world.delivery.pk,
        "answer_id": world.license.offline_requests.get().pk,
    }
    rows = PAGES[name][1]
    return reverse(f"portal:{name}", kwargs={"code": code, **{row: ids[row] for row in rows}})


def assert_untouched(world):
    world.device.refresh_from_db()
    world.named.refresh_from_db()
    assert world.device.live
    assert world.named.assigned
    assert IssuedFile.objects.filter(license=world.license).count() == 1


def test_no_page_is_missing_from_the_table():
    _prefix, portal = get_resolver().namespace_dict["portal"]
    assert {name for name in portal.reverse_dict if isinstance(name, str)} == set(PAGES)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("name", PAGES)
def test_a_role_opens_what_its_scopes_permit(name, role, world, client_of):
    response = client_of(world.tenant, role).get(address(name, world.tenant.code, world))
    assert response.status_code == (200 if PAGES[name][0] in MAY[role] else 403)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("name", sorted(ACTS))
def test_a_role_does_what_its_scopes_permit(name, role, world, client_of):
    response = client_of(world.tenant, role).post(address(name, world.tenant.code, world))
    assert response.status_code == (ACTS[name] if PAGES[name][0] in MAY[role] else 403)


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", PAGES)
def test_another_organisation_does_not_exist(name, method, world, client_of):
    stranger = getattr(client_of(make_world().tenant), method)
    response = stranger(address(name, world.tenant.code, world))
    assert response.status_code == 404
    assert world.tenant.name not in response.content.decode()
    assert_untouched(world)


@pytest.mark.parametrize("name", [name for name, (_scope, rows) in PAGES.items() if rows])
def test_another_organisations_row_does_not_exist_in_ones_own(name, world, client_of):
    own = make_world()
    response = client_of(own.tenant).get(address(name, own.tenant.code, world))
    assert response.status_code == 404


@pytest.mark.parametrize("name", sorted(ACTS))
def test_nothing_is_done_to_another_organisations_row(name, world, client_of):
    own = make_world()
    response = client_of(own.tenant).post(address(name, own.tenant.code, world))
    assert response.status_code == 404
    assert_untouched(world)


def test_a_device_is_found_only_under_its_own_licence(world, client_of):
    other = factories.issue(tenant=world.tenant).license
    url = world.url("free-device", license_id=other.pk, activation_id=world.device.pk)
    assert client_of(world.tenant).post(url).status_code == 404


@pytest.mark.parametrize("name", PAGES)
def test_who_is_not_signed_in_is_asked_to_and_comes_back(name, world):
    url = address(name, world.tenant.code, world)
    response = Client().get(url)
    assert response.status_code == 302
    assert response.url == f"/accounts/login/?next={url}"


@pytest.mark.parametrize("name", PAGES)
def test_a_closed_organisation_is_gone(name, world, client_of):
    client = client_of(world.tenant)
    world.tenant.active = False
    world.tenant.save()
    assert client.get(address(name, world.tenant.code, world)).status_code == 404


@pytest.mark.parametrize("name", PAGES)
def test_who_left_the_organisation_is_out_at_once(name, world, client_of):
    client = client_of(world.tenant)
    Membership.objects.all().delete()
    assert client.get(address(name, world.tenant.code, world)).status_code == 404


@pytest.mark.parametrize("name", PAGES)
def test_a_page_obeys_its_own_strict_policy(name, world, client_of):
    response = client_of(world.tenant).get(address(name, world.tenant.code, world))
    page = response.content.decode()
    policy = response["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "data:" not in policy
    assert not [
        word for word in ("style=", "<style", "<script", "data:", "onclick") if word in page
    ]
    assert response["Referrer-Policy"] == "same-origin"
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("name", PAGES)
def test_no_page_holds_a_key(name, world, client_of):
    page = client_of(world.tenant).get(address(name, world.tenant.code, world)).content.decode()
    assert world.key not in page
    assert world.key.replace("-", "") not in page


def test_another_organisation_is_no_page_of_the_frameworks_in_debug_either(
    world, client_of, settings
):
    settings.DEBUG = True
    response = client_of(world.tenant).get(make_world().url("overview"))
    assert response.status_code == 404
    assert "There is nothing here" in response.content.decode()


@pytest.mark.parametrize("junk", ["nope", "0", "a" * 5000, "%00", "..", "00000000-0000-0000"])
def test_an_address_that_names_no_row_is_not_found(junk, world, client_of):
    client = client_of(world.tenant)
    assert client.get(f"{world.url('licenses')}{junk}/").status_code == 404
    assert client.get(f"/t/{junk}/").status_code == 404
    assert client.get(f"{world.license_url}devices/{junk}/free/").status_code == 404


def test_a_viewer_is_told_in_words_who_may(world, client_of):
    response = client_of(world.tenant, "viewer").get(world.free_url)
    page = response.content.decode()
    assert response.status_code == 403
    assert "You are Viewer" in page
    assert "owner or admin" in page


@pytest.mark.parametrize("zone", ["Etc/GMT+12", "Etc/GMT-14"])
def test_dates_from_the_ends_of_the_calendar_break_no_page(zone, world, client_of):
    issued, end = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    License.objects.filter(pk=world.license.pk).update(
        issued_date=issued, expiry_date=end, grace_ends_at=end, maintenance_expiry=end
    )
    Tenant.objects.update(time_zone=zone)
    client = client_of(world.tenant)
    for address in (world.url("overview"), world.url("licenses"), world.license_url):
        assert client.get(address).status_code == 200, address
