"""Reports and roll-ups count once, however many come at once."""

from decimal import Decimal
from functools import partial

import pytest

from licenses.models import QuotaCounter, UsageReport, UsageRollup
from licenses.selectors import snapshots
from licenses.services import quotas, reports, rollups
from licenses.services.entitlements import FeatureGrant
from tests import factories
from tests.clock import NOW
from tests.factories import DEVICE
from tests.races.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def found():
    product = factories.make_product("exports")
    issued = factories.issue(product=product, features=[FeatureGrant(feature_id="exports")])
    return snapshots.by_key(issued.key, fingerprint=None)


def day_of(metric):
    return UsageRollup.objects.get(grain="DAY", metric=metric).value


def test_one_report_sent_many_times_at_once_counts_once(found):
    send = partial(
        reports.report_usage,
        found=found, usage={"calls": 7}, report_date=None, report_id="r-1", at=NOW, origin=DEVICE,
    )  # fmt: skip
    taken = at_once(*[send] * 12)
    assert [each.duplicate for each in taken].count(False) == 1
    assert UsageReport.objects.count() == 1
    assert day_of("calls") == 7


def test_different_reports_at_once_all_add_up(found):
    jobs = [
        partial(
            reports.report_usage,
            found=found,
            usage={"calls": 1, "runs": 2},
            report_date=None,
            report_id=f"r-{number}",
            at=NOW,
            origin=DEVICE,
        )
        for number in range(12)
    ]
    at_once(*jobs)
    assert (day_of("calls"), day_of("runs")) == (12, 24)


def test_roll_ups_beside_each_other_and_beside_counting_lose_and_double_nothing(found):
    consume = partial(
        quotas.consume,
        found=found, feature_id="exports", amount=Decimal(1), at=NOW, origin=DEVICE,
    )  # fmt: skip
    at_once(*[consume] * 10, *[rollups.roll_up] * 6, *[consume] * 10)
    rollups.roll_up()
    assert QuotaCounter.objects.get().used == 20
    assert day_of("exports") == 20
