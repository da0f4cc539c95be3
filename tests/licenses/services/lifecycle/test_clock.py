"""The status sweep."""

from datetime import timedelta

import pytest

from events.models import Event
from licenses.models import License
from licenses.services import lifecycle
from licenses.states import Status
from tests.clock import NOW
from tests.factories import STAFF, issue, make_product, make_tenant

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_it_writes_down_what_the_clock_has_done_and_no_more() -> None:
    product, tenant = make_product(), make_tenant()
    given = {"product": product, "tenant": tenant}
    runs_on = issue(expiry_date=NOW + 10 * DAY, **given).license
    expired = issue(expiry_date=NOW + DAY, **given).license
    forever = issue(expiry_date=NOW + DAY, grace_period_days=0, **given).license
    held = issue(expiry_date=NOW + DAY, **given).license
    lifecycle.suspend_license(license_id=held.pk, reason="odd", at=NOW, origin=STAFF)

    moved = lifecycle.catch_up(at=NOW + 5 * DAY)

    assert moved == 2
    status = dict(License.objects.values_list("pk", "status"))
    assert status == {
        runs_on.pk: Status.ACTIVE,
        expired.pk: Status.EXPIRED,
        forever.pk: Status.EXPIRED,
        held.pk: Status.SUSPENDED,
    }


def test_a_sweep_that_slept_tells_each_step_at_its_own_time() -> None:
    license = issue(expiry_date=NOW + DAY, grace_period_days=7).license
    late = NOW + 30 * DAY

    lifecycle.catch_up(at=late)

    told = Event.objects.of_license(license.pk).order_by("sequence")
    assert [(event.type, event.occurred_at, event.recorded_at) for event in told][1:] == [
        ("license.expired", NOW + DAY, late),
        ("license.suspended", NOW + 8 * DAY, late),
    ]
    assert told[2].reason == "GRACE_PERIOD_ENDED"
    assert told[1].changes == {"status": {"before": "ACTIVE", "after": "EXPIRED"}}
    assert told[2].changes == {"status": {"before": "EXPIRED", "after": "SUSPENDED"}}


def test_twice_is_once() -> None:
    issue(expiry_date=NOW + DAY)

    assert lifecycle.catch_up(at=NOW + 2 * DAY) == 1
    assert lifecycle.catch_up(at=NOW + 2 * DAY) == 0
    assert Event.objects.filter(type="license.expired").count() == 1


def test_small_chunks_reach_everything() -> None:
    product, tenant = make_product(), make_tenant()
    for _ in range(7):
        issue(product=product, tenant=tenant, expiry_date=NOW + DAY)

    assert lifecycle.catch_up(at=NOW + 2 * DAY, chunk=3) == 7
    assert Event.objects.filter(type="license.expired").count() == 7


def test_no_answer_changes_because_the_sweep_ran() -> None:
    license = issue(expiry_date=NOW + DAY).license
    at = NOW + 2 * DAY
    before = License.objects.get()
    shown = (before.status_at(at), before.in_grace_at(at), before.revision)

    lifecycle.catch_up(at=at)

    after = License.objects.get(pk=license.pk)
    assert (after.status_at(at), after.in_grace_at(at), after.revision) == shown


def test_a_pending_licence_expires_by_an_explicit_date_too() -> None:
    issue(license_type="TRIAL", expiry_date=NOW + DAY)

    lifecycle.catch_up(at=NOW + DAY)

    assert License.objects.get().status == Status.EXPIRED
