"""Devices of names: which of them takes a seat, and whose a device is."""

from datetime import timedelta

import pytest

from events.models import Event
from events.refusals import Refusal
from events.trail import Origin
from licenses.models import Activation, BlacklistedDevice, License, NamedUser
from tests.clock import NOW
from tests.factories import (
    DEVICE,
    activate,
    give_back,
    issue,
    make_product,
    make_template,
)
from tests.licenses.services.naming import assign, everything, named, taken, unassign

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
MEMBER = Origin(actor_kind="member", actor_id="1")


def test_the_first_device_of_a_name_takes_a_seat_and_the_next_ones_none() -> None:
    issued = named()

    first = activate(issued.key, "laptop", user_identity=" Ada@Brenner.example ")
    activate(issued.key, "desktop", user_identity="ADA@brenner.example")

    assert taken(issued) == 1
    assert first.snapshot.license.current_activations == 1
    assert first.snapshot.device is not None
    assert first.snapshot.device.user_identity == "ada@brenner.example"
    ada = NamedUser.objects.get()
    assert ada.identity == "ada@brenner.example"
    assert {row.units for row in ada.activations.all()} == {0}
    assert [event.type for event in Event.objects.order_by("sequence")] == [
        "license.issued", "named_user.assigned", "activation.created", "activation.created",
    ]  # fmt: skip


@pytest.mark.parametrize("identity", ["", "   "])
def test_a_device_that_names_nobody_is_refused(identity: str) -> None:
    issued = named()
    before = everything()

    with pytest.raises(Refusal) as refused:
        activate(issued.key, user_identity=identity)

    assert refused.value.code == "USER_IDENTITY_REQUIRED"
    assert everything() == before


def test_where_devices_hold_the_seats_a_name_is_not_read() -> None:
    issued = issue()

    activate(issued.key, user_identity="ada")

    assert not NamedUser.objects.exists()
    assert Activation.objects.get().units == 1


def test_a_full_licence_refuses_a_new_name_and_serves_the_others() -> None:
    issued = named(self_service="REPLACE")
    activate(issued.key, "device-1", user_identity="ada")
    activate(issued.key, "device-2", user_identity="bo")
    before = everything()

    with pytest.raises(Refusal) as refused:
        activate(issued.key, "device-3", user_identity="cy")

    assert refused.value.code == "ACTIVATION_LIMIT_EXCEEDED"
    # No device can make room for a name, so none is offered.
    assert refused.value.details == {"current_activations": 2, "max_activations": 2}
    assert everything() == before
    assert activate(issued.key, "device-3", user_identity="ada").is_new
    assert taken(issued) == 2


def test_names_within_the_overage_are_let_in() -> None:
    issued = named(overage="1.5X")
    for number in range(3):
        activate(issued.key, f"device-{number}", user_identity=f"user-{number}")

    with pytest.raises(Refusal):
        activate(issued.key, "device-4", user_identity="user-4")

    assert taken(issued) == 3
    percents = Event.objects.filter(type="license.seats_at").order_by("sequence")
    assert [event.changes["percent"]["after"] for event in percents] == [100]


def test_the_same_device_and_name_again_change_nothing() -> None:
    issued = named()
    first = activate(issued.key, user_identity="ada")
    before = everything(), Event.objects.count()

    again = activate(issued.key, user_identity="Ada", at=NOW + DAY)

    assert (again.is_new, again.token) == (False, first.token)
    assert (everything(), Event.objects.count()) == before


def test_another_name_on_a_device_takes_it_over_and_both_keep_their_seats() -> None:
    issued = named()
    first = activate(issued.key, user_identity="ada")

    other = activate(issued.key, user_identity="bo")

    assert other.is_new
    assert other.token != first.token
    old, new = Activation.objects.order_by("activated_at", "pk")
    assert (old.deactivation_reason, old.live) == ("USER_CHANGED", False)
    assert (str(new.named_user), new.live) == ("bo", True)
    assert taken(issued) == 2
    back = activate(issued.key, user_identity="ada")
    assert back.is_new
    assert taken(issued) == 2


