"""Staff activate a device without a network on its licence's page, and make its files."""

import pytest
from django.urls import reverse

from events.models import Event
from licenses.models import Activation, IssuedFile, License
from licenses.services import offline
from licenses.signing import Kind
from tests.clock import NOW
from tests.factories import STAFF, activate, issue
from tests.licenses.services.offline.carried import (
    OTHER_KEY,
    answer,
    claims_of,
    request,
    unwritten,
)
from tests.licenses.services.offline.test_receipts import receipt
from tests.staff import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def support(db):
    return signed_in("licenses:read", "activations:write")


def page(name, license, *ids):
    return reverse(f"admin:licenses_license_{name}", args=[license.pk, *ids])


def text_of(response):
    return response.content.decode()


def test_a_request_is_brought_looked_at_and_answered_once(support):
    issued = issue(max_activations=2)
    code, address = request(issued.key, machine_name="Press 4"), page("offline", issued.license)
    before = unwritten()
    asked = text_of(support.post(address, {"code": code}))
    for words in ("Press 4", "A key of its own", "1 of 2 devices"):
        assert words in asked, words
    assert unwritten() == before
    answered = support.post(address, {"code": code, "confirm": "1"})
    row = Activation.objects.get()
    shown = page("offline-response", issued.license, row.offline_requests.get().pk)
    assert answered["Location"] == shown
    response = support.get(shown)
    assert "no-store" in response["Cache-Control"]
    file = support.get(f"{shown}file/")
    assert claims_of(text_of(file))["dev"] == str(row.pk)
    assert text_of(file) in text_of(response)
    before = unwritten()
    assert "It was answered before." in text_of(support.post(address, {"code": code}))
    assert support.post(address, {"code": code, "confirm": "1"})["Location"] == shown
    assert unwritten() == before


REFUSED = {
    "nothing": (lambda key: "", "Paste the code, or choose its file"),
    "junk": (lambda key: "hello", "Copy it again"),
    "another key": (lambda key: request(issue().key), "it is of no licence here"),
    "replayed": (lambda key: request(key, by=OTHER_KEY), "Make a new request"),
    "full": (lambda key: request(key, "device-2", nonce="m" * 22), "Free a device"),
}


@pytest.mark.parametrize("case", sorted(REFUSED))
def test_what_is_refused_is_told_in_words_and_changes_nothing(case, support):
    issued = issue(max_activations=1)
    answer(issued.license, request(issued.key))
    make, words = REFUSED[case]
    code = make(issued.key)
    before = unwritten()
    told = support.post(page("offline", issued.license), {"code": code, "confirm": "1"})
    assert words in text_of(told)
    assert unwritten() == before


def test_files_are_made_for_any_device_and_for_one(support):
    issued = issue()
    answered = answer(issued.license, request(issued.key))
    whole = support.post(page("license-file", issued.license), {"ttl_days": ""})
    assert "dev" not in claims_of(text_of(whole), Kind.LICENSE_FILE)
    own = support.post(page("device-file", issued.license, answered.activation_id))
    assert claims_of(text_of(own), Kind.DEVICE_FILE)["dev"] == str(answered.activation_id)
    assert "no-store" in own["Cache-Control"]
    assert [row.seq for row in IssuedFile.objects.order_by("seq")] == [1, 2, 3]
    assert Event.objects.filter(type="license.file_issued", actor_kind="staff").count() == 3


@pytest.mark.parametrize("days", ["0", "91", "many"])
def test_days_that_cannot_be_make_no_file(days, support):
    issued = issue()
    answered = answer(issued.license, request(issued.key))
    for address in (
        page("license-file", issued.license),
        page("device-file", issued.license, answered.activation_id),
    ):
        assert 'class="error"' in text_of(support.post(address, {"ttl_days": days}))
    assert IssuedFile.objects.count() == 1


def test_a_device_that_never_had_a_file_has_to_be_named(support):
    issued = issue()
    activate(issued.key)
    address = page("device-file", issued.license, Activation.objects.get().pk)
    assert "it has to be said once" in text_of(support.post(address))
    assert not IssuedFile.objects.exists()
    made = support.post(address, {"device_fingerprint": "device-1"})
    assert claims_of(text_of(made), Kind.DEVICE_FILE)["seq"] == 1


def test_a_receipt_frees_its_device_and_another_licences_frees_none(support):
    issued, other = issue(), issue()
    answered = answer(issued.license, request(issued.key))
    text = receipt(answered.activation_id)
    told = support.post(page("offline-receipt", other.license), {"code": text})
    assert "Open the licence that the device is of" in text_of(told)
    assert Activation.objects.get().live
    done = support.post(page("offline-receipt", issued.license), {"code": text}, follow=True)
    assert "no longer holds a seat" in text_of(done)
    assert not Activation.objects.get().live
    assert License.objects.get(pk=issued.license.pk).current_activations == 0


def test_the_licences_page_tells_of_offline_devices_and_lists_its_files(support):
    issued = issue(max_activations=3)
    license = issued.license
    answered = answer(license, request(issued.key, machine_name="Press 4"))
    answer(license, request(issued.key, by=OTHER_KEY, nonce="m" * 22, machine_name="Press 4"))
    offline.checkout_for(Activation.objects.get(), at=NOW, origin=STAFF)
    html = text_of(support.get(reverse("admin:licenses_license_change", args=[license.pk])))
    for words in ("Offline", "may be two machines", "Activation response #1", "Device file #3"):
        assert words in html, words
    for name, *ids in (
        ("offline",),
        ("offline-receipt",),
        ("license-file",),
        ("device-file", answered.activation_id),
    ):
        assert page(name, license, *ids) in html, name


def test_who_may_only_read_sees_the_files_and_no_button():
    issued = issue()
    answer(issued.license, request(issued.key))
    reader = signed_in("licenses:read")
    address = reverse("admin:licenses_license_change", args=[issued.license.pk])
    html = text_of(reader.get(address))
    assert "Activation response #1" in html
    assert page("offline", issued.license) not in html
    assert page("license-file", issued.license) not in html


def test_a_devices_page_says_what_it_is_known_by():
    issued = issue()
    answered = answer(issued.license, request(issued.key))
    answer(issued.license, request(issued.key, by=OTHER_KEY, nonce="m" * 22))
    address = reverse("admin:licenses_activation_change", args=[answered.activation_id])
    html = text_of(signed_in("activations:read").get(address))
    assert "A key of its own" in html
    assert "looks like two machines" in html.lower()


def test_another_licences_answer_is_not_there(support):
    issued, other = issue(), issue()
    answer(issued.license, request(issued.key))
    row = Activation.objects.get().offline_requests.get()
    for name in ("offline-response", "offline-response-file"):
        assert support.get(page(name, other.license, row.pk)).status_code == 404
