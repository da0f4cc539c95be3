"""A member brings a request, looks at the device, and takes the response back."""

from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from events.models import Event
from licenses.models import Activation, BlacklistedDevice, License
from licenses.selectors import offline_requests
from licenses.services import activation, blacklist, lifecycle
from tests import factories
from tests.clock import NOW
from tests.licenses.services.offline.carried import (
    DAY,
    KEY,
    OTHER_KEY,
    claims_of,
    request,
    unwritten,
)

pytestmark = pytest.mark.django_db

NEW = "another-device-b2c3"


def url(world, name="offline", **ids):
    return world.url(name, license_id=world.license.pk, **ids)


def bring(client, world, code, **more):
    return client.post(url(world), {"code": code, **more})


def confirm(client, world, code):
    return bring(client, world, code, confirm="1")


def text_of(response):
    return response.content.decode()


@pytest.mark.parametrize("role", ["owner", "admin", "member"])
def test_three_steps_lead_from_a_request_to_its_response(role, make_world, client_of):
    world = make_world(max_activations=3)
    client = client_of(world.tenant, role)
    assert "Bring the device’s request" in text_of(client.get(url(world)))
    code = request(world.key, NEW, machine_name="Press 4", operating_system="Windows 10 LTSC")
    before = unwritten()
    looked_at = bring(client, world, code)
    page = text_of(looked_at)
    assert looked_at.status_code == 200
    for words in ("Press 4", "…b2c3", "Windows 10 LTSC", "A key of its own", "1 of 3 devices"):
        assert words in page, words
    assert NEW not in page
    assert unwritten() == before
    answered = confirm(client, world, code)
    row = Activation.objects.get(machine_name="Press 4")
    answer = row.offline_requests.get()
    assert answered.url == url(world, "offline-response", answer_id=answer.pk)
    page = text_of(client.get(answered.url))
    assert "Press 4 has its seat." in page
    assert "<svg viewBox" in page
    assert "Take the file instead" not in page
    assert License.objects.get(pk=world.license.pk).current_activations == 2
    assert Event.objects.filter(activation_id=row.pk, actor_kind="member").exists()


def test_the_file_is_what_the_device_reads(make_world, client_of):
    world = make_world(max_activations=3)
    client = client_of(world.tenant)
    shown = confirm(client, world, request(world.key, NEW, machine_name="Press 4")).url
    text = client.get(shown).context["text"]
    file = client.get(f"{shown}file/")
    assert file["Content-Disposition"] == 'attachment; filename="press-4.rsp"'
    assert "no-store" in file["Cache-Control"]
    assert text_of(file) == text
    row = Activation.objects.get(machine_name="Press 4")
    assert claims_of(text)["dev"] == str(row.pk)


def test_the_same_request_again_leads_to_the_same_response_and_takes_nothing(make_world, client_of):
    world = make_world(max_activations=2)
    code = request(world.key, NEW)
    first = confirm(client_of(world.tenant), world, code)
    before = unwritten()
    another = client_of(world.tenant, "member")
    page = text_of(bring(another, world, code))
    assert "It was answered before." in page
    assert "No seat is free" not in page
    assert confirm(another, world, code).url == first.url
    assert unwritten() == before


def test_a_device_that_holds_a_seat_takes_no_other(world, client_of):
    client = client_of(world.tenant)
    code = request(world.key, "device-1")
    assert "it holds a seat already" in text_of(bring(client, world, code))
    confirm(client, world, code)
    assert License.objects.get(pk=world.license.pk).current_activations == 1


def test_a_file_serves_as_well_as_pasting(make_world, client_of):
    world = make_world(max_activations=3)
    code = request(world.key, NEW, machine_name="Press 4")
    file = SimpleUploadedFile("press.req", b"\xef\xbb\xbf" + f"{code[:70]}\r\n{code[70:]}".encode())
    response = client_of(world.tenant).post(url(world), {"code": "", "file": file})
    assert "Press 4" in text_of(response)


def test_a_device_without_a_key_of_its_own_is_told_apart(make_world, client_of):
    world = make_world(max_activations=3)
    wish = offline_requests.Wish(license_key=world.key, device_fingerprint=NEW, nonce="x" * 22)
    code, _ = offline_requests.written(wish, at=NOW)
    client = client_of(world.tenant)
    page = text_of(bring(client, world, code))
    assert "Its fingerprint alone" in page
    assert "a copy of it would be harder to tell" in page
    confirm(client, world, code)
    assert "known by its fingerprint alone" in text_of(client.get(world.license_url))


def junk(world):
    wish = offline_requests.Wish(license_key=world.key, device_fingerprint=NEW, nonce="x" * 22)
    old, _ = offline_requests.written(wish, at=NOW - 31 * DAY)
    good = request(world.key, NEW)
    return {
        "nothing": ("", "Paste the code, or choose its file"),
        "words": ("hello", "Copy it again"),
        "cut off": (good[:-20], "Copy it again"),
        "changed": (good[:-20] + "A" * 20, "Copy it again"),
        "too long": ("x" * 65_537, "at most 65536 characters"),
        "expired": (old, "Make a new request on the device"),
        "no key": (request("hello", NEW), "it names no key"),
        "unknown key": (request("AAAA-AAAA-AAAA-AAAA-AAA0", NEW), "names no key"),
    }


@pytest.mark.parametrize(
    "case",
    ["nothing", "words", "cut off", "changed", "too long", "expired", "no key", "unknown key"],
)
def test_what_is_no_request_is_told_in_words_and_changes_nothing(case, world, client_of):
    text, words = junk(world)[case]
    before = unwritten()
    response = confirm(client_of(world.tenant), world, text)
    page = text_of(response)
    assert response.status_code == 400
    assert words in page
    assert "DOCUMENT_INVALID" not in page
    assert unwritten() == before


