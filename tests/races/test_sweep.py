"""The status sweep beside itself and beside those who hold a licence."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from events.models import Event
from licenses.models import License
from licenses.services import lifecycle
from tests.clock import NOW
from tests.engines import ENGINE
from tests.factories import STAFF, issue, make_product, make_tenant
from tests.races.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
LATE = NOW + timedelta(days=366)


def licenses(many):
    product, tenant = make_product(), make_tenant()
    return [issue(product=product, tenant=tenant).license for _ in range(many)]


@pytest.mark.parametrize("sweep", [lifecycle.catch_up, lifecycle.keep_up])
def test_four_sweeps_at_once_write_each_step_once(sweep):
    issued = licenses(40)
    swept = at_once(*[lambda: sweep(at=LATE, chunk=7)] * 4)
    assert sum(swept) == 40
    told = Event.objects.filter(type="license.expired").values_list("license_id", flat=True)
    assert sorted(told) == sorted(license.pk for license in issued)


def test_a_sweep_and_a_renewal_at_once_leave_column_and_clock_agreed():
    for license in licenses(6):

        def renew(license=license):
            return lifecycle.renew_license(
                license_id=license.pk, duration_months=12, at=LATE, origin=STAFF
            )

        at_once(renew, lambda: lifecycle.catch_up(at=LATE))
        license.refresh_from_db()
        assert license.status == license.status_at(LATE) == "ACTIVE"
        steps = Event.objects.of_license(license.pk).order_by("sequence")
        told = list(steps.values_list("type", flat=True))
        assert told == ["license.issued", "license.expired", "license.renewed"]


if ENGINE == "postgresql":  # SQLite's one writer lets nobody else write meanwhile

    def test_a_licence_that_somebody_holds_stops_none_of_the_others():
        held, other = licenses(2)
        holding, done = threading.Event(), threading.Event()

        def hold():
            try:
                with transaction.atomic():
                    License.objects.select_for_update().get(pk=held.pk)
                    holding.set()
                    done.wait(timeout=30)
            finally:
                connection.close()

        holder = threading.Thread(target=hold)
        holder.start()
        assert holding.wait(timeout=30)
        try:
            assert lifecycle.keep_up(at=LATE) == 1
        finally:
            done.set()
            holder.join(timeout=30)
        other.refresh_from_db()
        assert other.status == "EXPIRED"
        # However late the next one comes: a mark would have hidden it.
        assert lifecycle.keep_up(at=LATE + timedelta(days=20)) == 1
