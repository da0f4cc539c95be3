"""Activating devices, in the order of the checks."""

from datetime import timedelta

import pytest

from events.models import Event
from events.refusals import Refusal
from licenses.models import Activation, BlacklistedDevice, License
from licenses.restrictions.matching import hint
from licenses.services import activation, lifecycle
from licenses.states import PendingCause
from tests.clock import NOW
from tests.factories import DEVICE, STAFF, activate, give_back, issue

pytestmark = pytest.mark.django_db
YEAR = timedelta(days=365)


def code_of(refused: pytest.ExceptionInfo[Refusal]) -> str:
    return refused.value.code


def test_a_device_takes_a_seat_and_gets_a_token() -> None:
    issued = issue()

    done = activate(issued.key, "device-1")

    row = Activation.objects.get()
    assert done.is_new
    assert done.token.startswith("act_")
    assert row.fingerprint_hint == hint("device-1")
    assert b"device-1" not in bytes(row.fingerprint_digest)
    issued.license.refresh_from_db()
    assert issued.license.current_activations == 1
    assert issued.license.activation_date == NOW
    assert Event.objects.filter(type="activation.created", activation_id=row.pk).count() == 1


def test_the_same_device_gets_its_token_again_and_no_second_seat() -> None:
    issued = issue()
    first = activate(issued.key)

    again = activate(issued.key, at=NOW + timedelta(days=1))

    assert not again.is_new
    assert again.token == first.token
    assert License.objects.get().current_activations == 1
    assert Event.objects.filter(type="activation.created").count() == 1


def test_a_key_is_taken_as_people_type_it() -> None:
    issued = issue()

    done = activate(f"  {issued.key.lower().replace('0', 'o').replace('1', 'l')} ")

    assert done.snapshot.license.id == issued.license.pk


def test_the_fourth_device_of_three_seats_is_refused_and_sees_which_hold_them() -> None:
    issued = issue()
    for number in range(3):
        activate(issued.key, f"device-{number}")

    with pytest.raises(Refusal) as refused:
        activate(issued.key, "device-4")

    assert code_of(refused) == "ACTIVATION_LIMIT_EXCEEDED"
    assert refused.value.details["current_activations"] == 3
    assert refused.value.details["max_activations"] == 3
    assert len(refused.value.details["devices"]) == 3
    assert Activation.objects.count() == 3
    assert License.objects.get().current_activations == 3


def test_freeing_a_seat_twice_frees_it_once() -> None:
    issued = issue()
    done = activate(issued.key, "device-1")
    activate(issued.key, "device-2")
    assert done.snapshot.device is not None

    for _ in range(2):
        activation.deactivate(
            activation_id=done.snapshot.device.id, reason="moved", at=NOW, origin=DEVICE
        )

    assert License.objects.get().current_activations == 1
    assert Event.objects.filter(type="activation.deactivated").count() == 1


def test_a_device_that_comes_back_gets_another_token() -> None:
    issued = issue()
    first = activate(issued.key)
    give_back(first.token)

    again = activate(issued.key)

    assert again.is_new
    assert again.token != first.token


def test_more_releases_than_the_licence_allows_are_refused() -> None:
    issued = issue()
    License.objects.update(releases_per_30_days=1)
    first, second = activate(issued.key, "device-1"), activate(issued.key, "device-2")
    give_back(first.token)

    with pytest.raises(Refusal) as refused:
        give_back(second.token)

    assert code_of(refused) == "RELEASE_LIMIT"
    assert License.objects.get().current_activations == 1


def test_what_the_vendor_frees_is_not_counted_against_the_customer() -> None:
    issued = issue()
    License.objects.update(releases_per_30_days=1)
    first, second, third = (activate(issued.key, f"device-{n}") for n in range(3))
    assert first.snapshot.device is not None
    activation.deactivate(
        activation_id=first.snapshot.device.id, reason="moved", at=NOW, origin=STAFF
    )

    give_back(second.token)

    with pytest.raises(Refusal) as refused:
        give_back(third.token)
    assert code_of(refused) == "RELEASE_LIMIT"
    assert License.objects.get().current_activations == 1


@pytest.mark.parametrize(
    "key",
    ["", "hello", "0000-0000-0000-0000-0001", "\0", "A" * 5000, "ÄÖÜß-0000-0000-0000-0000"],
)
def test_a_malformed_key_is_told_from_an_unknown_one(key: str) -> None:
    with pytest.raises(Refusal) as refused:
        activate(key)

    assert code_of(refused) == "INVALID_LICENSE_KEY_FORMAT"


