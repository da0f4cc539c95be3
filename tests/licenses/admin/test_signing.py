"""The keys that sign, in the admin: seen by many, replaced and taken back by superusers."""

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from events.models import Event
from licenses.admin.signing import STATES
from licenses.models import KeyState, SigningKey
from licenses.services.signing_keys import signer_for
from licenses.signing import Purpose
from tests.clock import NOW
from tests.factories import STAFF, make_product
from tests.staff import signed_in

pytestmark = pytest.mark.django_db
LIST = "/admin/licenses/signingkey/"


@pytest.fixture
def key() -> SigningKey:
    signer_for(product_id=make_product().pk, at=NOW, origin=STAFF)
    return SigningKey.objects.get()


@pytest.fixture
def superuser() -> Client:
    return signed_in(superuser=True)


def page(name: str, key: SigningKey) -> str:
    return reverse(f"admin:licenses_signingkey_{name}", args=[key.pk])


@pytest.mark.parametrize("state", KeyState)
def test_the_list_shows_and_narrows_by_the_state_that_the_clock_gives(
    superuser: Client, key: SigningKey, state: KeyState
) -> None:
    change = {
        KeyState.UNCERTIFIED: {"certificate": ""},
        KeyState.NEXT: {"active_from": NOW.replace(month=4)},
        KeyState.ACTIVE: {},
        KeyState.RETIRED: {"signs_until": NOW},
        KeyState.COMPROMISED: {"compromised_at": NOW, "compromise_reason": "Stolen."},
    }[state]
    SigningKey.objects.update(**change)
    assert SigningKey.objects.get().state_at(NOW) == state
    for other in KeyState:
        shown = superuser.get(LIST, {"now": other.value})
        assert shown.context["cl"].result_count == (other == state)
    assert str(STATES[state]) in superuser.get(LIST).content.decode()


def test_a_key_is_replaced_with_a_reason(superuser: Client, key: SigningKey) -> None:
    assert "Replace now" in superuser.get(page("change", key)).content.decode()
    nothing = superuser.post(page("rotate", key), {"reason": ""})
    assert (nothing.status_code, SigningKey.objects.count()) == (200, 1)
    done = superuser.post(page("rotate", key), {"reason": "Drill."}, follow=True)
    signing = SigningKey.objects.signing(NOW).get()
    assert f"{signing.kid} signs now." in done.content.decode()
    assert "Replace now" not in done.content.decode()
    event = Event.objects.filter(type="signing_key.rotated").get()
    assert (event.reason, event.actor_kind) == ("Drill.", "staff")


def test_a_key_is_taken_back_with_a_reason_that_is_published(
    superuser: Client, key: SigningKey
) -> None:
    asked = superuser.get(page("compromise", key)).content.decode()
    assert "Published in the list of revocations" in asked
    superuser.post(page("compromise", key), {"reason": "Stolen."})
    key.refresh_from_db()
    assert (key.compromised_at, key.compromise_reason) == (NOW, "Stolen.")
    shown = superuser.get(page("change", key)).content.decode()
    assert "Believe it no more" not in shown


def test_a_refusal_stands_on_the_form_and_changes_nothing(
    superuser: Client, key: SigningKey, settings: LazySettings
) -> None:
    settings.SIGNING_ROOT = "offline"
    shown = superuser.post(page("rotate", key), {"reason": "Drill."})
    assert shown.status_code == 200
    assert "certify one with the root" in shown.content.decode()
    assert SigningKey.objects.signing(NOW).get() == key


def test_the_list_says_what_the_vendor_has_to_see_to(
    superuser: Client, key: SigningKey, settings: LazySettings
) -> None:
    html = superuser.get(LIST).content.decode()
    assert "is on this server, encrypted" in html
    assert "go out unsigned" not in html
    signer_for(purpose=Purpose.ANSWERS, at=NOW, origin=STAFF)
    settings.SIGNING_ROOT = "offline"
    SigningKey.objects.update(certificate="")
    html = superuser.get(LIST).content.decode()
    assert "is on this server, encrypted" not in html
    assert "go out unsigned" in html
    assert "2 keys wait" in html


def test_who_may_only_read_sees_no_button_and_no_private_key(key: SigningKey) -> None:
    reader = signed_in("security:read")
    html = reader.get(page("change", key)).content.decode()
    assert "Replace now" not in html
    assert key.private_ciphertext not in html
    assert f"{key.kid[:22]}<wbr>{key.kid[22:]}" in html
