"""Quotas stay exact however many devices count at once."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from accounts.services.repeats import Answer, Attempt, once
from events.models import Event
from licenses.models import Feature, QuotaCounter
from licenses.selectors import snapshots
from licenses.services import lifecycle, quotas
from licenses.services.entitlements import FeatureGrant
from tests import factories
from tests.clock import NOW
from tests.factories import DEVICE, STAFF
from tests.races.killed import killed_while
from tests.races.threads import at_once, refused, succeeded

pytestmark = pytest.mark.django_db(transaction=True)


def metered(limit: int | None, period: str = "NONE") -> factories.Issued:
    product = factories.make_product("exports")
    Feature.objects.update(period=period)
    value = None if limit is None else Decimal(limit)
    return factories.issue(
        product=product, features=[FeatureGrant(feature_id="exports", limit_value=value)]
    )


def counting(key: str, amount: Any = 1, act: Callable[..., Any] = quotas.consume, at=NOW) -> Any:
    """Return a job that asks as the door does, with what it knew before all are let go."""
    found = snapshots.by_key(key, fingerprint=None)
    assert found is not None
    return partial(
        act, found=found, feature_id="exports", amount=Decimal(str(amount)), at=at, origin=DEVICE
    )


def used() -> Decimal:
    return sum((row.used for row in QuotaCounter.objects.all()), Decimal(0))


def test_forty_threads_never_pass_the_limit_and_lose_nothing() -> None:
    issued = metered(25)

    results = at_once(*[counting(issued.key)] * 40)

    assert refused(results) == ["QUOTA_EXCEEDED"] * 15
    assert sorted(read.used for read in succeeded(results)) == list(range(1, 26))
    assert QuotaCounter.objects.get().used == 25


def test_amounts_that_do_not_fit_leave_room_for_those_that_do() -> None:
    issued = metered(10)

    results = at_once(*[counting(issued.key, amount) for amount in ("3", "0.1") * 20])

    assert used() == sum(
        (Decimal(amount) for amount, got in zip(("3", "0.1") * 20, results, strict=True)
         if got in succeeded(results)),
        Decimal(0),
    )  # fmt: skip
    # Were there room for one of three, none would have been refused.
    assert 7 < used() <= 10


def test_without_a_limit_every_step_counts() -> None:
    issued = metered(None)

    at_once(*[counting(issued.key, "0.1")] * 40)

    assert used() == 4


def test_consuming_and_giving_back_at_once_adds_up() -> None:
    issued = metered(12)
    counting(issued.key, 6)()
    jobs = [counting(issued.key), counting(issued.key, act=quotas.release)] * 20

    results = at_once(*jobs)

    done = [
        1 if job.func is quotas.consume else -1
        for job, got in zip(jobs, results, strict=True)
        if got in succeeded(results)
    ]
    assert used() == 6 + sum(done)
    assert 0 <= used() <= 12
    assert set(refused(results)) <= {"QUOTA_EXCEEDED", "USAGE_UNDERFLOW"}
    assert all(0 <= read.used <= 12 for read in succeeded(results))


def test_a_period_is_opened_once_by_whoever_comes_first() -> None:
    issued = metered(30, period="DAY")
    tomorrow = NOW + timedelta(days=1)

    results = at_once(*[counting(issued.key, at=at) for at in (NOW, tomorrow) * 20])

    assert refused(results) == []
    assert [row.used for row in QuotaCounter.objects.all()] == [20, 20]


def test_each_share_is_told_once_whoever_reaches_it() -> None:
    issued = metered(40)

    at_once(*[counting(issued.key)] * 40)

    events = Event.objects.of_license(issued.license.pk).filter(type="usage.at")
    assert sorted(row.changes["percent"]["after"] for row in events) == [75, 90, 100]


def test_nothing_is_counted_once_a_suspension_is_in_force() -> None:
    issued = metered(None)
    jobs = [counting(issued.key)] * 20
    hold = partial(
        lifecycle.suspend_license,
        license_id=issued.license.pk, reason="x", at=NOW, origin=STAFF,
    )  # fmt: skip

    results = at_once(*jobs, hold)

    counted = len(succeeded(results[:-1]))
    assert used() == counted
    assert set(refused(results)) <= {"LICENSE_SUSPENDED"}
    assert refused(at_once(*jobs)) == ["LICENSE_SUSPENDED"] * 20
    assert used() == counted


def test_one_repeatable_call_sent_many_times_at_once_counts_once() -> None:
    issued = metered(5)
    attempt = Attempt(credential="license:1", route="POST usage", key="k", content=b"{}")
    consume = counting(issued.key)

    def act() -> Answer:
        consume()
        return Answer(200, "{}")

    results = at_once(*[partial(once, attempt, act, at=NOW)] * 12)

    assert set(refused(results)) <= {"IDEMPOTENCY_IN_PROGRESS"}
    assert used() == 1


def test_a_process_killed_before_it_told_has_not_counted(redis_url) -> None:
    issued = metered(4)

    killed_while(
        f"""
        from decimal import Decimal
        from licenses.selectors import snapshots
        from licenses.services import counters, quotas
        from tests.clock import NOW
        from tests.factories import DEVICE
        counters.trail.columns = die
        found = snapshots.by_key({issued.key!r}, fingerprint=None)
        quotas.consume(
            found=found, feature_id="exports", amount=Decimal(3), at=NOW, origin=DEVICE
        )
        """,
        redis_url=redis_url,
    )

    assert not QuotaCounter.objects.exists()
    assert not Event.objects.filter(type="usage.at").exists()
