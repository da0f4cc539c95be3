"""A device that takes the place of another on a full licence."""

import base64
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command

from events import vault
from events.models import Event
from events.refusals import Refusal
from licenses.models import Activation, BlacklistedDevice, License
from licenses.selectors.snapshots import FINGERPRINT
from licenses.services import lifecycle
from licenses.services.changing import change_license
from licenses.services.keyring import Issued
from tests.clock import NOW
from tests.factories import STAFF, activate, give_back, issue
from tests.licenses.services.filled import everything, full, offers

pytestmark = pytest.mark.django_db
SOON = NOW + timedelta(minutes=14, seconds=59)


def refused_with(issued: Issued, token: str, fingerprint: str = "new", **more: Any) -> str:
    """The code by which a token is refused, and that nothing changed."""
    before = everything()
    with pytest.raises(Refusal) as refused:
        activate(issued.key, fingerprint, replace_token=token, **more)
    assert everything() == before
    return refused.value.code


def test_a_full_licence_offers_at_most_five_devices_each_with_a_token_of_its_own() -> None:
    issued = full(7)

    shown = offers(issued)

    assert len(shown) == 5
    assert len({device["replace_token"] for device in shown}) == 5
    assert all(device["replace_token"].startswith("rpl_") for device in shown)
    assert all(device["device"].startswith("****") for device in shown)


@pytest.mark.parametrize(("self_service", "shown"), [("NONE", None), ("SEE", 2)])
def test_without_the_switch_there_is_no_token(self_service: str, shown: int | None) -> None:
    issued = full(self_service=self_service)

    with pytest.raises(Refusal) as refused:
        activate(issued.key, "new")

    devices = refused.value.details.get("devices")
    assert (None if devices is None else len(devices)) == shown
    assert not any("replace_token" in device for device in devices or [])


def test_a_token_swaps_seat_for_seat() -> None:
    issued = full()
    chosen = offers(issued)[1]

    done = activate(issued.key, "new", replace_token=chosen["replace_token"], at=SOON)

    assert done.is_new
    gone = Activation.objects.get(pk=chosen["activation_id"])
    assert (gone.live, gone.deactivation_reason) == (False, "REPLACED")
    assert License.objects.get().current_activations == 2
    assert done.snapshot.license.current_activations == 2
    call_command("check_seats")
    told = Event.objects.order_by("sequence").values_list("type", "reason")
    assert list(told)[-2:] == [("activation.deactivated", "REPLACED"), ("activation.created", "")]


def test_the_same_device_repeating_its_request_gets_its_activation() -> None:
    issued = full()
    token = offers(issued)[0]["replace_token"]
    first = activate(issued.key, "new", replace_token=token)

    again = activate(issued.key, "new", replace_token=token, at=SOON + timedelta(days=9))

    assert (again.is_new, again.token) == (False, first.token)


def test_a_token_is_good_once() -> None:
    issued = full()
    token = offers(issued)[0]["replace_token"]
    done = activate(issued.key, "new", replace_token=token)
    give_back(done.token)

    assert refused_with(issued, token) == "REPLACE_TOKEN_INVALID"


def test_the_device_that_was_replaced_may_come_back_as_any_other() -> None:
    issued = full()
    [chosen, _] = offers(issued)
    activate(issued.key, "new", replace_token=chosen["replace_token"])

    offered = offers(issued, "old-0")

    assert len(offered) == 2
    assert chosen["activation_id"] not in {device["activation_id"] for device in offered}


def _cut(token: str) -> str:
    return token[:-2]


def _other(token: str) -> str:
    return "rpl_" + base64.urlsafe_b64encode(bytes(58)).rstrip(b"=").decode()


def _bent(token: str) -> str:
    body = bytearray(base64.urlsafe_b64decode(token.removeprefix("rpl_") + "=="))
    body[20] ^= 1  # a later end
    return "rpl_" + base64.urlsafe_b64encode(bytes(body)).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "bend",
    [_cut, _other, _bent, lambda _: "r", lambda _: "rpl_", lambda _: "rpl_ü", lambda _: "x" * 9999],
)
def test_a_token_that_was_not_given_is_refused(bend: Callable[[str], str]) -> None:
    issued = full()

    assert refused_with(issued, bend(offers(issued)[0]["replace_token"])) == "REPLACE_TOKEN_INVALID"


def test_a_token_ends_after_fifteen_minutes() -> None:
    issued = full()
    token = offers(issued)[0]["replace_token"]

    code = refused_with(issued, token, at=NOW + timedelta(minutes=15))

    assert code == "REPLACE_TOKEN_INVALID"


