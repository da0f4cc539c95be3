"""A request of a device without a network is answered once: one seat, one response."""

from typing import Any

import pytest

from events import vault
from events.models import Event
from events.refusals import Refusal
from licenses.models import (
    Activation,
    License,
    NamedUser,
    OfflineDevice,
    OfflineRequest,
    SigningKey,
)
from licenses.selectors import numbers, offline_requests, signers
from licenses.services import lifecycle, offline
from licenses.services.offline.devices import is_salted
from licenses.services.replacing_keys import compromise
from licenses.signing.compact import taken_apart
from licenses.signing.times import seconds
from licenses.states import ActivationStatus
from tests.clock import NOW
from tests.factories import STAFF, activate, give_back, issue
from tests.licenses.services.offline.carried import (
    DAY,
    OTHER_KEY,
    SECOND,
    answer,
    claims_of,
    code_of,
    request,
    unwritten,
    verdict,
)

pytestmark = pytest.mark.django_db


def test_the_device_gets_a_seat_and_a_response_bound_to_it_and_to_its_request():
    issued = issue()
    answered = answer(issued.license, request(issued.key, machine_name="Press 4"))
    row = Activation.objects.get()
    assert (row.activation_type, row.units, row.machine_name) == ("OFFLINE", 1, "Press 4")
    assert (row.lease_expires_at, row.heartbeat_due_at) == (None, None)
    assert row.valid_until == answered.expires_at == issued.license.grace_ends_at
    told = claims_of(answered.response_code)
    assert told["dev"] == str(row.pk) == str(answered.activation_id)
    assert told["nonce"] == "n" * 22
    assert is_salted(told["fp"], "device-1")
    assert not is_salted(told["fp"], "device-2")
    assert told["device_key"] is True
    assert len(told["dpk"]) == 43
    assert told["exp"] == seconds(row.valid_until)
    assert (told["sub"], told["seq"]) == (str(issued.license.pk), 1)
    assert License.objects.get().current_activations == 1
    assert not numbers.with_wrong_seats().exists()


def test_the_trail_says_who_brought_it_and_which_file_was_made():
    issued = issue()
    answer(issued.license, request(issued.key))
    created, made = Event.objects.order_by("sequence").filter(
        type__in=["activation.created", "license.file_issued"]
    )
    assert (created.actor_kind, created.actor_id) == ("staff", "7")
    assert made.changes["kind"]["after"] == "RESPONSE"
    assert made.activation_id == Activation.objects.get().pk


def test_nothing_at_rest_shows_the_response_or_the_fingerprint():
    issued = issue()
    answered = answer(issued.license, request(issued.key))
    row, device = OfflineRequest.objects.get(), OfflineDevice.objects.get()
    assert answered.response_code not in row.response_ciphertext
    assert vault.decrypt(row.response_ciphertext) == answered.response_code
    assert claims_of(answered.response_code)["fp"] not in device.fingerprint_ciphertext


def test_attack_13_the_same_request_again_gets_the_same_answer_and_takes_nothing():
    issued = issue(max_activations=1)
    code = request(issued.key)
    first = answer(issued.license, code)
    before, events = unwritten(), Event.objects.count()
    assert answer(issued.license, code, at=NOW + DAY) == first
    # Wrapped by a mail program, and signed anew with another time: it asks for the same.
    wrapped = f"-----BEGIN REQUEST-----\r\n{code[:60]}\r\n{code[60:]}\r\n"
    assert answer(issued.license, wrapped) == first
    assert answer(issued.license, request(issued.key, at=NOW + DAY)) == first
    assert unwritten() == before
    assert Event.objects.count() == events


@pytest.mark.parametrize(
    "other",
    [{"fingerprint": "device-2"}, {"by": OTHER_KEY}, {"machine_name": "Press 5"}],
    ids=["fingerprint", "key", "name"],
)
def test_attack_14_the_same_nonce_with_another_body_is_a_replay(other: dict[str, Any]):
    issued = issue()
    answer(issued.license, request(issued.key))
    before = unwritten()
    assert code_of(answer, issued.license, request(issued.key, **other)) == "REPLAYED"
    assert unwritten() == before


def test_the_same_nonce_on_another_licence_is_another_request():
    one, two = issue(), issue()
    assert answer(one.license, request(one.key)) != answer(two.license, request(two.key))


def test_attack_12_on_a_reinstall_the_same_device_alone_is_served_in_its_own_place():
    issued = issue(max_activations=1)
    first = answer(issued.license, request(issued.key))
    again = answer(issued.license, request(issued.key, nonce="m" * 22))
    assert again.activation_id == first.activation_id
    assert claims_of(again.response_code)["seq"] == 2
    assert Activation.objects.count() == 1
    refused = code_of(answer, issued.license, request(issued.key, "device-2", nonce="o" * 22))
    assert refused == "ACTIVATION_LIMIT_EXCEEDED"


def test_a_device_let_go_gets_its_old_response_no_more():
    issued = issue()
    code = request(issued.key)
    answer(issued.license, code)
    lifecycle.revoke_license(license_id=issued.license.pk, reason="x", at=NOW, origin=STAFF)
    before = unwritten()
    assert code_of(answer, issued.license, code) == "ACTIVATION_DEACTIVATED"
    assert unwritten() == before