def test_a_device_stays_its_users_where_no_seat_is_left_for_another_name() -> None:
    issued = named()
    first = activate(issued.key, user_identity="ada")
    assign(issued, "bo")
    before = everything()

    with pytest.raises(Refusal) as refused:
        activate(issued.key, user_identity="cy")

    assert refused.value.code == "ACTIVATION_LIMIT_EXCEEDED"
    assert everything() == before
    assert activate(issued.key, user_identity="ada").token == first.token


def test_changing_users_on_a_device_frees_nothing_and_is_not_limited() -> None:
    issued = named()
    License.objects.update(releases_per_30_days=1)
    for name in ("ada", "bo", "ada", "bo"):
        token = activate(issued.key, user_identity=name).token

    give_back(token)

    with pytest.raises(Refusal) as refused:
        unassign(issued, "ada", origin=MEMBER)
    assert refused.value.code == "RELEASE_LIMIT"
    unassign(issued, "ada")
    assert taken(issued) == 1


def test_a_name_keeps_its_seat_when_its_last_device_goes() -> None:
    issued = named()
    token = activate(issued.key, user_identity="ada").token

    give_back(token)

    assert taken(issued) == 1
    assert NamedUser.objects.get().assigned


def test_in_grace_a_name_comes_to_no_new_device() -> None:
    issued = named(duration_days=30)
    first = activate(issued.key, user_identity="ada")
    assign(issued, "bo")
    late = NOW + 31 * DAY

    assert activate(issued.key, user_identity="ada", at=late).token == first.token
    with pytest.raises(Refusal) as refused:
        activate(issued.key, user_identity="bo", at=late)

    assert refused.value.code == "LICENSE_EXPIRED"


def test_a_licence_that_waits_for_its_first_device_starts_with_its_first_name() -> None:
    issued = named(expiry_basis="FIRST_ACTIVATION", duration_days=30)
    assign(issued, "ada")
    assert License.objects.get().activation_date is None

    activate(issued.key, user_identity="ada", at=NOW + DAY)

    license = License.objects.get()
    assert (license.status, license.expiry_date) == ("ACTIVE", NOW + 31 * DAY)
    assert taken(issued) == 1


def test_the_first_name_also_ties_the_licence_to_its_device() -> None:
    template = make_template(
        make_product(), license_type="NAMED_USER", bind_on_first_activation="HARDWARE"
    )
    issued = issue(template_id=template.pk, license_type=None, license_model=None)

    activate(issued.key, "device-1", user_identity="ada")
    with pytest.raises(Refusal) as refused:
        activate(issued.key, "device-2", user_identity="bo")

    assert refused.value.code == "RESTRICTED_HARDWARE"
    assert taken(issued) == 1


def test_a_barred_device_brings_its_user_no_seat() -> None:
    issued = named()
    first = activate(issued.key, user_identity="ada")
    unassign(issued, "ada")
    assert first.snapshot.device is not None
    BlacklistedDevice.objects.create(
        fingerprint_digest=first.snapshot.device.fingerprint_digest, reason="x", created_at=NOW
    )

    with pytest.raises(Refusal) as refused:
        activate(issued.key, user_identity="bo")

    assert refused.value.code == "DEVICE_BLACKLISTED"
    assert taken(issued) == 0


def test_a_device_of_its_own_accord_names_its_user_in_the_trail_by_number_alone() -> None:
    issued = named()
    activate(issued.key, user_identity="ada")
    event = Event.objects.get(type="activation.created")

    assert event.changes["named_user_id"]["after"] == str(NamedUser.objects.get().pk)
    assert "ada" not in str(event.changes)
    assert event.actor_kind == DEVICE.actor_kind
