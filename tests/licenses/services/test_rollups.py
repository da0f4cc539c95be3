"""Roll-ups add each hour and day once, however late and often they run."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from licenses.models import UsageRollup, UsageTotal
from licenses.selectors import snapshots
from licenses.selectors.series import Granularity, series_of
from licenses.services import quotas, rollups, usage_totals
from licenses.services.entitlements import FeatureGrant
from licenses.services.usage_totals import Beat
from licenses.tasks import prune_usage_hours, roll_up_usage
from tests import factories
from tests.clock import NOW
from tests.factories import DEVICE, activate, issue

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
NINE = datetime(2026, 3, 14, 9, tzinfo=UTC)
TODAY = datetime(2026, 3, 14, tzinfo=UTC)


@pytest.fixture
def issued():
    product = factories.make_product("exports")
    return issue(product=product, features=[FeatureGrant(feature_id="exports")])


def consume(issued, amount, at=NOW, act=quotas.consume):
    found = snapshots.by_key(issued.key, fingerprint=None)
    act(found=found, feature_id="exports", amount=Decimal(str(amount)), at=at, origin=DEVICE)


def beat(seat, at=NOW, **metrics):
    told = {name.replace("__", "."): float(value) for name, value in metrics.items()}
    usage_totals.write([Beat(seat.snapshot.device.id, at.timestamp(), told)])


def rows(grain="HOUR"):
    found = UsageRollup.objects.filter(grain=grain).order_by("starts_at", "metric")
    return list(found.values_list("starts_at", "source", "metric", "value"))


def test_what_was_consumed_stands_in_its_hour_and_its_day(issued):
    consume(issued, 3)
    consume(issued, "0.5")
    assert roll_up_usage() == {"rows": 1}
    consume(issued, 2, at=NOW + HOUR)
    rollups.roll_up()
    assert rows() == [
        (NINE, "QUOTA", "exports", 3.5),
        (NINE + HOUR, "QUOTA", "exports", 2.0),
    ]
    assert rows("DAY") == [(TODAY, "QUOTA", "exports", 5.5)]


def test_a_second_run_adds_nothing(issued):
    consume(issued, 3)
    beat(activate(issued.key), api_calls_count=7, active_users=4)
    assert [rollups.roll_up(), rollups.roll_up()] == [3, 0]
    assert [row[3] for row in rows()] == [4.0, 7.0, 3.0]


def test_many_chunks_roll_up_what_one_would(issued):
    for number in range(3):
        beat(activate(issued.key, f"device-{number}"), api_calls_count=5)
    assert rollups.roll_up(chunk=2) == 3
    assert rows("DAY") == [(TODAY, "TOLD", "api_calls_count", 15.0)]


def test_counters_add_up_over_devices_and_gauges_keep_the_highest(issued):
    one, two = activate(issued.key, "device-1"), activate(issued.key, "device-2")
    beat(one, api_calls_count=10, feature_usage__exports=2, active_users=4, last_used_at=5)
    beat(two, api_calls_count=5, active_users=9)
    rollups.roll_up()
    beat(one, at=NOW + timedelta(minutes=1), api_calls_count=12, active_users=6)
    rollups.roll_up()
    assert rows() == [
        (NINE, "TOLD", "active_users", 9.0),
        (NINE, "TOLD", "api_calls_count", 17.0),
        (NINE, "TOLD", "feature_usage.exports", 2.0),
    ]
    assert not UsageTotal.objects.filter(due=True).exists()


def test_what_was_given_back_is_taken_off(issued):
    consume(issued, 5)
    rollups.roll_up()
    consume(issued, 2, act=quotas.release)
    rollups.roll_up()
    assert rows("DAY") == [(TODAY, "QUOTA", "exports", 3.0)]


def test_a_job_that_comes_days_late_loses_nothing_and_dates_it_by_its_use(issued):
    consume(issued, 5)
    late = NOW + timedelta(days=9)
    roll_up_usage(at=late.isoformat())
    assert rows("DAY") == [(TODAY, "QUOTA", "exports", 5.0)]


def test_series_are_read_by_hour_day_and_month(issued):
    for days in (0, 1, 20):
        at = NOW + timedelta(days=days)
        consume(issued, days + 1, at=at)
        rollups.roll_up()
    ends = {"start": NOW, "end": NOW + timedelta(days=31)}

    def read(granularity):
        found = series_of(issued.license, granularity=granularity, **ends)
        return [(point.at, point.value) for point in found["consumed.exports"]]

    day = timedelta(days=1)
    assert read(Granularity.HOUR) == [(NINE, 1), (NINE + day, 2), (NINE + 20 * day, 21)]
    assert read(Granularity.DAY) == [(TODAY, 1), (TODAY + day, 2), (TODAY + 20 * day, 21)]
    march, april = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
    assert read(Granularity.MONTH) == [(march, 3), (april, 21)]


def test_another_licences_use_is_not_in_it(issued):
    consume(issued, 5)
    rollups.roll_up()
    other = issue().license
    ends = {"start": NOW, "end": NOW + HOUR}
    assert series_of(other, granularity=Granularity.HOUR, **ends) == {}


def test_hours_are_forgotten_after_three_months_and_days_are_not(issued):
    consume(issued, 5)
    rollups.roll_up()
    assert prune_usage_hours(at=(NOW + timedelta(days=91)).isoformat()) == {"hours": 0}
    assert prune_usage_hours(at=(NOW + timedelta(days=93)).isoformat()) == {"hours": 1}
    assert len(rows("DAY")) == 1