def test_after_thirty_days_a_request_is_forgotten_whether_or_not_a_job_ran():
    issued = issue()
    first = answer(issued.license, request(issued.key))
    other = request(issued.key, machine_name="Press 5")
    late = NOW + 30 * DAY
    assert code_of(answer, issued.license, other, at=late - SECOND) == "REPLAYED"
    again = answer(issued.license, other, at=late)
    assert again.activation_id == first.activation_id
    assert OfflineRequest.objects.count() == 1


def test_a_device_that_is_online_goes_offline_with_the_seat_it_has_and_comes_back():
    issued = issue(license_type="CONCURRENT", max_activations=1, lease_seconds=60)
    online = activate(issued.key)
    answered = answer(issued.license, request(issued.key))
    row = Activation.objects.get()
    assert (row.activation_type, row.lease_expires_at) == ("OFFLINE", None)
    assert row.valid_until == answered.expires_at
    assert verdict(row, at=NOW + DAY).code == "VALID"
    back = activate(issued.key, at=NOW + DAY)
    row = Activation.objects.get()
    assert (row.activation_type, row.valid_until, back.token) == ("ONLINE", None, online.token)
    assert row.lease_expires_at
    assert not numbers.with_wrong_seats().exists()


def test_a_lapsed_lease_takes_its_seat_again_or_is_refused():
    issued = issue(license_type="CONCURRENT", max_activations=1, lease_seconds=60)
    activate(issued.key)
    activate(issued.key, "device-2", at=NOW + DAY)
    before = unwritten()
    code = code_of(answer, issued.license, request(issued.key), at=NOW + DAY)
    assert code == "ACTIVATION_LIMIT_EXCEEDED"
    assert unwritten() == before


def test_a_perpetual_licence_lets_it_run_for_four_hundred_days():
    issued = issue(license_type="PERPETUAL")
    answered = answer(issued.license, request(issued.key))
    assert answered.expires_at == NOW + 400 * DAY
    row = Activation.objects.get()
    assert row.status_at(NOW + 400 * DAY - SECOND) == ActivationStatus.ACTIVE
    assert row.status_at(NOW + 400 * DAY) == ActivationStatus.EXPIRED
    told = verdict(row, at=NOW + 400 * DAY)
    assert (told.code, told.next_action) == ("LEASE_EXPIRED", "activate")
    # It keeps its seat: nobody else is let in because a customer was late.
    assert License.objects.get().current_activations == 1


def test_a_term_that_begins_with_the_first_device_begins_with_an_offline_one():
    issued = issue(license_type="TRIAL")
    answered = answer(issued.license, request(issued.key))
    assert answered.expires_at == NOW + 30 * DAY
    assert License.objects.get().expiry_date == NOW + 30 * DAY


def test_a_named_user_gets_the_seat_and_the_device_none():
    issued = issue(license_type="NAMED_USER", max_activations=1)
    refused = code_of(answer, issued.license, request(issued.key))
    assert refused == "USER_IDENTITY_REQUIRED"
    answer(issued.license, request(issued.key, user_identity="ada"))
    row = Activation.objects.get()
    assert (row.activation_type, row.units) == ("OFFLINE", 0)
    assert NamedUser.objects.get().identity == "ada"


def test_a_device_without_a_key_is_bound_by_its_fingerprint_and_says_so():
    issued = issue()
    wish = offline_requests.Wish(
        license_key=issued.key, device_fingerprint="device-1", nonce="x" * 16
    )
    code, expires_at = offline_requests.written(wish, at=NOW)
    assert expires_at == NOW + 30 * DAY
    assert issued.key not in code
    told = claims_of(answer(issued.license, code).response_code)
    assert told["device_key"] is False
    assert "dpk" not in told
    assert not OfflineDevice.objects.get().has_key
    refused = code_of(offline_requests.read, code, at=expires_at)
    assert refused == "OFFLINE_REQUEST_EXPIRED"


def test_a_seat_given_back_can_be_had_by_a_new_request():
    issued = issue(max_activations=1)
    code = request(issued.key)
    answered = answer(issued.license, code)
    wish = offline_requests.read(code, at=NOW)
    token = offline.collect(wish=wish, response_code=answered.response_code, at=NOW).token
    give_back(token)
    second = answer(issued.license, request(issued.key, nonce="m" * 22))
    assert second.activation_id != answered.activation_id


def test_an_offline_seat_is_offered_to_no_other_device():
    issued = issue(max_activations=1, self_service="REPLACE")
    answer(issued.license, request(issued.key))
    with pytest.raises(Refusal) as refused:
        activate(issued.key, "device-9")
    assert refused.value.code == "ACTIVATION_LIMIT_EXCEEDED"
    assert refused.value.details["devices"] == []


def test_a_request_gets_a_new_response_when_the_first_ones_key_is_believed_no_more():
    issued = issue(max_activations=1)
    code = request(issued.key)
    first = answer(issued.license, code)
    key = SigningKey.objects.get(kid=taken_apart(first.response_code).header["kid"])
    compromise(key_id=key.pk, reason="Stolen.", at=NOW, origin=STAFF)
    signers.look_again()
    again = answer(issued.license, code)
    assert taken_apart(again.response_code).header["kid"] != key.kid
    assert (again.activation_id, Activation.objects.count()) == (first.activation_id, 1)
    assert License.objects.get().current_activations == 1
    assert answer(issued.license, code) == again
    # Another request under its nonce is what it was.
    nonce = claims_of(again.response_code)["nonce"]
    other = request(issued.key, nonce=nonce, machine_name="Another")
    assert code_of(answer, issued.license, other) == "REPLAYED"
