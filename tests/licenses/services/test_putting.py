"""Writing a licence as its caller holds it."""

from datetime import timedelta

import pytest

from events.models import Event
from licenses.models import License
from licenses.services import lifecycle
from licenses.services.putting import put_license
from tests.clock import NOW
from tests.factories import STAFF, issue

pytestmark = pytest.mark.django_db


def test_what_the_clock_did_is_told_once_though_nothing_was_put() -> None:
    license = issue(expiry_date=NOW + timedelta(days=1)).license
    later = NOW + timedelta(days=2)

    for _ in range(2):
        put_license(license_id=license.pk, changes={}, fixed={}, at=later, origin=STAFF)

    assert License.objects.get().status == "EXPIRED"
    assert lifecycle.catch_up(at=later) == 0
    assert Event.objects.filter(type="license.expired").count() == 1
