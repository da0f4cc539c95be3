"""The devices of a bar are signed out step by step, and what one step leaves the next finds."""

from datetime import timedelta

import pytest

from licenses import hot
from licenses.models import Activation, License
from licenses.services import barred, blacklist
from tests.clock import NOW
from tests.factories import STAFF, activate, issue

pytestmark = pytest.mark.django_db


def test_what_one_step_leaves_is_signed_out_by_the_next() -> None:
    for _ in range(5):
        activate(issue().key)
    made = blacklist.blacklist_device(fingerprint="device-1", reason="x", at=NOW, origin=STAFF)

    barred.sign_out(made, at=NOW, origin=STAFF, chunk=2, most=1)
    assert Activation.objects.live().count() == 3
    assert barred.sign_out_all(at=NOW) == 1
    assert not Activation.objects.live().exists()
    assert barred.sign_out_all(at=NOW) == 0


def test_nothing_is_signed_out_for_a_bar_that_was_lifted_or_has_ended() -> None:
    activate(issue().key)
    until = NOW + timedelta(days=1)
    made = blacklist.blacklist_device(
        fingerprint="device-1", reason="x", expires_at=until, at=NOW, origin=STAFF
    )

    assert barred.sign_out_all(at=until) == 0
    barred.sign_out(made, at=until, origin=STAFF)
    blacklist.unblacklist_device(fingerprint="device-1", reason="Found.", at=NOW, origin=STAFF)
    barred.sign_out(made, at=NOW, origin=STAFF)

    assert Activation.objects.live().count() == 1


def test_copies_are_forgotten_with_the_bar_and_not_only_by_signing_out(monkeypatch) -> None:
    activate(issue().key)
    row = Activation.objects.get()
    told_store: list[dict[str, int]] = []
    monkeypatch.setattr(hot.store(), "bar", told_store.append)

    blacklist.blacklist_device(fingerprint="device-1", reason="x", at=NOW, origin=STAFF)

    assert told_store == [{f"a:{row.pk}": row.revision + 1}]
    assert Activation.objects.live().exists()


def test_units_are_given_back_as_they_were_declared() -> None:
    issued = issue(license_model="PER_CORE", max_activations=16)
    activate(issued.key, core_count=8)
    activate(issued.key, "device-2", core_count=4)
    made = blacklist.blacklist_device(fingerprint="device-1", reason="x", at=NOW, origin=STAFF)

    barred.sign_out(made, at=NOW, origin=STAFF)

    assert License.objects.get().current_activations == 4
