"""Devices without a network, however many people bring their requests at once."""

from functools import partial
from typing import Any

import pytest

from events.models import Event
from licenses.models import Activation, FileNumber, IssuedFile, OfflineDevice, OfflineRequest
from licenses.selectors import numbers
from licenses.services import lifecycle, offline
from licenses.services.activation import activate_device
from licenses.services.claims import Device
from licenses.signing import Kind, signed_by_device
from tests.clock import NOW
from tests.factories import DEVICE, STAFF, activate, issue
from tests.licenses.services.offline.carried import KEY, answer, request
from tests.licenses.services.offline.test_bundles import chain, entry
from tests.races.threads import at_once, refused, succeeded

pytestmark = pytest.mark.django_db(transaction=True)


def bring(license: Any, code: str) -> Any:
    return answer(license, code)


def test_attack_13_one_request_brought_by_ten_at_once_is_one_seat_and_one_answer():
    issued = issue(max_activations=1)
    code = request(issued.key)
    results = at_once(*[partial(bring, issued.license, code)] * 10)
    assert len({done.response_code for done in results}) == 1
    assert Activation.objects.count() == OfflineRequest.objects.count() == 1
    assert IssuedFile.objects.count() == 1
    assert Event.objects.filter(type="activation.created").count() == 1
    assert not numbers.with_wrong_seats().exists()


def test_of_ten_devices_that_want_the_last_seat_one_gets_it():
    issued = issue(max_activations=1)
    codes = [request(issued.key, f"device-{n}", nonce=f"{n:022}") for n in range(10)]
    results = at_once(*(partial(bring, issued.license, code) for code in codes))
    assert len(succeeded(results)) == 1
    assert refused(results) == ["ACTIVATION_LIMIT_EXCEEDED"] * 9
    assert not numbers.with_wrong_seats().exists()


def test_a_device_that_comes_both_ways_at_once_holds_one_seat():
    issued = issue(max_activations=1)
    by_hand = partial(bring, issued.license, request(issued.key))
    by_network = partial(
        activate_device,
        key=issued.key,
        device=Device(fingerprint="device-1"),
        at=NOW,
        origin=DEVICE,
    )
    at_once(*[by_hand, by_network] * 4)
    assert Activation.objects.live().count() == 1
    assert not numbers.with_wrong_seats().exists()


def test_files_made_at_once_have_numbers_of_their_own():
    issued = issue()
    activate(issued.key)
    row = Activation.objects.get()
    ask = partial(offline.checkout_for, row, fingerprint="device-1", at=NOW, origin=STAFF)
    results = at_once(*[ask] * 8)
    assert sorted(made.row.seq for made in results) == list(range(1, 9))
    assert FileNumber.objects.get().last == 8


def test_a_licence_revoked_meanwhile_has_no_live_device():
    issued = issue()
    revoke = partial(
        lifecycle.revoke_license, license_id=issued.license.pk, reason="x", at=NOW, origin=STAFF
    )
    at_once(partial(bring, issued.license, request(issued.key)), revoke)
    assert not Activation.objects.live().exists()


def test_one_receipt_brought_by_many_at_once_frees_one_seat():
    issued = issue()
    answered = answer(issued.license, request(issued.key))
    claims = {"dev": str(answered.activation_id), "seq": 1}
    text = signed_by_device(Kind.DEACTIVATION_RECEIPT, claims, key=KEY)
    results = at_once(*[partial(offline.accept_receipt, text=text, at=NOW, origin=DEVICE)] * 8)
    assert len(succeeded(results)) == 8
    assert Event.objects.filter(type="activation.deactivated").count() == 1
    assert not numbers.with_wrong_seats().exists()


def test_one_bundle_brought_by_many_at_once_is_counted_once():
    issued = issue()
    answered = answer(issued.license, request(issued.key))
    text = chain(answered.activation_id, [entry(1), entry(2)])
    results = at_once(*[partial(offline.accept_bundle, text=text, at=NOW, origin=DEVICE)] * 8)
    assert sorted(taken.accepted for taken in results) == [0] * 7 + [2]
    assert OfflineDevice.objects.get().usage_count == 2
