"""GET /usage: the series of one licence, to whom it belongs."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from licenses.models import UsageRollup
from tests import factories
from tests.factories import issue

DAY = datetime(2026, 3, 14, tzinfo=UTC)


@pytest.fixture
def license(db):
    license = issue(tenant=factories.make_tenant()).license
    for grain, hours, source, metric, value in (
        ("DAY", 0, "QUOTA", "exports", 5),
        ("DAY", 24, "QUOTA", "exports", 2.5),
        ("DAY", 0, "TOLD", "active_users", 4),
        ("DAY", 24, "TOLD", "active_users", 3),
        ("HOUR", 9, "REPORT", "active_users", 7),
        ("HOUR", 9, "TOLD", "active_users", 4),
    ):
        UsageRollup.objects.create(
            license=license,
            grain=grain,
            starts_at=DAY + timedelta(hours=hours),
            source=source,
            metric=metric,
            value=value,
        )
    return license


def asked(caller, license, query):
    return caller.get(f"/usage?license_id={license.pk}&{query}")


def test_days_are_answered_by_metric_in_order_of_time(vendor, license):
    shown = asked(vendor, license, "from=2026-03-14&to=2026-03-15").json()["data"]
    assert shown == {
        "license_id": str(license.pk),
        "from": "2026-03-14T00:00:00Z",
        "to": "2026-03-16T00:00:00Z",
        "granularity": "DAY",
        "series": {
            "active_users": [
                {"at": "2026-03-14T00:00:00Z", "value": 4},
                {"at": "2026-03-15T00:00:00Z", "value": 3},
            ],
            "consumed.exports": [
                {"at": "2026-03-14T00:00:00Z", "value": 5},
                {"at": "2026-03-15T00:00:00Z", "value": 2.5},
            ],
        },
    }


def test_months_add_quotas_up_and_keep_the_highest_of_gauges(vendor, license):
    query = "from=2026-03-01&to=2026-03-31&granularity=MONTH"
    series = asked(vendor, license, query).json()["data"]["series"]
    march = "2026-03-01T00:00:00Z"
    assert series == {
        "active_users": [{"at": march, "value": 4}],
        "consumed.exports": [{"at": march, "value": 7.5}],
    }


def test_what_is_reported_by_a_name_that_heartbeats_use_stands_apart(vendor, license):
    query = "from=2026-03-14T09:30:00%2B00:00&to=2026-03-14T10:00:00Z&granularity=HOUR"
    series = asked(vendor, license, query).json()["data"]["series"]
    assert {name: points[0]["value"] for name, points in series.items()} == {
        "active_users": 4,
        "reported.active_users": 7,
    }


def test_unless_told_otherwise_the_last_thirty_days_are_meant(vendor, license):
    shown = asked(vendor, license, "").json()["data"]
    start, end = (datetime.fromisoformat(shown[name]) for name in ("from", "to"))
    assert end - start == timedelta(days=30)
    assert abs(timezone.now() - end) < timedelta(minutes=5)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=soon", "from"),
        ("to=2026-02-30", "to"),
        ("from=2026-03-15&to=2026-03-13", "from"),
        ("from=2020-01-01&to=2026-01-01", "from"),
        ("from=2026-01-01&to=2026-03-01&granularity=HOUR", "from"),
        ("granularity=WEEK", "granularity"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(vendor, license, query, field):
    answer = asked(vendor, license, query)
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
    assert list(answer.json()["error"]["details"]) == [field]


def test_a_licence_must_be_named_and_be_ones_own(vendor, caller_with, license):
    assert list(vendor.get("/usage").json()["error"]["details"]) == ["license_id"]
    stranger = caller_with("licenses:read", tenant=factories.make_tenant())
    for name in (license.pk, "nothing"):
        answer = stranger.get(f"/usage?license_id={name}")
        assert (answer.status_code, answer.json()["code"]) == (404, "LICENSE_NOT_FOUND")
