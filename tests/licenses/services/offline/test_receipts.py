"""A device that ended itself without a network frees its seat by a receipt that it signed."""

from typing import Any

import pytest

from events.models import Event
from events.refusals import Refusal
from licenses.models import Activation, License
from licenses.selectors import numbers
from licenses.selectors.offline import devices_freed_offline, files_still_worth_naming
from licenses.services import lifecycle, offline
from licenses.signing import Kind, signed_by_device
from licenses.signing.times import seconds
from tests.clock import NOW
from tests.factories import DEVICE, STAFF, activate, give_back, issue
from tests.licenses.services.offline.carried import (
    DAY,
    KEY,
    OTHER_KEY,
    SECOND,
    answer,
    claims_of,
    code_of,
    request,
)

pytestmark = pytest.mark.django_db


def receipt(
    dev: Any, seq: Any = 1, *, by: Any = KEY, kind: Kind = Kind.DEACTIVATION_RECEIPT
) -> str:
    return signed_by_device(kind, {"dev": str(dev), "seq": seq, "iat": seconds(NOW)}, key=by)


def accept(text: str, *, at: Any = NOW) -> Activation:
    return offline.accept_receipt(text=text, at=at, origin=DEVICE)


def offline_device(**terms: Any) -> tuple[Any, Any]:
    issued = issue(**terms)
    return issued, answer(issued.license, request(issued.key))


def test_the_seat_is_free_and_the_same_receipt_again_changes_nothing():
    issued, answered = offline_device(max_activations=1)
    text = receipt(answered.activation_id)
    row = accept(text)
    assert (row.live, row.deactivation_reason) == (False, "OFFLINE_RECEIPT")
    assert License.objects.get().current_activations == 0
    events, before = Event.objects.count(), list(Activation.objects.values())
    assert accept(text, at=NOW + DAY).deactivated_at == NOW
    assert (Event.objects.count(), list(Activation.objects.values())) == (events, before)
    activate(issued.key, "another")
    assert not numbers.with_wrong_seats().exists()


def test_whoever_answers_for_another_licence_frees_nothing_by_it():
    _issued, answered = offline_device()
    other, before = issue().license, list(Activation.objects.values())
    refused = code_of(
        offline.accept_receipt,
        text=receipt(answered.activation_id),
        license_id=other.pk,
        at=NOW,
        origin=STAFF,
    )
    assert refused == "ACTIVATION_NOT_FOUND"
    assert list(Activation.objects.values()) == before


def test_attack_25_after_a_restored_backup_it_runs_to_its_files_end_at_most_and_is_named():
    issued, answered = offline_device()
    ends = answered.expires_at
    accept(receipt(answered.activation_id))
    # The restored file holds where nobody is asked; the list names the device as long as it does.
    assert claims_of(answered.response_code, at=ends - SECOND)["dev"]
    (named,) = devices_freed_offline(NOW)
    assert (named.pk, named.files_end_at) == (answered.activation_id, ends)
    assert [file.activation_id for file in files_still_worth_naming(NOW)] == [named.pk]
    assert not devices_freed_offline(ends).exists()
    assert not files_still_worth_naming(ends).exists()
    # And whatever is given out next has a higher number than all that it holds.
    later = answer(issued.license, request(issued.key, nonce="m" * 22))
    assert claims_of(later.response_code)["seq"] > claims_of(answered.response_code)["seq"] + 1
    refused = code_of(answer, issued.license, request(issued.key))
    assert refused == "ACTIVATION_DEACTIVATED"


def test_attack_11_a_receipt_from_before_a_new_activation_frees_nothing():
    issued, answered = offline_device()
    old = receipt(answered.activation_id, 1)
    answer(issued.license, request(issued.key, nonce="m" * 22))
    before = list(Activation.objects.values())
    assert code_of(accept, old) == "STALE_SEQUENCE"
    assert list(Activation.objects.values()) == before


def test_a_file_that_has_not_reached_the_device_does_not_make_its_receipt_stale():
    _, answered = offline_device()
    row = Activation.objects.get()
    offline.checkout_for(row, at=NOW, origin=STAFF)
    assert not accept(receipt(answered.activation_id, 1)).live


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (lambda dev: receipt(dev, by=OTHER_KEY), "KEY_UNKNOWN"),
        (lambda dev: receipt("0197c0de-0000-7000-8000-000000000000"), "KEY_UNKNOWN"),
        (lambda dev: receipt("hello"), "MALFORMED"),
        (lambda dev: receipt(dev, "1"), "MALFORMED"),
        (lambda dev: receipt(dev, True), "MALFORMED"),
        (lambda dev: receipt(dev, kind=Kind.USAGE_BUNDLE), "TYPE_MISMATCH"),
        (lambda dev: receipt(dev)[:-10] + "A" * 10, "SIGNATURE_INVALID"),
        (lambda dev: "hello", "MALFORMED"),
        (lambda dev: "x" * 70_000, "MALFORMED"),
        (lambda dev: "", "MALFORMED"),
    ],
    ids=[
        "another key", "unknown device", "no id", "seq in words", "seq true", "another kind",
        "forged", "text", "huge", "empty",
    ],
)  # fmt: skip
def test_what_the_device_did_not_sign_frees_nothing(made: Any, reason: str):
    _, answered = offline_device()
    before = list(Activation.objects.values())
    with pytest.raises(Refusal) as refused:
        accept(made(answered.activation_id))
    assert refused.value.code == "DOCUMENT_INVALID"
    assert refused.value.details["reason"] in (reason, "MALFORMED")
    assert list(Activation.objects.values()) == before


def test_it_counts_among_what_devices_may_free_in_thirty_days():
    issued, answered = offline_device(max_activations=1)
    License.objects.update(releases_per_30_days=1)
    accept(receipt(answered.activation_id))
    second = answer(issued.license, request(issued.key, nonce="m" * 22))
    number = claims_of(second.response_code)["seq"]
    before = list(License.objects.values())
    assert code_of(accept, receipt(second.activation_id, number)) == "RELEASE_LIMIT"
    assert list(License.objects.values()) == before


def test_a_revoked_licence_has_its_files_named_and_a_device_freed_online_too():
    issued = issue()
    held = activate(issued.key)
    row = Activation.objects.get()
    offline.checkout_for(row, fingerprint="device-1", at=NOW, origin=STAFF)
    assert not files_still_worth_naming(NOW).exists()
    give_back(held.token)
    assert [one.pk for one in devices_freed_offline(NOW)] == [row.pk]
    other = issue()
    answer(other.license, request(other.key))
    lifecycle.revoke_license(license_id=other.license.pk, reason="x", at=NOW, origin=STAFF)
    assert files_still_worth_naming(NOW).count() == 2
