"""Reports: telemetry that counts once and moves no quota."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from licenses.models import Feature, QuotaCounter, UsageReport, UsageRollup
from licenses.selectors.series import Granularity, series_of
from licenses.services import lifecycle
from licenses.services.entitlements import FeatureGrant
from tests import factories
from tests.clock import NOW
from tests.factories import STAFF, activate, issue

pytestmark = pytest.mark.django_db
TODAY = datetime(2026, 3, 14, tzinfo=UTC)


@pytest.fixture
def issued():
    product = factories.make_product("api_calls")
    Feature.objects.update(period="DAY")
    return issue(
        product=product, features=[FeatureGrant(feature_id="api_calls", limit_value=Decimal(5))]
    )


@pytest.fixture
def report(call, issued):
    def send(usage, **sent):
        credential = {} if "activation_token" in sent else {"license_key": issued.key}
        return call("usage/report", credential | {"usage": usage} | sent)

    return send


def series(license):
    ends = {"start": NOW - timedelta(days=9), "end": NOW + timedelta(days=2)}
    found = series_of(license, granularity=Granularity.DAY, **ends)
    return {name: [(p.at, p.value) for p in points] for name, points in found.items()}


def test_a_report_stands_in_the_series_of_its_day_at_once(report, issued):
    answer = report({"api_calls": 7, "users": 2.5}, report_date="2026-03-12", report_id="r-1")
    assert (answer.status_code, answer.json()["data"]) == (
        200,
        {"accepted": True, "duplicate": False},
    )
    day = datetime(2026, 3, 12, tzinfo=UTC)
    assert series(issued.license) == {"api_calls": [(day, 7.0)], "users": [(day, 2.5)]}


def test_the_same_report_again_adds_nothing_and_lowers_nothing(report, issued):
    report({"api_calls": 7}, report_id="r-1")
    for usage in ({"api_calls": 7}, {"api_calls": 1}, {"api_calls": 900}):
        answer = report(usage, report_id="r-1")
        assert answer.json()["data"] == {"accepted": True, "duplicate": True}
    assert series(issued.license) == {"api_calls": [(TODAY, 7.0)]}
    assert UsageReport.objects.get().usage == {"api_calls": 7.0}


def test_reports_of_other_ids_days_and_licences_add_up(report, issued, call):
    report({"api_calls": 7}, report_id="r-1")
    report({"api_calls": 3}, report_id="r-2")
    report({"api_calls": 1}, report_id="r-1", report_date="2026-03-13")
    other = issue()
    call("usage/report", {"license_key": other.key, "usage": {"x": 1}, "report_id": "r-1"})
    yesterday = TODAY - timedelta(days=1)
    assert series(issued.license) == {"api_calls": [(yesterday, 1.0), (TODAY, 10.0)]}
    assert series(other.license) == {"x": [(TODAY, 1.0)]}


def test_without_an_id_each_device_reports_a_day_once(report, issued):
    for device in ("device-1", "device-2"):
        token = activate(issued.key, device).token
        for _ in range(2):
            report({"api_calls": 7}, activation_token=token)
    report({"api_calls": 1})
    report({"api_calls": 1})
    assert series(issued.license) == {"api_calls": [(TODAY, 15.0)]}


def test_a_time_of_day_makes_no_row_of_its_own(report, issued):
    for date in ("2026-03-14", "2026-03-14T01:02:03.004Z", "2026-03-14T23:59:59+00:00"):
        report({"api_calls": 7}, report_date=date, report_id="r-1")
    assert UsageReport.objects.count() == 1


def test_a_report_moves_no_quota(report, issued, call):
    report({"api_calls": 900})
    assert not QuotaCounter.objects.exists()
    body = {"license_key": issued.key, "feature_id": "api_calls", "amount": 5}
    assert call("usage/consume", body).status_code == 200


BAD = {
    "no metrics": {"usage": {}},
    "not an object": {"usage": [1]},
    "too many": {"usage": {str(n): 1 for n in range(101)}},
    "below zero": {"usage": {"a": -1}},
    "a flag": {"usage": {"a": True}},
    "a text": {"usage": {"a": "5"}},
    "nothing": {"usage": {"a": None}},
    "huge": {"usage": {"a": 1e16}},
    "beyond any number": {"usage": {"a": 1e308 * 10}},
    "a long name": {"usage": {"x" * 101: 1}},
    "no name": {"usage": {"": 1}},
    "a broken name": {"usage": {"a\nb": 1}},
    "no day": {"report_date": "soon"},
    "no such day": {"report_date": "2026-02-30"},
    "the future": {"report_date": "2026-03-16"},
    "long ago": {"report_date": "2025-01-01"},
    "a number for a day": {"report_date": 5},
    "the end of the calendar": {"report_date": "9999-12-31T23:59:59-23:00"},
    "the beginning of it": {"report_date": "0001-01-01T00:00:00+23:00"},
    "no id": {"report_id": ""},
    "a long id": {"report_id": "x" * 101},
}


@pytest.mark.parametrize("name", BAD)
def test_a_report_that_cannot_be_is_refused_whole(report, name):
    answer = report(**({"usage": {"ok": 1}} | BAD[name]))
    assert answer.status_code == 400, answer.content
    assert answer.json()["code"] in ("VALIDATION_ERROR", "MALFORMED_JSON")
    assert not UsageReport.objects.exists()
    assert not UsageRollup.objects.exists()


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lifecycle.suspend_license, "LICENSE_SUSPENDED"),
        (lifecycle.park_license, "LICENSE_INACTIVE"),
        (lifecycle.revoke_license, "LICENSE_REVOKED"),
    ],
)
def test_a_licence_that_may_not_run_reports_nothing(report, issued, act, code):
    act(license_id=issued.license.pk, reason="x", at=NOW, origin=STAFF)
    answer = report({"api_calls": 7})
    assert (answer.status_code, answer.json()["code"]) == (403, code)
    assert not UsageReport.objects.exists()


def test_an_unknown_key_reports_nothing(call):
    body = {"license_key": "0000-0000-0000-0000-0000", "usage": {"a": 1}}
    assert call("usage/report", body).json()["code"] == "LICENSE_NOT_FOUND"
