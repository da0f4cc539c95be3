"""A device's hold, as the row says of itself and as lists find it."""

from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from licenses.models import Activation, License
from licenses.states import ActivationStatus
from tests.clock import NOW
from tests.factories import activate, issue

pytestmark = pytest.mark.django_db
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


@pytest.fixture
def held() -> Activation:
    activate(issue().key)
    return Activation.objects.get()


MOMENTS = st.sampled_from([NOW - DAY, NOW, NOW + DAY])


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100, deadline=None
)
@given(
    facts=st.fixed_dictionaries(
        {
            "expiry_date": st.none() | MOMENTS,
            "grace_days": st.integers(0, 1),
            "parked": st.booleans(),
            "pending_cause": st.sampled_from(["", "PAYMENT"]),
            "hold_code": st.sampled_from(["", "STAFF", "PAYMENT_FAILED"]),
            "revoked_at": st.none() | st.just(NOW - DAY),
        }
    ),
    kind=st.sampled_from(["ONLINE", "OFFLINE", "EMERGENCY"]),
    until=MOMENTS,
    lasts=MOMENTS,
    lease=st.none() | MOMENTS,
)
def test_the_list_filters_by_what_the_row_says_of_itself(
    held: Activation, facts: dict[str, Any], kind: str, until: Any, lasts: Any, lease: Any
) -> None:
    with transaction.atomic():
        grace = facts.pop("grace_days") * DAY
        end = facts["expiry_date"]
        License.objects.update(**facts, grace_ends_at=end and end + grace)
        Activation.objects.update(
            activation_type=kind,
            units=int(kind != "EMERGENCY"),
            emergency_until=until,
            valid_until=lasts if kind == "OFFLINE" else None,
            lease_expires_at=lease if kind == "ONLINE" else None,
        )
        row = Activation.objects.select_related("license").get(pk=held.pk)
        for at in (NOW - SECOND, NOW, NOW + SECOND, NOW + DAY):
            found = [one for one in ActivationStatus if _finds(one, at)]
            assert found == [row.status_at(at)]
        transaction.set_rollback(True)


@cache
def _listed(status: ActivationStatus, at: datetime) -> tuple[str, Any]:
    # Putting the same few lists into SQL again for each example would be most of the work.
    return Activation.objects.in_status(status, at).values("pk").query.sql_with_params()


def _finds(status: ActivationStatus, at: datetime) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(*_listed(status, at))
        return cursor.fetchone() is not None
