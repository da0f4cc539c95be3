"""Faults in metering that another licence server was found to have, by their number there."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from licenses.models import Feature, UsageReport
from licenses.services.entitlements import FeatureGrant
from licenses.tasks import flush_heartbeats, roll_up_usage
from tests import factories
from tests.contract.asking import on_device
from tests.factories import activate

pytestmark = pytest.mark.django_db


@pytest.fixture
def issued():
    product = factories.make_product("users", "workflows")
    Feature.objects.filter(feature_id="workflows").update(period="DAY")
    grants = [
        FeatureGrant(feature_id="users", limit_value=Decimal(3)),
        FeatureGrant(feature_id="workflows", limit_value=Decimal(500)),
    ]
    return factories.issue(product=product, features=grants, at=timezone.now())


def series(vendor, license, **query):
    asked = "".join(f"&{name}={value}" for name, value in query.items())
    answer = vendor.get(f"/usage?license_id={license.pk}{asked}")
    assert answer.status_code == 200, answer.content
    found = answer.json()["data"]["series"]
    return {name: [point["value"] for point in points] for name, points in found.items()}


def test_fault_1_an_app_reads_flags_in_the_form_in_which_they_are_told(issued):
    flags = on_device("/feature-flags", license_key=issued.key).json()["data"]
    assert flags["users"]["enabled"] is True


def test_fault_9_numbers_beyond_32_bits_are_numbers_in_every_answer(vendor, issued):
    stored = 10**15
    on_device("/usage/report", license_key=issued.key, usage={"storage_used": stored})
    assert series(vendor, issued.license)["storage_used"] == [stored]
    assert vendor.get(f"/licenses/{issued.license.pk}").status_code == 200
    assert vendor.get(f"/licenses/{issued.license.pk}/entitlements").status_code == 200


def test_fault_16_nobody_overwrites_or_lowers_what_was_reported(vendor, issued):
    for calls in (900, 1, 0):
        body = {"license_key": issued.key, "usage": {"apiCalls": calls}, "report_id": "day"}
        on_device("/usage/report", **body)
    assert series(vendor, issued.license) == {"apiCalls": [900]}


def test_fault_16_a_date_with_a_time_is_its_day(issued):
    today = timezone.now().replace(hour=12)
    for milliseconds in (0, 1, 2):
        moment = today + timedelta(milliseconds=milliseconds)
        body = {"license_key": issued.key, "usage": {"apiCalls": 5}}
        on_device("/usage/report", **body, report_date=moment.isoformat())
    assert UsageReport.objects.count() == 1


def test_fault_16_holding_a_key_moves_no_other_licences_use(vendor, issued):
    other = factories.issue(at=timezone.now())
    on_device("/usage/report", license_key=other.key, usage={"apiCalls": 5}, report_id="day")
    assert series(vendor, issued.license) == {}


def test_fault_17_users_are_counted_beyond_one_and_given_back(issued):
    body = {"license_key": issued.key, "feature_id": "users"}
    told = [on_device("/usage/consume", **body) for _ in range(4)]
    assert [answer.status_code for answer in told] == [200, 200, 200, 429]
    assert on_device("/usage/release", **body).json()["data"]["remaining"] == 1


def test_fault_17_a_restart_of_the_app_loses_nothing_of_the_day(vendor, issued):
    token = activate(issued.key, at=timezone.now()).token
    for running_total in (40, 55, 3, 9):
        metrics = {"api_calls_count": running_total}
        on_device("/activations/heartbeat", activation_token=token, metrics=metrics)
    flush_heartbeats()
    roll_up_usage()
    assert series(vendor, issued.license, granularity="MONTH")["api_calls_count"] == [55 + 9]


def test_fault_17_a_daily_quota_starts_anew_by_the_clock(issued, time_machine):
    body = {"license_key": issued.key, "feature_id": "workflows", "amount": 500}
    assert on_device("/usage/consume", **body).status_code == 200
    assert on_device("/usage/consume", **body).status_code == 429
    time_machine.move_to(timezone.now() + timedelta(days=1), tick=False)
    assert on_device("/usage/consume", **body).json()["data"]["used"] == 500


def test_fault_18_installations_behind_one_address_do_not_block_each_other(issued):
    tokens = [activate(issued.key, f"device-{n}", at=timezone.now()).token for n in range(3)]
    for number in range(120):
        body = {"activation_token": tokens[number % 3], "feature_id": "workflows"}
        assert on_device("/usage/consume", **body).status_code == 200
