"""Redeeming emergency codes: whom they fit, for how long, and what still stands in the way."""

from collections.abc import Callable

import pytest
from django.db import transaction

from events import vault
from events.models import Event
from events.refusals import Refusal
from licenses.models import (
    Activation,
    BlacklistedDevice,
    EmergencyCode,
    License,
    NamedUser,
    Restriction,
)
from licenses.selectors import numbers, snapshots
from licenses.selectors.snapshots import FINGERPRINT
from licenses.services import keyring, lifecycle, redeeming
from licenses.services.claims import Device
from licenses.states import ActivationStatus
from tests.clock import NOW
from tests.factories import DEVICE, STAFF, activate, give_back, issue
from tests.licenses.services.need import DAY, END, SECOND, make, redeem, refusal, verdict

pytestmark = pytest.mark.django_db
AGO = NOW - 400 * DAY


def exact() -> bool:
    return not numbers.with_wrong_seats().exists()


@pytest.mark.parametrize("form", ["signed", "typed"])
def test_either_form_lets_a_device_into_a_full_and_expired_licence(form: str) -> None:
    issued = issue(at=AGO, max_activations=1)
    activate(issued.key, "another", at=AGO)
    code = getattr(make(issued.license), form)
    before = License.objects.values().get()
    done = redeem(issued.key, code)
    device = done.snapshot.device
    assert device is not None
    assert (done.is_new, device.units, device.activation_type) == (True, 0, "EMERGENCY")
    assert device.emergency_until == END
    told = verdict(done.token, at=END - SECOND)
    assert (told.code, told.emergency_until, told.next_action) == ("VALID", END, "none")
    assert License.objects.values().get() == before
    assert exact()


def test_the_code_again_by_the_same_device_gives_the_same_token_and_writes_nothing() -> None:
    issued = issue(at=AGO)
    code = make(issued.license)
    first = redeem(issued.key, code.typed)
    events = Event.objects.count()
    for text in (code.signed, code.typed, code.typed.lower().replace("-", " ")):
        again = redeem(issued.key, text, at=NOW + SECOND)
        assert (again.token, again.is_new) == (first.token, False)
    assert Event.objects.count() == events
    assert Activation.objects.count() == 1


def test_another_device_finds_it_used_and_counts_as_no_guess() -> None:
    issued = issue(at=AGO)
    code = make(issued.license)
    redeem(issued.key, code.typed)
    assert refusal(issued.key, code.typed, "device-2") == "EMERGENCY_CODE_USED"
    assert refusal(issued.key, code.signed, "device-2") == "EMERGENCY_CODE_USED"
    assert Activation.objects.count() == 1
    assert EmergencyCode.objects.get().wrong_tries == 0


def test_at_its_end_the_device_is_out_and_hears_what_to_do() -> None:
    issued = issue()
    code = make(issued.license)
    token = redeem(issued.key, code.typed).token
    row = Activation.objects.get()
    assert row.status_at(END - SECOND) == ActivationStatus.ACTIVE
    assert row.status_at(END) == ActivationStatus.EXPIRED
    told = verdict(token, at=END)
    assert (told.code, told.next_action, told.emergency_until) == (
        "EMERGENCY_ENDED", "activate", None,
    )  # fmt: skip
    for text in (code.typed, code.signed):
        assert refusal(issued.key, text, at=END) == "EMERGENCY_CODE_EXPIRED"


def test_on_an_expired_licence_it_hears_that_this_has_ended() -> None:
    issued = issue(at=AGO)
    token = redeem(issued.key, make(issued.license).typed).token
    told = verdict(token, at=END)
    assert (told.code, told.next_action) == ("LICENSE_EXPIRED", "renew")


def test_a_device_that_holds_a_seat_keeps_it_and_runs_on() -> None:
    issued = issue(at=AGO)
    held = activate(issued.key, at=AGO)
    assert verdict(held.token).code == "LICENSE_EXPIRED"
    done = redeem(issued.key, make(issued.license).typed)
    row = Activation.objects.get()
    assert (done.is_new, done.token) == (False, held.token)
    assert (row.activation_type, row.units, row.revision) == ("ONLINE", 1, 2)
    assert verdict(held.token).code == "VALID"
    assert verdict(held.token, at=END).code == "LICENSE_EXPIRED"
    event = Event.objects.filter(type="activation.updated").get()
    assert event.changes["emergency_until"]["before"] is None
    assert exact()


def test_a_second_code_prolongs_what_the_first_gave() -> None:
    issued = issue(at=AGO)
    older = make(issued.license).typed
    first = redeem(issued.key, older)
    later = NOW + DAY / 2
    second = redeem(issued.key, make(issued.license, at=later).typed, at=later)
    assert (second.token, second.is_new) == (first.token, False)
    # The older one, brought once more, takes nothing away.
    redeem(issued.key, older, at=later)
    assert verdict(first.token, at=END).emergency_until == later + DAY


def test_the_device_takes_a_seat_when_it_activates_as_others_do() -> None:
    issued = issue(max_activations=1)
    in_need = redeem(issued.key, make(issued.license).typed)
    done = activate(issued.key)
    assert (done.is_new, done.token != in_need.token) == (True, True)
    rows = Activation.objects.order_by("id")
    assert [(row.live, row.units) for row in rows] == [(False, 0), (True, 1)]
    assert rows[0].deactivation_reason == "ACTIVATED"
    assert License.objects.get().current_activations == 1
    assert verdict(in_need.token).code == "ACTIVATION_DEACTIVATED"
    assert activate(issued.key).token == done.token
    assert exact()


