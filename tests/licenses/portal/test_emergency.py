"""Owners and admins make emergency codes, see what is left of the year, and what became of each."""

from datetime import timedelta

import pytest
import time_machine

from events.models import Event, Notice
from licenses.models import EmergencyCode, License
from licenses.services import emergency, lifecycle
from tests import factories
from tests.clock import NOW
from tests.licenses.services import need

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
ASKED = {"number": 1, "reason": "The line stands still."}


@pytest.fixture
def url(world):
    return world.url("emergency", license_id=world.license.pk)


@pytest.mark.parametrize("role", ["owner", "admin"])
def test_asking_makes_one_code_and_shows_both_its_forms_once(role, world, url, client_of):
    client = client_of(world.tenant, role)
    assert url in client.get(world.license_url).content.decode()
    assert "0 of 3" in client.get(url).content.decode()
    response = client.post(url, ASKED)
    typed = response.context["made"].typed
    assert typed in response.content.decode()
    assert response.context["made"].signed in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    assert response["Refresh"] == f"300; url={world.license_url}"
    event = Event.objects.get(type=emergency.ISSUED)
    assert (event.actor_kind, event.reason) == ("member", ASKED["reason"])
    assert Notice.objects.filter(kind=emergency.NOTICE).count() == 1
    after = client.get(url).content.decode()
    assert "1 of 3" in after
    assert "Waits for its device" in after
    assert typed not in after
    assert need.redeem(world.key, typed, "in need").is_new


@pytest.mark.parametrize("role", ["member", "viewer"])
def test_who_may_not_sees_no_button_and_makes_none(role, world, url, client_of):
    client = client_of(world.tenant, role)
    assert url not in client.get(world.license_url).content.decode()
    assert client.get(url).status_code == 403
    assert client.post(url, ASKED).status_code == 403
    assert not EmergencyCode.objects.exists()


def test_a_reseller_sees_the_licence_and_makes_none(client_of):
    reseller = factories.make_tenant(is_reseller=True)
    license = factories.issue(tenant=factories.make_tenant(sold_by=reseller)).license
    client = client_of(reseller)
    page = f"/t/{reseller.code}/licenses/{license.pk}/"
    assert "emergency/" not in client.get(page).content.decode()
    assert client.get(f"{page}emergency/").status_code == 404
    assert client.post(f"{page}emergency/", ASKED).status_code == 404
    assert not EmergencyCode.objects.exists()


def test_the_same_form_sent_again_makes_no_second_code(world, url, client_of):
    client = client_of(world.tenant)
    client.post(url, ASKED)
    again = client.post(url, ASKED)
    assert again.status_code == 409
    assert "made a moment ago" in again.content.decode()
    assert 'name="number" value="2"' in again.content.decode()
    assert EmergencyCode.objects.count() == 1


@pytest.mark.parametrize(
    "form", [{}, {"number": 1}, {"number": 1, "reason": " "}, ASKED | {"number": "x"}]
)
def test_a_form_that_says_too_little_makes_none(form, world, url, client_of):
    assert client_of(world.tenant).post(url, form).status_code == 400
    assert not EmergencyCode.objects.exists()


def test_after_three_the_page_says_when_the_next_can_be_made(world, url, client_of):
    client = client_of(world.tenant)
    for number in (1, 2, 3):
        assert client.post(url, ASKED | {"number": number}).status_code == 200
    html = client.get(url).content.decode()
    assert "3 of 3" in html
    assert "The next can be made on" in html
    assert "<textarea" not in html
    refused = client.post(url, ASKED | {"number": 4})
    assert refused.status_code == 409
    assert EmergencyCode.objects.count() == 3


def test_what_no_emergency_excuses_is_said_instead_of_asked(world, url, client_of):
    lifecycle.suspend_license(
        license_id=world.license.pk, reason="Abuse", at=NOW, origin=factories.STAFF
    )
    client = client_of(world.tenant)
    html = client.get(url).content.decode()
    assert "Have the suspension lifted" in html
    assert "<textarea" not in html
    assert client.post(url, ASKED).status_code == 409
    assert not EmergencyCode.objects.exists()


def test_staffs_reasons_stay_with_staff(world, url, client_of):
    need.make(world.license)
    EmergencyCode.objects.update(reason="They are late with payments.")
    assert "late with payments" not in client_of(world.tenant).get(url).content.decode()


@pytest.mark.parametrize(
    ("facts", "days", "words"),
    [
        ({}, 0, "Waits for its device"),
        ({"wrong_tries": 5}, 0, "Locked: too many wrong ones were typed"),
        ({}, 2, "Ended unused"),
        ({"redeemed_at": NOW, "fingerprint_digest": b"x", "fingerprint_hint": "a1b2"}, 0, "In use"),
        ({"redeemed_at": NOW, "fingerprint_digest": b"x"}, 2, "Was used"),
    ],
)
def test_a_code_says_what_became_of_it(facts, days, words, world, url, client_of):
    need.make(world.license)
    EmergencyCode.objects.update(**facts)
    with time_machine.travel(NOW + days * DAY, tick=False):
        html = client_of(world.tenant).get(url).content.decode()
    assert words in html
    assert facts.get("fingerprint_hint", "") in html


def test_nothing_of_the_licence_changes(world, url, client_of):
    before = License.objects.values().get(pk=world.license.pk)
    client_of(world.tenant).post(url, ASKED)
    assert License.objects.values().get(pk=world.license.pk) == before
