"""A concurrent licence's seat is held by a live lease."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Sum

from events.models import Event
from events.refusals import Refusal
from licenses.models import Activation, License
from licenses.selectors import entry, snapshots
from licenses.services import changing, holding, lifecycle, reaping
from licenses.services.tokens import token_digest
from licenses.validation import Asked
from tests.clock import NOW
from tests.factories import DEVICE, STAFF, activate, give_back, issue, make_template

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
LEASE = 30 * MINUTE


def concurrent(**terms: Any) -> Any:
    return issue(**{"license_type": "CONCURRENT", "max_activations": 2} | terms)


def beat(token: str, *, at: Any, borrow_days: int | None = None) -> Any:
    """A heartbeat as the door hands it on; returns the device and the verdict."""

    def judge(found: Any) -> Any:
        return entry.judged(found, Asked(device=True), caller=lambda _: None, at=at)

    found = snapshots.by_token(token_digest(token))
    found, verdict = holding.keep_heard(
        *judge(found), borrow_days=borrow_days, judge=judge, boot=b"", at=at, origin=DEVICE
    )
    return found.device, verdict


def row_of(token: str) -> Activation:
    return Activation.objects.select_related("license").get(token_digest=token_digest(token))


def told(event_type: str) -> list[Any]:
    return list(Event.objects.filter(type=event_type).order_by("sequence"))


def taken() -> int:
    license = License.objects.get()
    live = Activation.objects.live().aggregate(units=Sum("units"))["units"] or 0
    assert license.current_activations == live
    return live


@pytest.fixture
def unchanged():
    def rows() -> Any:
        return list(License.objects.values()), list(Activation.objects.values())

    return rows


def test_a_lease_is_three_heartbeats_unless_said_otherwise() -> None:
    assert concurrent().license.lease_seconds == 1800
    assert concurrent(heartbeat_interval_seconds=60).license.lease_seconds == 180
    assert concurrent(lease_seconds=5).license.lease_seconds == 5
    template = make_template(license_type="CONCURRENT", lease_seconds=77)
    assert issue(template_id=template.pk, license_type=None).license.lease_seconds == 77
    assert issue().license.lease_seconds is None


def test_an_activation_says_how_long_its_lease_is() -> None:
    done = activate(concurrent().key)
    assert done.snapshot.device.lease_expires_at == NOW + LEASE
    assert row_of(done.token).lease_expires_at == NOW + LEASE


def test_other_types_keep_their_seat_for_good() -> None:
    done = activate(issue(lease_seconds=60).key)
    assert done.snapshot.device.lease_expires_at is None
    assert row_of(done.token).status_at(NOW + 300 * DAY) == "ACTIVE"


def test_a_heartbeat_renews_and_raises_no_revision() -> None:
    token = activate(concurrent().key).token
    device, verdict = beat(token, at=NOW + 20 * MINUTE)
    row = row_of(token)
    assert verdict.code == "VALID"
    assert device.lease_expires_at == row.lease_expires_at == NOW + 50 * MINUTE
    assert (row.revision, row.license.revision) == (1, 1)
    assert not Event.objects.filter(type__in=["activation.updated", "activation.borrowed"])


def test_the_same_device_renews_by_activating() -> None:
    issued = concurrent()
    first = activate(issued.key)
    again = activate(issued.key, at=NOW + 10 * MINUTE)
    assert (again.is_new, again.token) == (False, first.token)
    assert again.snapshot.device.lease_expires_at == NOW + 40 * MINUTE
    assert taken() == 1


def test_a_lapsed_lease_is_expired_and_keeps_its_row_and_token() -> None:
    token = activate(concurrent().key).token
    row = row_of(token)
    assert row.status_at(NOW + LEASE - MINUTE) == "ACTIVE"
    assert row.status_at(NOW + LEASE) == "EXPIRED"
    assert row.deactivated_at is None
    assert list(Activation.objects.in_status("EXPIRED", NOW + LEASE)) == [row]


def test_a_full_licence_takes_back_lapsed_leases_before_it_refuses() -> None:
    issued = concurrent()
    lapsed = activate(issued.key, "a").token
    activate(issued.key, "b", at=NOW + 20 * MINUTE)
    new = activate(issued.key, "c", at=NOW + LEASE)

    assert new.is_new
    assert taken() == 2
    (event,) = told("activation.lease_expired")
    assert event.activation_id == row_of(lapsed).pk
    assert (event.occurred_at, event.recorded_at) == (NOW + LEASE, NOW + LEASE)
    assert event.changes == {"units": {"before": 1, "after": 0}}
    assert row_of(lapsed).units == 0


def test_a_full_licence_without_lapsed_leases_refuses_and_changes_nothing(unchanged) -> None:
    issued = concurrent()
    for name in ("a", "b"):
        activate(issued.key, name)
    before = unchanged()
    with pytest.raises(Refusal) as refused:
        activate(issued.key, "c", at=NOW + LEASE - MINUTE)
    assert refused.value.code == "ACTIVATION_LIMIT_EXCEEDED"
    assert refused.value.details["current_activations"] == 2
    assert unchanged() == before
    assert not told("activation.lease_expired")


def test_a_refusal_takes_back_what_it_took_from_lapsed_leases(unchanged) -> None:
    issued = concurrent(license_model="PER_CORE", max_activations=8)
    activate(issued.key, "lapsed", core_count=2)
    activate(issued.key, "live", core_count=6, at=NOW + 20 * MINUTE)
    before = unchanged()
    with pytest.raises(Refusal) as refused:
        activate(issued.key, "big", core_count=4, at=NOW + LEASE)
    assert refused.value.code == "ACTIVATION_LIMIT_EXCEEDED"
    assert unchanged() == before
    assert not told("activation.lease_expired")


def test_a_heartbeat_on_a_lapsed_lease_takes_a_seat_again() -> None:
    issued = concurrent()
    token = activate(issued.key, "a").token
    assert reaping.reap(at=NOW + LEASE) == 1
    assert taken() == 0

    device, verdict = beat(token, at=NOW + 3 * LEASE)

    assert (verdict.code, device.units) == ("VALID", 1)
    assert device.lease_expires_at == NOW + 4 * LEASE
    assert taken() == 1
    (event,) = told("activation.updated")
    assert event.changes == {"units": {"before": 0, "after": 1}}
    assert row_of(token).revision == 3


def test_a_heartbeat_on_a_lapsed_lease_is_refused_while_none_is_free(unchanged) -> None:
    issued = concurrent(max_activations=1)
    token = activate(issued.key, "a").token
    activate(issued.key, "b", at=NOW + LEASE)
    before = unchanged()

    _, verdict = beat(token, at=NOW + LEASE + MINUTE)

    assert (verdict.valid, verdict.code, verdict.next_action) == (
        False, "LEASE_EXPIRED", "activate",
    )  # fmt: skip
    assert unchanged() == before
    with pytest.raises(Refusal) as refused:
        activate(issued.key, "a", at=NOW + LEASE + MINUTE)
    assert refused.value.code == "ACTIVATION_LIMIT_EXCEEDED"
    assert unchanged() == before


def test_a_lapsed_lease_takes_over_from_another_that_lapsed() -> None:
    issued = concurrent(max_activations=1)
    first = activate(issued.key, "a").token
    second = activate(issued.key, "b", at=NOW + LEASE).token
    _, verdict = beat(first, at=NOW + 2 * LEASE)
    assert verdict.valid
    assert [row_of(token).units for token in (first, second)] == [1, 0]
    assert taken() == 1


@pytest.mark.parametrize("reaped", [True, False])
def test_no_answer_depends_on_whether_the_reaper_ran(reaped) -> None:
    issued = concurrent()
    tokens = [activate(issued.key, name).token for name in ("a", "b")]
    changing.change_license(
        license_id=issued.license.pk, changes={"max_activations": 1}, at=NOW, origin=STAFF
    )
    if reaped:
        reaping.reap(at=NOW + LEASE)
    codes = [beat(token, at=NOW + LEASE)[1].code for token in tokens]
    assert codes == ["VALID", "LEASE_EXPIRED"]
    assert taken() == 1


@pytest.mark.parametrize("act", ["suspend_license", "park_license"])
def test_a_licence_that_does_not_run_renews_nothing(act) -> None:
    issued = concurrent()
    token = activate(issued.key).token
    getattr(lifecycle, act)(license_id=issued.license.pk, reason="r", at=NOW + MINUTE, origin=STAFF)
    _, verdict = beat(token, at=NOW + 10 * MINUTE)
    assert not verdict.valid
    assert row_of(token).lease_expires_at == NOW + LEASE


def test_in_grace_a_known_device_takes_its_seat_again_and_a_new_one_does_not() -> None:
    issued = concurrent(expiry_date=NOW + DAY)
    activate(issued.key, "a")
    again = activate(issued.key, "a", at=NOW + 2 * DAY)
    assert not again.is_new
    assert again.snapshot.device.lease_expires_at == NOW + 2 * DAY + LEASE
    with pytest.raises(Refusal) as refused:
        activate(issued.key, "b", at=NOW + 2 * DAY)
    assert refused.value.code == "LICENSE_EXPIRED"


def test_a_device_that_gives_back_after_its_lease_lapsed_frees_nothing_twice() -> None:
    token = activate(concurrent().key).token
    reaping.reap(at=NOW + LEASE)
    give_back(token, at=NOW + LEASE)
    assert taken() == 0
    _, verdict = beat(token, at=NOW + LEASE)
    assert verdict.code == "ACTIVATION_DEACTIVATED"


def test_revoking_signs_out_lapsed_and_live_alike() -> None:
    issued = concurrent()
    activate(issued.key, "a")
    reaping.reap(at=NOW + LEASE)
    activate(issued.key, "b", at=NOW + LEASE)
    lifecycle.revoke_license(license_id=issued.license.pk, reason="r", at=NOW + LEASE, origin=STAFF)
    assert taken() == 0
    assert not Activation.objects.live().exists()


def test_a_licence_that_is_no_longer_leased_lets_its_devices_keep_their_seats() -> None:
    issued = concurrent()
    token = activate(issued.key).token
    reaping.reap(at=NOW + LEASE)
    License.objects.update(license_type="SUBSCRIPTION")
    device, verdict = beat(token, at=NOW + 2 * LEASE)
    assert (verdict.code, device.lease_expires_at, device.units) == ("VALID", None, 1)
    assert taken() == 1


def test_a_pool_that_fills_again_and_again_says_so_once_a_day() -> None:
    issued = concurrent(max_activations=1)
    for number in range(6):
        activate(issued.key, "ab"[number % 2], at=NOW + number * LEASE)
    assert taken() == 1
    marks = [event.changes["percent"]["after"] for event in told("license.seats_at")]
    assert marks == [100]
    activate(issued.key, "a", at=NOW + 2 * DAY)
    activate(issued.key, "b", at=NOW + 2 * DAY + LEASE)
    assert len(told("license.seats_at")) == 2


def test_devices_that_come_and_go_fill_a_pool_once_a_day() -> None:
    issued = concurrent(max_activations=1)
    for number in range(4):
        token = activate(issued.key, f"device-{number}", at=NOW + number * LEASE / 9).token
        give_back(token, at=NOW + number * LEASE / 9)
    assert len(told("license.seats_at")) == 1
