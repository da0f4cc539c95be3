"""Which licences end soon."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from licenses.models import License
from licenses.selectors import expiring
from licenses.services import lifecycle
from tests import factories
from tests.contract.test_errors import assert_told
from tests.factories import STAFF

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


def ending(in_time, **terms):
    now = timezone.now()
    return factories.issue(at=now - DAY, expiry_date=now + in_time, **terms).license


def asked(caller, query=""):
    response = caller.get(f"/alerts/expiring{query}")
    assert response.status_code == 200, response.content
    return response.json()


def test_an_alert_names_customer_product_and_days_left_fault_19(vendor):
    customer = factories.make_customer()
    license = ending(
        10 * DAY - MINUTE, tenant=customer.tenant, customer_id=customer.pk, auto_renewal=True
    )
    plain = ending(20 * DAY - MINUTE, issued_to="Oslo office")
    body = asked(vendor, "?days_ahead=30")
    assert body["meta"] == {"total_is_capped": False}
    assert body["data"] == [
        {
            "license_id": str(license.pk),
            "customer_name": customer.name,
            "product_name": license.product_name,
            "expiry_date": license.expiry_date.isoformat().replace("+00:00", "Z"),
            "days_remaining": 10,
            "auto_renewal_enabled": True,
        },
        {
            "license_id": str(plain.pk),
            "customer_name": "Oslo office",
            "product_name": plain.product_name,
            "expiry_date": plain.expiry_date.isoformat().replace("+00:00", "Z"),
            "days_remaining": 20,
            "auto_renewal_enabled": False,
        },
    ]


def test_thirty_days_are_meant_where_nothing_is_said(vendor):
    soon, _ = ending(29 * DAY), ending(31 * DAY)
    for query in ("", "?days_ahead=", "?days_ahead=30"):
        assert [row["license_id"] for row in asked(vendor, query)["data"]] == [str(soon.pk)]
    assert len(asked(vendor, "?days_ahead=32")["data"]) == 2


def test_what_has_ended_or_stopped_or_never_ends_is_no_alert(vendor):
    held, revoked, parked = ending(5 * DAY), ending(5 * DAY), ending(5 * DAY)
    ending(-MINUTE)
    factories.issue(at=timezone.now(), license_type="PERPETUAL")
    now = {"at": timezone.now(), "origin": STAFF, "reason": "x"}
    lifecycle.suspend_license(license_id=held.pk, **now)
    lifecycle.revoke_license(license_id=revoked.pk, **now)
    lifecycle.park_license(license_id=parked.pk, **now)
    assert [row["license_id"] for row in asked(vendor)["data"]] == [str(parked.pk)]


@pytest.mark.parametrize("value", ["0", "-1", "x", "1.5", "3661", "1e3", "NaN", "9" * 400])
def test_an_impossible_number_of_days_is_refused(vendor, value):
    told = assert_told(vendor.get(f"/alerts/expiring?days_ahead={value}"), 400, "VALIDATION_ERROR")
    assert told["error"]["details"].keys() == {"days_ahead"}


def test_a_reseller_sees_what_it_sold_on_and_a_stranger_nothing(caller_with):
    reseller = factories.make_tenant(is_reseller=True)
    license = ending(5 * DAY, tenant=factories.make_tenant(sold_by=reseller))
    for tenant, seen in ((license.tenant, 1), (reseller, 1), (factories.make_tenant(), 0)):
        assert len(asked(caller_with("licenses:read", tenant=tenant))["data"]) == seen


def test_no_more_than_there_is_room_for_the_soonest_first(vendor, monkeypatch):
    monkeypatch.setattr(expiring, "MOST", 2)
    days = [9, 3, 6]
    for number in days:
        ending(number * DAY - MINUTE)
    body = asked(vendor)
    assert [row["days_remaining"] for row in body["data"]] == [3, 6]
    assert body["meta"] == {"total_is_capped": True}


def test_alerts_read_an_index_in_its_order(django_assert_num_queries):
    now = timezone.now()
    rows = License.objects.ending(now, now + 30 * DAY).order_by("expiry_date", "-id")[:10_001]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # A table of a few rows is read whole unless that is made dear.
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
    plan = rows.explain()
    assert "license_by_expiry" in plan or "license_due_expiry" in plan
    assert "Sort" not in plan
    assert "TEMP B-TREE" not in plan
    with django_assert_num_queries(1):
        expiring.within(License.objects.all(), 30, at=now)
