"""The demo is told in the order of time, and what it leaves is what real use would leave."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

import pytest
from django.db.models import Sum
from pytest_django import DjangoDbBlocker

from compliance.models import Incident
from events.models import Event, Notice, NoticeState
from licenses.models import Activation, KeyLink, License, Product, QuotaCounter, UsageTotal
from licenses.selectors.charts import charts_of
from licenses.selectors.releases import coverage_of
from licenses.services import activation
from licenses.services.claims import Device
from licenses.states import HoldCode, PendingCause, Status
from licensing_portal.demo.story import tell
from orders.models import Invoice, Order
from tests.clock import NOW
from tests.factories import DEVICE
from tests.kept import kept

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def key(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """Told once for all tests here: it takes a while."""
    with kept(django_db_blocker):
        yield tell(at=NOW, progress=lambda text: None, thinned=12)[1]


def test_a_small_demo_has_licences_in_every_status() -> None:
    licenses = list(License.objects.all())
    assert {each.status_at(NOW) for each in licenses} == set(Status)
    assert {each.pending_cause for each in licenses} == set(PendingCause)
    assert any(each.in_grace_at(NOW) for each in licenses)
    codes = {each.suspension_code_at(NOW) for each in licenses}
    assert {HoldCode.STAFF, HoldCode.PAYMENT_FAILED, "GRACE_PERIOD_ENDED"} <= codes
    assert [each.status for each in licenses] == [each.status_at(NOW) for each in licenses]


def test_the_demo_has_perpetual_licences_beyond_whose_maintenance_versions_came_out() -> None:
    assert {len(product.releases.all()) > 1 for product in Product.objects.all()} == {True}
    found = [coverage_of(each, at=NOW) for each in License.objects.without_versions_of(NOW)]
    assert any(each and each.newest and each.beyond for each in found)
    for each in Activation.objects.select_related("license__product"):
        release = each.license.product.releases.get(version=each.application_version)
        assert release.released_at < (each.license.maintenance_expiry or NOW)


def test_the_trail_of_the_demo_is_told_in_the_order_of_time() -> None:
    written: list[datetime] = list(
        Event.objects.order_by("sequence").values_list("recorded_at", flat=True)
    )
    assert written == sorted(written)
    assert written[-1] <= NOW


def test_the_seats_of_the_demo_are_the_devices_that_hold_them() -> None:
    for license in License.objects.exclude(license_type="NAMED_USER"):
        live = Activation.objects.live().filter(license=license)
        assert license.current_activations == (live.aggregate(sum=Sum("units"))["sum"] or 0)


def test_the_demo_shows_what_counts_otherwise() -> None:
    floating = License.objects.get(license_type="CONCURRENT")
    devices = list(floating.activations.live())
    assert 0 < floating.current_activations == sum(each.units for each in devices) <= 10
    assert any(each.lapsed_at(NOW) for each in devices)
    assert any(each.borrowed_until and each.borrowed_until > NOW for each in devices)
    cores = License.objects.get(license_model="PER_CORE")
    assert cores.current_activations == 16 + 16 + 16 + 12 + 1
    site = License.objects.get(license_model="SITE_LICENSE")
    assert (site.unlimited, site.current_activations) == (True, 26)


def test_no_device_of_the_demo_was_heard_of_in_the_future() -> None:
    for each in Activation.objects.select_related("heartbeat"):
        assert each.activated_at <= each.heartbeat.last_heartbeat <= NOW


def test_the_demo_shows_a_key_that_has_seats_left(key: str) -> None:
    device = Device(fingerprint="a-newcomers-laptop")
    done = activation.activate_device(key=key, device=device, at=NOW, origin=DEVICE)
    assert done.is_new


def test_quotas_of_the_demo_are_in_use_and_drawn() -> None:
    counters = QuotaCounter.objects.all()
    assert counters
    assert not counters.filter(due=True).exists()
    assert not UsageTotal.objects.filter(due=True).exists()
    for counter in counters:
        grant = counter.license.entitlements.get(feature_id=counter.feature_id)
        assert grant.limit_value is not None
        assert 0 < counter.used <= grant.limit_value
        assert charts_of(counter.license, at=NOW)


def test_the_demo_has_names_of_which_two_use_two_devices_and_one_seat_is_free() -> None:
    named = License.objects.get(license_type="NAMED_USER")
    assert (named.current_activations, named.seats_left) == (6, 1)
    devices = Counter(each.named_user_id for each in named.activations.live())
    assert sorted(devices.values()) == [1, 1, 1, 1, 2, 2]


def test_the_demo_mailed_keys_of_which_one_was_seen_and_one_did_not_leave() -> None:
    states = Counter(Notice.objects.values_list("state", flat=True))
    assert states == {NoticeState.SENT: 2, NoticeState.FAILED: 1}
    assert KeyLink.objects.exclude(opened_at=None).count() == 1
    assert Notice.objects.due(NOW).count() == 0


def test_quotas_of_the_demo_run_out_at_times_of_their_own() -> None:
    told = Event.objects.filter(type="usage.at").values_list("occurred_at", flat=True)
    assert len(set(told)) == len(told)
    assert all(at < NOW for at in told)


def test_devices_of_the_demo_reported_what_nobody_has_closed_but_one() -> None:
    told = Incident.objects.order_by("id")
    assert [(each.status, each.report_count > 1) for each in told] == [
        ("CLOSED", False),
        ("OPEN", True),
        ("OPEN", True),
    ]
    assert all(each.last_reported_at < NOW for each in told)


def test_the_demo_has_orders_of_every_kind_of_ending_and_some_that_wait() -> None:
    told = Counter(Order.objects.values_list("status", flat=True))
    assert told == {"FULFILLED": 4, "PENDING": 2, "APPROVED": 1, "CANCELLED": 1}
    paid = Counter(order.payment_status.value for order in Order.objects.all())
    assert paid == {"PAID": 3, "PARTIAL": 1, "PENDING": 4}
    assert [row.kind for row in Invoice.objects.filter(kind="CREDIT_NOTE")] == ["CREDIT_NOTE"]