def test_a_token_is_the_devices_to_which_it_was_offered() -> None:
    issued = full()

    assert refused_with(issued, offers(issued)[0]["replace_token"], "third") == (
        "REPLACE_TOKEN_INVALID"
    )


def test_a_token_of_another_licence_is_refused() -> None:
    issued, other = full(), full()

    assert refused_with(issued, offers(other)[0]["replace_token"]) == "REPLACE_TOKEN_INVALID"


def test_a_token_survives_a_new_key_of_the_ring_and_not_the_loss_of_its_own(settings: Any) -> None:
    issued = full()
    token = offers(issued)[0]["replace_token"]
    rings = {"digest_keys": settings.DIGEST_KEYS, "encryption_keys": settings.ENCRYPTION_KEYS}
    new, old = "n" * 40, list(settings.TOKEN_KEYS)
    try:
        vault.unlock(token_keys=[new], **rings)
        assert refused_with(issued, token) == "REPLACE_TOKEN_INVALID"
        vault.unlock(token_keys=[new, *old], **rings)
        assert activate(issued.key, "new", replace_token=token).is_new
    finally:
        vault.unlock(token_keys=old, **rings)


def test_a_token_is_worth_nothing_once_the_licence_no_longer_offers_it() -> None:
    issued = full()
    token = offers(issued)[0]["replace_token"]
    change_license(
        license_id=issued.license.pk, changes={"self_service": "SEE"}, at=NOW, origin=STAFF
    )

    assert refused_with(issued, token) == "REPLACE_TOKEN_INVALID"


def test_where_names_hold_the_seats_no_device_is_replaced() -> None:
    issued = issue(license_type="NAMED_USER", self_service="REPLACE")

    code = refused_with(issued, "rpl_x", user_identity="ada")

    assert code == "REPLACE_TOKEN_INVALID"


def test_replacing_counts_as_a_release() -> None:
    issued = full()
    License.objects.update(releases_per_30_days=1)
    token = offers(issued)[0]["replace_token"]
    activate(issued.key, "new", replace_token=token)

    code = refused_with(issued, offers(issued, "newer")[0]["replace_token"], "newer")

    assert code == "RELEASE_LIMIT"


def _suspend(issued: Issued) -> None:
    lifecycle.suspend_license(license_id=issued.license.pk, reason="x", at=NOW, origin=STAFF)


def _bar(issued: Issued) -> None:
    BlacklistedDevice.objects.create(
        fingerprint_digest=vault.digest(FINGERPRINT, "new"), reason="x", created_at=NOW
    )


def _restrict(issued: Issued) -> None:
    row = {"restriction_type": "GEOGRAPHIC", "operator": "ALLOW", "values": ["DE"]}
    change_license(
        license_id=issued.license.pk, changes={}, restrictions=[row], at=NOW, origin=STAFF
    )


@pytest.mark.parametrize(
    ("happens", "code"),
    [
        (_suspend, "LICENSE_SUSPENDED"),
        (_bar, "DEVICE_BLACKLISTED"),
        (_restrict, "RESTRICTED_COUNTRY"),
    ],
)
def test_a_device_that_may_not_run_replaces_nobody(
    happens: Callable[[Issued], None], code: str
) -> None:
    issued = full()
    token = offers(issued)[0]["replace_token"]
    happens(issued)

    assert refused_with(issued, token) == code


def test_in_grace_a_new_device_replaces_nobody() -> None:
    issued = full(duration_days=30)
    at = NOW + timedelta(days=29, hours=23, minutes=55)
    token = offers(issued, at=at)[0]["replace_token"]

    assert refused_with(issued, token, at=at + timedelta(minutes=6)) == "LICENSE_EXPIRED"


def test_a_swap_that_does_not_fit_changes_nothing_and_tells_the_numbers_as_they_are() -> None:
    issued = full(3)
    License.objects.update(max_activations=1)
    chosen = offers(issued)[0]

    before = everything()
    with pytest.raises(Refusal) as refused:
        activate(issued.key, "new", replace_token=chosen["replace_token"])

    assert refused.value.code == "ACTIVATION_LIMIT_EXCEEDED"
    assert refused.value.details["current_activations"] == 3
    assert len(refused.value.details["devices"]) == 3
    assert everything() == before


def test_a_trial_lets_a_device_take_anothers_place() -> None:
    issued = full(1, license_type="TRIAL")

    done = activate(issued.key, "new", replace_token=offers(issued)[0]["replace_token"])

    assert done.is_new
    assert License.objects.get().current_activations == 1
