"""The status sweep."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events.models import Event
from events.refusals import Refusal
from licenses.models import License, StatusSweep
from licenses.services import lifecycle
from licenses.services.lifecycle import clock
from licenses.states import Status
from tests.clock import NOW
from tests.factories import STAFF, issue, make_product, make_tenant

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture(params=[lifecycle.catch_up, lifecycle.keep_up])
def sweep(request: pytest.FixtureRequest) -> Callable[..., int]:
    """Either sweep: for what has become due since the last one they are the same."""
    found: Callable[..., int] = request.param
    return found


def test_it_writes_down_what_the_clock_has_done_and_no_more(sweep: Callable[..., int]) -> None:
    product, tenant = make_product(), make_tenant()
    given = {"product": product, "tenant": tenant}
    runs_on = issue(expiry_date=NOW + 10 * DAY, **given).license
    expired = issue(expiry_date=NOW + DAY, **given).license
    forever = issue(expiry_date=NOW + DAY, grace_period_days=0, **given).license
    held = issue(expiry_date=NOW + DAY, **given).license
    lifecycle.suspend_license(license_id=held.pk, reason="odd", at=NOW, origin=STAFF)

    moved = sweep(at=NOW + 5 * DAY)

    assert moved == 2
    status = dict(License.objects.values_list("pk", "status"))
    assert status == {
        runs_on.pk: Status.ACTIVE,
        expired.pk: Status.EXPIRED,
        forever.pk: Status.EXPIRED,
        held.pk: Status.SUSPENDED,
    }


def test_a_sweep_that_slept_tells_each_step_at_its_own_time(sweep: Callable[..., int]) -> None:
    license = issue(expiry_date=NOW + DAY, grace_period_days=7).license
    late = NOW + 30 * DAY

    sweep(at=late)

    told = Event.objects.of_license(license.pk).order_by("sequence")
    assert [(event.type, event.occurred_at, event.recorded_at) for event in told][1:] == [
        ("license.expired", NOW + DAY, late),
        ("license.suspended", NOW + 8 * DAY, late),
    ]
    assert told[2].reason == "GRACE_PERIOD_ENDED"
    assert told[1].changes == {"status": {"before": "ACTIVE", "after": "EXPIRED"}}
    assert told[2].changes == {"status": {"before": "EXPIRED", "after": "SUSPENDED"}}


def test_twice_is_once(sweep: Callable[..., int]) -> None:
    issue(expiry_date=NOW + DAY)

    assert sweep(at=NOW + 2 * DAY) == 1
    assert sweep(at=NOW + 2 * DAY) == 0
    assert Event.objects.filter(type="license.expired").count() == 1


def test_small_chunks_reach_everything(sweep: Callable[..., int]) -> None:
    product, tenant = make_product(), make_tenant()
    for _ in range(7):
        issue(product=product, tenant=tenant, expiry_date=NOW + DAY)

    assert sweep(at=NOW + 2 * DAY, chunk=3) == 7
    assert Event.objects.filter(type="license.expired").count() == 7


def test_no_answer_changes_because_the_sweep_ran(sweep: Callable[..., int]) -> None:
    license = issue(expiry_date=NOW + DAY).license
    at = NOW + 2 * DAY
    before = License.objects.get()
    shown = (before.status_at(at), before.in_grace_at(at), before.revision)

    sweep(at=at)

    after = License.objects.get(pk=license.pk)
    assert (after.status_at(at), after.in_grace_at(at), after.revision) == shown


def test_a_pending_licence_expires_by_an_explicit_date_too(sweep: Callable[..., int]) -> None:
    issue(license_type="TRIAL", expiry_date=NOW + DAY)

    sweep(at=NOW + DAY)

    assert License.objects.get().status == Status.EXPIRED


def test_small_pages_reach_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "PAGE", 3)
    product, tenant = make_product(), make_tenant()
    for _ in range(7):
        issue(product=product, tenant=tenant, expiry_date=NOW + DAY)

    assert lifecycle.catch_up(at=NOW + 2 * DAY) == 7


def test_a_first_sweep_finds_what_ran_out_long_ago() -> None:
    issue(expiry_date=NOW + DAY)

    assert lifecycle.keep_up(at=NOW + 300 * DAY) == 1
    assert StatusSweep.objects.get().swept_until == NOW + 300 * DAY


def test_the_next_goes_on_where_the_last_one_came_to() -> None:
    lifecycle.keep_up(at=NOW + DAY)
    issue(expiry_date=NOW + 2 * DAY, grace_period_days=7)

    late = [lifecycle.keep_up(at=NOW + days * DAY) for days in (1, 3, 8, 9, 10)]

    assert late == [0, 1, 0, 1, 0]


def test_the_next_sees_what_a_slow_writer_wrote_behind_the_last_one() -> None:
    lifecycle.keep_up(at=NOW + DAY)
    issue(expiry_date=NOW + DAY - 50 * MINUTE, at=NOW + DAY - 55 * MINUTE)

    assert lifecycle.keep_up(at=NOW + DAY + MINUTE) == 1


def test_what_no_sweep_of_the_day_could_see_is_found_by_night() -> None:
    lost = issue(expiry_date=NOW + DAY).license
    lifecycle.keep_up(at=NOW + 20 * DAY)
    License.objects.filter(pk=lost.pk).update(status="ACTIVE")

    assert lifecycle.keep_up(at=NOW + 20 * DAY) == 0
    assert lifecycle.catch_up(at=NOW + 20 * DAY) == 1


def test_a_clock_set_back_loses_nothing() -> None:
    lifecycle.keep_up(at=NOW + 300 * DAY)
    issue(expiry_date=NOW + DAY)
    issue(expiry_date=NOW + 5 * DAY)

    swept = [lifecycle.keep_up(at=NOW + days * DAY) for days in (2, 3, 5)]

    assert swept == [1, 0, 1]
    assert StatusSweep.objects.get().swept_until == NOW + 5 * DAY


def test_a_sweep_that_fails_half_way_is_made_good_by_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lifecycle.keep_up(at=NOW)
    product, tenant = make_product(), make_tenant()
    for _ in range(4):
        issue(product=product, tenant=tenant, expiry_date=NOW + DAY)
    name = "_in_one_statement" if connection.vendor == "postgresql" else "_under_the_write_lock"
    move, moved = getattr(clock, name), []

    def move_one(*given: object, **more: object) -> int:
        if moved:
            raise ConnectionError
        moved.append(move(*given, **more))
        return int(moved[0])

    monkeypatch.setattr(clock, name, move_one)
    with pytest.raises(ConnectionError):
        lifecycle.keep_up(at=NOW + 30 * DAY)
    monkeypatch.setattr(clock, name, move)

    assert moved == [1]
    assert lifecycle.keep_up(at=NOW + 60 * DAY) == 4  # the first one's grace is over, too
    assert Event.objects.filter(type="license.expired").count() == 4


def test_a_hold_lifted_after_the_dates_passed_leaves_column_and_clock_agreed() -> None:
    license = issue(expiry_date=NOW + 2 * DAY, grace_period_days=30).license
    lifecycle.suspend_license(license_id=license.pk, reason="odd", at=NOW, origin=STAFF)
    assert [lifecycle.keep_up(at=NOW + days * DAY) for days in (1, 3, 9)] == [0, 0, 0]

    lifecycle.reinstate_license(
        license_id=license.pk, reason="mended", at=NOW + 10 * DAY, origin=STAFF
    )

    assert License.objects.get().status == Status.EXPIRED
    assert [lifecycle.keep_up(at=NOW + days * DAY) for days in (11, 33)] == [0, 1]
    assert License.objects.get().status == Status.SUSPENDED


ACTS = {
    "suspend": lifecycle.suspend_license,
    "reinstate": lifecycle.reinstate_license,
    "park": lifecycle.park_license,
    "unpark": lifecycle.unpark_license,
    "approve": lifecycle.approve_license,
    "renew": lifecycle.renew_license,
}
STEPS = st.lists(
    st.tuples(
        st.sampled_from([*ACTS, "issue", "sweep", "sweep", "wrong clock"]),
        st.integers(0, 2),  # which licence
        st.sampled_from([0, 0, 20, 45, 1_440, 15_840, 47_520]),  # minutes that have passed
        st.integers(0, 59),  # minutes by which the writer's clock is behind
    ),
    max_size=12,
)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS)
def test_whatever_happened_a_sweep_leaves_nothing_behind(
    steps: list[tuple[str, int, int, int]],
) -> None:
    StatusSweep.objects.all().delete()
    given = {"product": make_product(), "tenant": make_tenant()}
    licenses = [
        issue(expiry_date=NOW + days * DAY, grace_period_days=grace, **given).license.pk
        for days, grace in ((1, 0), (10, 7), (30, 30))
    ]
    now = NOW
    for act, number, minutes, behind in [*steps, ("sweep", 0, 0, 0)]:
        now += minutes * MINUTE
        _happens(act, licenses, number, now=now, at=now - behind * MINUTE, given=given)


def _happens(
    act: str,
    licenses: list[object],
    number: int,
    *,
    now: datetime,
    at: datetime,
    given: dict[str, object],
) -> None:
    match act:
        case "sweep":
            lifecycle.keep_up(at=now)
            assert not License.objects.behind_the_clock(now).exists()
        case "wrong clock":
            lifecycle.keep_up(at=now + 100 * DAY)
            lifecycle.keep_up(at=now)
        case "issue":
            expiry = at + number * 40 * MINUTE + MINUTE
            licenses[number] = issue(at=at, expiry_date=expiry, **given).license.pk
        case _:
            more = {"duration_months": 1} if act == "renew" else {}
            with suppress(Refusal):
                ACTS[act](license_id=licenses[number], reason="so", at=at, origin=STAFF, **more)
