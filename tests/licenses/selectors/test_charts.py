"""A licence's use as bars: where they stand, how tall they are, and what they are called."""

from datetime import UTC, datetime, timedelta

import pytest

from licenses.models import UsageRollup
from licenses.selectors.charts import charts_of, shown_of
from tests.clock import NOW
from tests.factories import issue, make_product

pytestmark = pytest.mark.django_db
TODAY = datetime(2026, 3, 14, tzinfo=UTC)


@pytest.fixture
def license():
    product = make_product("exports")
    return issue(product=product, features=None).license


def used(license, value, *, days_ago=0, metric="exports", source="QUOTA"):
    UsageRollup.objects.create(
        license=license,
        grain="DAY",
        starts_at=TODAY - timedelta(days=days_ago),
        source=source,
        metric=metric,
        value=value,
    )


def test_days_and_months_are_drawn_each_in_its_place(license):
    used(license, 10)
    used(license, 5, days_ago=29)
    used(license, 40, days_ago=30)
    (chart,) = charts_of(license, at=NOW)
    daily, monthly = chart.drawings
    assert [(bar.x, bar.width, bar.height, bar.y) for bar in daily.bars] == [
        (1, 8, 50.0, 50.0),
        (291, 8, 100.0, 0.0),
    ]
    assert (daily.total, daily.busiest.value, daily.monthly) == (15, 10, False)
    # Of the eleven months before, February had both of the older days.
    assert [(bar.x, bar.width, bar.height) for bar in monthly.bars] == [
        (251, 23, 100.0),
        (276, 23, 22.2),
    ]
    assert (monthly.total, monthly.first) == (55, datetime(2025, 4, 1, tzinfo=UTC))


def test_what_lies_further_back_is_not_drawn(license):
    used(license, 5, days_ago=350)
    assert shown_of(license, NOW) is None
    used(license, 5, days_ago=300)
    (chart,) = charts_of(license, at=NOW)
    assert [drawing.monthly for drawing in chart.drawings] == [True]


def test_quotas_come_first_and_are_called_by_their_feature(license):
    license.entitlements.create(feature_id="exports", feature_name="PDF exports")
    used(license, 1, metric="api_calls_count", source="TOLD")
    used(license, 7, metric="feature_usage.exports", source="TOLD")
    used(license, 1)
    charts = charts_of(license, at=NOW)
    assert [(chart.metric, chart.label) for chart in charts] == [
        ("consumed.exports", "PDF exports"),
        ("api_calls_count", "API calls"),
        ("feature_usage.exports", "Feature usage: exports"),
    ]


def test_a_gauge_has_a_peak_and_no_sum(license):
    used(license, 7, metric="active_users", source="TOLD")
    used(license, 9, metric="active_users", source="TOLD", days_ago=1)
    (chart,) = charts_of(license, at=NOW)
    assert {(drawing.total, drawing.busiest.value) for drawing in chart.drawings} == {(None, 9)}


def test_nothing_used_is_nothing_drawn(license):
    used(license, 0)
    assert charts_of(license, at=NOW) == []
