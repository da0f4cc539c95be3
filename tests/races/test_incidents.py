"""One incident, however many devices tell of it at once."""

from functools import partial

import pytest

from compliance.models import Incident
from events.models import Event
from tests.clock import NOW
from tests.factories import DEVICE, issue, report
from tests.races.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_twenty_reports_of_the_same_at_once_are_one_incident() -> None:
    license = issue().license

    told = at_once(*(partial(report, license, at=NOW, origin=DEVICE) for _ in range(20)))

    assert len({incident.pk for incident in told}) == 1
    assert Incident.objects.get().report_count == 20
    assert Event.objects.filter(type="incident.reported").count() == 1
