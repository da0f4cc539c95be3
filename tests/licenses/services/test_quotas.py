"""Quotas: what is counted, what is refused, and when a period starts anew."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from events.refusals import Refusal
from licenses.models import Activation, Entitlement, QuotaCounter
from licenses.selectors import snapshots
from licenses.services import activation, lifecycle, quotas
from licenses.services.changing import change_license
from licenses.services.entitlements import FeatureGrant
from licenses.services.tokens import token_digest
from licensing_portal.api.codes import CODES
from tests import factories
from tests.clock import NOW
from tests.factories import DEVICE, STAFF

pytestmark = pytest.mark.django_db


def test_what_is_consumed_is_counted_up_to_the_limit_and_not_beyond(metered):
    world = metered(limit=3)
    assert [world.consume().used for _ in range(3)] == [1, 2, 3]
    refusal = world.refusal()
    assert refusal.code == "QUOTA_EXCEEDED"
    assert refusal.details == {"feature_id": "exports", "used": 3, "limit": 3, "remaining": 0}


def test_an_amount_that_would_pass_the_limit_is_refused_whole(metered):
    world = metered(limit=10)
    world.consume(8)
    refusal = world.refusal(amount=3)
    assert (refusal.code, refusal.details["remaining"]) == ("QUOTA_EXCEEDED", 2)
    assert world.consume(2).remaining == 0


def test_the_first_amount_may_not_pass_the_limit_either(metered):
    assert metered(limit=10).refusal(amount="10.000001").details["used"] == 0
    assert metered(limit=0).refusal().details["limit"] == 0


def test_a_feature_without_a_limit_is_counted_without_end(metered):
    world = metered(limit=None)
    world.consume(10**12)
    read = world.consume("0.5")
    assert (read.used, read.limit, read.remaining, read.resets_at) == (
        Decimal("1000000000000.5"),
        None,
        None,
        None,
    )


def test_tenths_add_up_to_the_whole(metered):
    world = metered(limit=1)
    for _ in range(10):
        world.consume("0.1")
    assert world.refusal(amount="0.000001").code == "QUOTA_EXCEEDED"
    assert QuotaCounter.objects.get().used == 1


def test_what_is_given_back_can_be_consumed_again(metered):
    world = metered(limit=2)
    world.consume(2)
    assert world.release("0.5").remaining == Decimal("0.5")
    assert world.consume("0.5").remaining == 0


@pytest.mark.parametrize("consumed", [0, 1])
def test_more_than_was_consumed_is_never_given_back(metered, consumed):
    world = metered()
    if consumed:
        world.consume(consumed)
    refusal = world.refusal("release", amount="1.5")
    assert (refusal.code, refusal.details["used"]) == ("USAGE_UNDERFLOW", consumed)


@pytest.mark.parametrize(
    ("period", "last", "first", "resets_at"),
    [
        ("DAY", "2026-03-14T23:59:59.999999", "2026-03-15T00:00:00", "2026-03-15"),
        ("MONTH", "2026-03-31T23:59:59", "2026-04-01T00:00:00", "2026-04-01"),
        ("MONTH", "2026-12-31T23:59:59", "2027-01-01T00:00:00", "2027-01-01"),
        ("YEAR", "2026-12-31T23:59:59", "2027-01-01T00:00:00", "2027-01-01"),
    ],
)
def test_a_period_starts_anew_by_the_clock_with_no_job(metered, period, last, first, resets_at):
    world = metered(limit=5, period=period)
    last, first = (datetime.fromisoformat(at).replace(tzinfo=UTC) for at in (last, first))
    read = world.consume(5, at=last)
    assert read.resets_at == datetime.fromisoformat(resets_at).replace(tzinfo=UTC)
    assert world.refusal(at=last).code == "QUOTA_EXCEEDED"
    assert world.consume(at=first).used == 1
    # What was consumed in the period before is not there to be given back.
    assert world.refusal("release", amount=2, at=first).code == "USAGE_UNDERFLOW"


def test_a_period_is_reckoned_in_utc_whatever_the_zone_of_the_clock(metered):
    world = metered(limit=1, period="DAY")
    world.consume(at=datetime.fromisoformat("2026-03-14T20:00:00-05:00"))
    assert world.refusal(at=datetime(2026, 3, 15, 2, tzinfo=UTC)).code == "QUOTA_EXCEEDED"


def test_a_quota_without_a_period_never_starts_anew(metered):
    world = metered(limit=1, license_type="PERPETUAL")
    world.consume()
    assert world.refusal(at=NOW + timedelta(days=4000)).code == "QUOTA_EXCEEDED"


def act(name):
    return lambda world: getattr(lifecycle, name)(
        license_id=world.license.pk, reason="x", at=NOW, origin=STAFF
    )


YEAR = timedelta(days=365)
REFUSED = {
    "revoked": (act("revoke_license"), NOW, "LICENSE_REVOKED"),
    "suspended": (act("suspend_license"), NOW, "LICENSE_SUSPENDED"),
    "parked": (act("park_license"), NOW, "LICENSE_INACTIVE"),
    "expired": (lambda world: None, NOW + 2 * YEAR, "LICENSE_EXPIRED"),
    "not granted": (
        lambda world: Entitlement.objects.update(feature_id="other"), NOW, "FEATURE_NOT_LICENSED",
    ),
    "switched off": (
        lambda world: Entitlement.objects.update(enabled=False), NOW, "FEATURE_NOT_LICENSED",
    ),
    "ended": (lambda world: Entitlement.objects.update(expires_at=NOW), NOW, "FEATURE_EXPIRED"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("door", ["consume", "release"])
def test_a_licence_that_may_not_run_may_not_count(metered, name, door):
    before, at, code = REFUSED[name]
    world = metered()
    world.consume()
    before(world)
    assert world.refusal(door, at=at).code == code


def test_a_licence_that_waits_for_its_first_activation_counts_nothing_yet(metered):
    world = metered(expiry_basis="FIRST_ACTIVATION", duration_days=30)
    refusal = world.refusal()
    assert (refusal.code, refusal.details["next_action"]) == ("LICENSE_PENDING", "activate")


def test_in_grace_what_worked_works_on(metered):
    world = metered(grace_period_days=30)
    assert world.consume(at=NOW + YEAR + timedelta(days=3)).used == 1


def test_a_device_that_was_signed_out_counts_nothing(metered):
    world = metered()
    seat = factories.activate(world.key)
    device = seat.snapshot.device
    activation.deactivate(activation_id=device.id, reason="", at=NOW, origin=STAFF)
    found = snapshots.by_token(token_digest(seat.token))
    with pytest.raises(Refusal) as caught:
        quotas.consume(found=found, feature_id="exports", amount=Decimal(1), at=NOW, origin=DEVICE)
    assert caught.value.code == "ACTIVATION_DEACTIVATED"
    assert not QuotaCounter.objects.exists()


def test_a_copy_from_before_a_suspension_counts_nothing(metered):
    world = metered()
    copy = snapshots.by_key(world.key, fingerprint=None)._replace(cached=True)
    act("suspend_license")(world)
    with pytest.raises(Refusal) as caught:
        quotas.consume(found=copy, feature_id="exports", amount=Decimal(1), at=NOW, origin=DEVICE)
    assert caught.value.code == "LICENSE_SUSPENDED"
    assert not QuotaCounter.objects.exists()


def test_a_copy_from_before_an_upgrade_counts_against_the_new_limit(metered):
    world = metered(limit=1)
    copy = snapshots.by_key(world.key, fingerprint=None)
    change(world, 5)
    read = quotas.consume(
        found=copy, feature_id="exports", amount=Decimal(4), at=NOW, origin=DEVICE
    )
    assert (read.limit, read.remaining) == (5, 1)


def change(world, limit):
    grants = [FeatureGrant(feature_id="exports", limit_value=Decimal(limit))]
    change_license(license_id=world.license.pk, changes={}, features=grants, at=NOW, origin=STAFF)


def test_a_limit_lowered_below_what_is_used_takes_nothing_away_and_lets_nothing_in(metered):
    world = metered(limit=10)
    world.consume(8)
    change(world, 4)
    refusal = world.refusal()
    assert refusal.details | {"used": 8, "limit": 4, "remaining": 0} == refusal.details
    assert world.release(5).used == 3
    assert world.consume(1).remaining == 0


@pytest.mark.parametrize(
    "amount",
    ["0", "-1", "NaN", "Infinity", "-Infinity", "0.0000001", "1.0000001", "1e16", "1e400",
     "0.1000000000000000000000000000000000000000000001"],
)  # fmt: skip
def test_an_amount_that_no_counter_holds_is_refused(metered, amount):
    world = metered(limit=None)
    for door in ("consume", "release"):
        refusal = world.refusal(door, amount=amount)
        assert (refusal.code, list(refusal.details)) == ("VALIDATION_ERROR", ["amount"])


def test_zeros_behind_the_last_place_are_no_places(metered):
    assert metered().consume("1.50000000000").used == Decimal("1.5")


def test_a_counter_never_runs_over(metered):
    world = metered(limit=None)
    world.consume(10**15)
    assert world.refusal().code == "VALIDATION_ERROR"


def test_a_device_whose_lease_ran_out_counts_nothing(metered):
    world = metered()
    seat = factories.activate(world.key)
    Activation.objects.update(lease_expires_at=NOW)
    found = snapshots.by_token(token_digest(seat.token))
    with pytest.raises(Refusal) as caught:
        quotas.consume(found=found, feature_id="exports", amount=Decimal(1), at=NOW, origin=DEVICE)
    assert caught.value.code == "LEASE_EXPIRED"
    assert caught.value.code in CODES
    assert not QuotaCounter.objects.exists()
