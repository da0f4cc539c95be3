"""What looks like two machines on one seat is let in, told and flagged."""

from typing import Any

import pytest

from events.models import Event
from licenses.models import Activation, OfflineDevice
from licenses.services.tokens import token_for
from tests.clock import NOW
from tests.factories import give_back, issue
from tests.licenses.services.offline.carried import OTHER_KEY, answer, claims_of, request

pytestmark = pytest.mark.django_db


def suspicions() -> list[Any]:
    return list(Event.objects.filter(type="activation.clone_suspected").order_by("sequence"))


def test_attack_9_a_copied_state_directory_is_flagged_at_its_next_contact():
    issued = issue()
    answer(issued.license, request(issued.key))
    copied = answer(issued.license, request(issued.key, "device-2", nonce="m" * 22))
    (event,) = suspicions()
    assert (event.activation_id, event.reason) == (copied.activation_id, "SAME_KEY")
    flagged = OfflineDevice.objects.exclude(clone_suspected_at=None)
    assert [(row.pk, row.clone_suspected_at) for row in flagged] == [(copied.activation_id, NOW)]


def test_the_same_fingerprint_with_another_key_is_flagged_and_bound_to_the_new_one():
    issued = issue(max_activations=1)
    first = answer(issued.license, request(issued.key))
    again = answer(issued.license, request(issued.key, by=OTHER_KEY, nonce="m" * 22))
    assert again.activation_id == first.activation_id
    (event,) = suspicions()
    named = event.changes["device_key"]
    assert event.reason == "ANOTHER_KEY"
    assert len(named["before"]) == len(named["after"]) == 43
    assert named["before"] != named["after"]
    told = [claims_of(one.response_code)["dpk"] for one in (first, again)]
    assert told[0] != told[1]
    row = OfflineDevice.objects.get()
    assert bytes(row.public_key or b"") == OTHER_KEY.public_key().public_bytes_raw()


def test_the_same_device_and_a_device_that_left_raise_no_suspicion():
    issued = issue()
    answer(issued.license, request(issued.key))
    answer(issued.license, request(issued.key, nonce="m" * 22))
    row = Activation.objects.get()
    give_back(token_for(row.pk, generation=1, version=row.token_key_version))
    answer(issued.license, request(issued.key, "device-2", nonce="o" * 22))
    assert suspicions() == []