def test_no_seat_being_free_it_stays_what_it_was() -> None:
    issued = issue(max_activations=1)
    activate(issued.key, "another")
    in_need = redeem(issued.key, make(issued.license).typed)
    with pytest.raises(Refusal) as refused:
        activate(issued.key)
    assert refused.value.code == "ACTIVATION_LIMIT_EXCEEDED"
    assert len(refused.value.details["devices"]) == 1
    assert verdict(in_need.token).code == "VALID"


def test_where_names_hold_the_seats_it_needs_none_and_later_gets_one() -> None:
    issued = issue(license_type="NAMED_USER", max_activations=1)
    in_need = redeem(issued.key, make(issued.license).typed)
    assert verdict(in_need.token).code == "VALID"
    assert not NamedUser.objects.exists()
    done = activate(issued.key, user_identity="ada")
    assert verdict(done.token).code == "VALID"
    assert Activation.objects.live().get().named_user
    assert exact()


def test_a_lease_that_has_lapsed_is_excused_for_the_day() -> None:
    issued = issue(license_type="CONCURRENT", max_activations=1, lease_seconds=60)
    held = activate(issued.key, at=NOW - DAY)
    assert verdict(held.token).code == "LEASE_EXPIRED"
    redeem(issued.key, make(issued.license).typed)
    assert verdict(held.token).code == "VALID"
    assert verdict(held.token, at=END).code == "LEASE_EXPIRED"


def test_in_grace_it_makes_no_known_device_of_a_new_one() -> None:
    issued = issue()
    assert issued.license.expiry_date
    at = issued.license.expiry_date + DAY
    redeem(issued.key, make(issued.license, at=at).typed, at=at)
    with pytest.raises(Refusal) as refused:
        activate(issued.key, at=at)
    assert refused.value.code == "LICENSE_EXPIRED"


def test_it_gives_back_and_comes_again_within_its_day() -> None:
    issued = issue(at=AGO)
    code = make(issued.license)
    first = redeem(issued.key, code.typed)
    give_back(first.token)
    assert verdict(first.token).code == "ACTIVATION_DEACTIVATED"
    assert redeem(issued.key, code.typed).is_new
    assert exact()


def test_a_reissued_key_gives_it_another_token_by_the_new_key_alone() -> None:
    issued = issue(at=AGO)
    code = make(issued.license)
    first = redeem(issued.key, code.typed)
    found = snapshots.by_key(issued.key)
    assert found is not None
    new = keyring.reissue_key(license_id=issued.license.pk, reason="x", at=NOW, origin=STAFF)
    device = Device(fingerprint="device-1")
    with pytest.raises(Refusal) as refused:
        redeeming.redeem(found=found, device=device, code=code.typed, at=NOW, origin=DEVICE)
    assert refused.value.code == "LICENSE_NOT_FOUND"
    again = redeem(new.key, code.typed)
    assert (again.is_new, again.token != first.token) == (False, True)


def bar(license: License) -> None:
    BlacklistedDevice.objects.create(
        fingerprint_digest=vault.digest(FINGERPRINT, "device-1"), reason="stolen", created_at=NOW
    )


def restrict(license: License) -> None:
    Restriction.objects.create(
        license=license, restriction_type="GEOGRAPHIC", operator="ALLOW", values=["DE"]
    )


def suspend(license: License) -> None:
    lifecycle.suspend_license(license_id=license.pk, reason="x", at=NOW, origin=STAFF)


def revoke(license: License) -> None:
    lifecycle.revoke_license(license_id=license.pk, reason="x", at=NOW, origin=STAFF)


def park(license: License) -> None:
    lifecycle.park_license(license_id=license.pk, reason="x", at=NOW, origin=STAFF)


@pytest.mark.parametrize(
    ("happens", "code", "then"),
    [
        (bar, "DEVICE_BLACKLISTED", "DEVICE_BLACKLISTED"),
        (restrict, "RESTRICTED_COUNTRY", None),
        (suspend, "LICENSE_SUSPENDED", "LICENSE_SUSPENDED"),
        (revoke, "LICENSE_REVOKED", "LICENSE_REVOKED"),
        (park, "LICENSE_INACTIVE", "LICENSE_INACTIVE"),
    ],
)
def test_what_is_no_emergency_holds_before_and_after(
    happens: Callable[[License], None], code: str, then: str | None
) -> None:
    issued = issue()
    made = make(issued.license)
    with transaction.atomic():
        happens(issued.license)
        assert refusal(issued.key, made.typed) == code
        assert not Activation.objects.exists()
        assert EmergencyCode.objects.get().redeemed_at is None
        transaction.set_rollback(True)
    token = redeem(issued.key, made.typed).token
    happens(issued.license)
    if then:
        assert verdict(token).code == then


@pytest.mark.parametrize("borrow_days", [1, 91])
def test_an_emergency_lends_nothing(borrow_days: int) -> None:
    issued = issue(license_type="CONCURRENT", max_borrow_days=7)
    code = refusal(issued.key, make(issued.license).typed, borrow_days=borrow_days)
    assert code == ("BORROW_NOT_ALLOWED" if borrow_days == 1 else "VALIDATION_ERROR")