def test_a_well_formed_key_nobody_issued_is_unknown() -> None:
    with pytest.raises(Refusal) as refused:
        activate("0000-0000-0000-0000-0000")

    assert code_of(refused) == "LICENSE_NOT_FOUND"
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    "fingerprint",
    ["", "   ", "0", "0000-0000", "ff:ff:ff:ff:ff:ff", "None", "null", "To be filled by O.E.M.",
     "Default string", "x" * 513],
)  # fmt: skip
def test_a_junk_fingerprint_is_refused(fingerprint: str) -> None:
    issued = issue()

    with pytest.raises(Refusal) as refused:
        activate(issued.key, fingerprint)

    assert code_of(refused) == "INVALID_FINGERPRINT"
    assert not Activation.objects.exists()


def test_a_trial_starts_with_its_first_device() -> None:
    issued = issue(license_type="TRIAL")
    assert issued.license.pending_cause == PendingCause.FIRST_ACTIVATION

    activate(issued.key, at=NOW + timedelta(days=5))

    license = License.objects.get()
    assert license.status == "ACTIVE"
    assert license.expiry_date == NOW + timedelta(days=35)
    assert list(Event.objects.order_by("sequence").values_list("type", flat=True)) == [
        "license.issued", "license.activated", "activation.created",
    ]  # fmt: skip


def test_a_device_has_one_trial_of_a_product() -> None:
    first = issue(license_type="TRIAL")
    activate(first.key)
    second = issue(license_type="TRIAL", product=first.license.product)

    with pytest.raises(Refusal) as refused:
        activate(second.key)

    assert code_of(refused) == "TRIAL_ALREADY_USED"
    second.license.refresh_from_db()
    assert second.license.pending_cause == PendingCause.FIRST_ACTIVATION
    assert second.license.current_activations == 0


def test_grace_serves_a_known_device_and_no_new_one() -> None:
    issued = issue()
    first = activate(issued.key, "known")
    in_grace = NOW + YEAR + timedelta(days=1)

    again = activate(issued.key, "known", at=in_grace)
    with pytest.raises(Refusal) as refused:
        activate(issued.key, "new", at=in_grace)

    assert again.token == first.token
    assert code_of(refused) == "LICENSE_EXPIRED"
    assert License.objects.get().current_activations == 1


def test_a_barred_device_is_refused_before_it_hears_of_a_suspension() -> None:
    issued = issue()
    done = activate(issued.key)
    assert done.snapshot.device is not None
    BlacklistedDevice.objects.create(
        fingerprint_digest=done.snapshot.device.fingerprint_digest, reason="stolen", created_at=NOW
    )
    lifecycle.suspend_license(license_id=issued.license.pk, reason="odd", at=NOW, origin=STAFF)

    with pytest.raises(Refusal) as refused:
        activate(issued.key)

    assert code_of(refused) == "DEVICE_BLACKLISTED"


def test_a_refusal_is_noted_once_an_hour_for_a_device_and_code() -> None:
    issued = issue()
    lifecycle.suspend_license(license_id=issued.license.pk, reason="odd", at=NOW, origin=STAFF)
    later = NOW + timedelta(minutes=61)

    for at in (NOW, NOW + timedelta(minutes=30), later):
        with pytest.raises(Refusal):
            activate(issued.key, at=at)

    noted = Event.objects.filter(type="activation.refused")
    assert [event.reason for event in noted] == ["LICENSE_SUSPENDED"] * 2


def marks(license):
    events = Event.objects.of_license(license.pk).filter(type="license.seats_at")
    return [event.changes["percent"]["after"] for event in events.order_by("sequence")]


def test_each_share_of_the_seats_that_is_reached_is_told_once():
    issued = issue(max_activations=20)
    for number in range(20):
        activate(issued.key, f"device-{number}")
        activate(issued.key, f"device-{number}")
    assert marks(issued.license) == [75, 90, 100]
    event = Event.objects.get(type="license.seats_at", changes__percent__after=90)
    assert event.changes["current_activations"] == {"before": 17, "after": 18}
    assert (event.tenant_id, event.ip_address_sealed) == (issued.license.tenant_id, "")
    assert event.activation_id is not None


def test_a_seat_that_passes_several_shares_tells_the_gravest():
    issued = issue(max_activations=1)
    activate(issued.key)
    assert marks(issued.license) == [100]


def test_shares_are_of_what_was_sold_not_of_what_is_let_pass():
    issued = issue(max_activations=4, overage="2X")
    for number in range(8):
        activate(issued.key, f"device-{number}")
    assert marks(issued.license) == [75, 100]