@pytest.mark.parametrize(
    ("raw", "words"),
    [(b"x" * 65_537, "at most 64 KB"), (b"\xff\xfe\x00x", "Copy it again"), (b"", "empty")],
    ids=["too large", "no text", "empty"],
)
def test_a_file_that_is_no_request_is_told_in_words(raw, words, world, client_of):
    before = unwritten()
    file = SimpleUploadedFile("press.req", raw)
    response = client_of(world.tenant).post(url(world), {"file": file, "confirm": "1"})
    assert response.status_code == 400
    assert words in text_of(response)
    assert unwritten() == before


def test_a_request_for_another_licence_is_led_there(world, client_of):
    other = factories.issue(tenant=world.tenant)
    before = unwritten()
    response = confirm(client_of(world.tenant), world, request(other.key, NEW))
    page = text_of(response)
    assert response.status_code == 409
    assert "It is for another licence." in page
    assert world.url("offline", license_id=other.license.pk) in page
    assert unwritten() == before


def test_another_organisations_key_is_as_good_as_unknown(world, client_of, make_world):
    foreign = make_world(max_activations=5)
    before = unwritten()
    response = confirm(client_of(world.tenant), world, request(foreign.key, NEW))
    assert response.status_code == 400
    assert "it is of no licence here" in text_of(response)
    assert str(foreign.license.pk) not in text_of(response)
    assert unwritten() == before


def test_who_sold_it_on_activates_nothing(world, client_of):
    reseller = factories.make_tenant()
    License.objects.filter(pk=world.license.pk).update(reseller=reseller)
    before = unwritten()
    client = client_of(reseller)
    for name in ("offline", "offline-receipt", "license-file"):
        address = f"/t/{reseller.code}/licenses/{world.license.pk}/"
        suffix = {"offline": "offline/", "offline-receipt": "offline/receipt/"}
        page = f"{address}{suffix.get(name, 'file/')}"
        assert client.get(page).status_code == 404, name
        assert client.post(page, {"code": request(world.key, NEW)}).status_code == 404, name
    assert "Without a network" not in text_of(client.get(address))
    assert unwritten() == before


def suspend(world):
    lifecycle.suspend_license(
        license_id=world.license.pk, reason="x", at=NOW, origin=factories.STAFF
    )


def bar(world):
    blacklist.blacklist_device(fingerprint=NEW, reason="x", at=NOW, origin=factories.STAFF)


REFUSED = {
    "full": (lambda world: None, "Free a device that is no longer used"),
    "suspended": (suspend, "Have the suspension lifted"),
    "barred": (bar, "Ask for the bar to be lifted"),
}


@pytest.mark.parametrize("case", sorted(REFUSED))
def test_what_the_rules_refuse_is_told_with_a_way_out_and_takes_nothing(
    case, make_world, client_of
):
    make, words = REFUSED[case]
    world = make_world(max_activations=1 if case == "full" else 3)
    make(world)
    before = unwritten()
    response = confirm(client_of(world.tenant), world, request(world.key, NEW))
    page = text_of(response)
    assert response.status_code == 409
    assert words in page
    assert "Nothing was changed." in page
    assert unwritten() == before


def test_a_full_licence_says_so_before_anybody_presses(make_world, client_of):
    world = make_world(max_activations=1)
    page = text_of(bring(client_of(world.tenant), world, request(world.key, NEW)))
    assert "No seat is free for it." in page
    assert url(world, "devices") in page


def test_another_request_under_the_same_nonce_is_refused(make_world, client_of):
    world = make_world(max_activations=3)
    client = client_of(world.tenant)
    confirm(client, world, request(world.key, NEW))
    before = unwritten()
    response = confirm(client, world, request(world.key, NEW, by=OTHER_KEY))
    assert response.status_code == 409
    assert "Make a new request on the device" in text_of(response)
    assert unwritten() == before


def test_the_response_of_a_freed_device_is_shown_no_more(world, client_of):
    client = client_of(world.tenant)
    shown = confirm(client, world, request(world.key, "device-1")).url
    activation.deactivate(activation_id=world.device.pk, reason="x", at=NOW, origin=factories.STAFF)
    page = client.get(shown)
    assert "was let go" in text_of(page)
    assert "<pre" not in text_of(page)
    assert "<svg viewBox" not in text_of(page)
    assert client.get(f"{shown}file/").status_code == 404


def test_a_forgotten_request_is_not_there(world, client_of):
    client = client_of(world.tenant)
    shown = confirm(client, world, request(world.key, "device-1")).url
    with time_machine.travel(NOW + timedelta(days=30), tick=False):
        later = client_of(world.tenant)
        assert later.get(shown).status_code == 404
        assert later.get(f"{shown}file/").status_code == 404


def test_what_looks_like_two_machines_stands_beside_the_device(make_world, client_of):
    world = make_world(max_activations=3)
    client = client_of(world.tenant)
    confirm(client, world, request(world.key, NEW, by=KEY))
    confirm(client, world, request(world.key, NEW, by=OTHER_KEY, nonce="m" * 22))
    page = text_of(client.get(world.license_url))
    assert "Offline, until" in page
    assert "may be two machines" in page
    assert not BlacklistedDevice.objects.exists()


def test_a_viewer_is_offered_nothing_of_it(world, client_of):
    page = text_of(client_of(world.tenant, "viewer").get(world.license_url))
    assert url(world) not in page
    assert "Members, admins and owners can activate" in page
