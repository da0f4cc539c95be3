"""What a licence says of itself, in Python and in SQL."""

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from licenses.models import License
from licenses.states import Status
from tests.clock import NOW
from tests.factories import issue

HOURS = st.integers(-60, 60).map(lambda hours: NOW + timedelta(hours=hours))
FACTS = st.fixed_dictionaries(
    {
        "expiry_date": st.none() | HOURS,
        "grace_hours": st.sampled_from([0, 1, 24]),
        "revoked_at": st.none() | st.just(NOW),
        "hold_code": st.sampled_from(["", "STAFF"]),
        "parked": st.booleans(),
        "pending_cause": st.sampled_from(["", "PAYMENT", "FIRST_ACTIVATION"]),
        "status": st.sampled_from([status.value for status in Status]),
    }
)


@pytest.mark.django_db
@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(facts=FACTS, at=HOURS)
def test_the_filter_by_status_agrees_with_the_status_of_each_row(
    facts: dict[str, object], at: datetime
) -> None:
    license = License.objects.first() or issue().license
    grace_hours = facts.pop("grace_hours")
    expiry = facts["expiry_date"]
    assert isinstance(grace_hours, int)
    facts["grace_ends_at"] = (
        expiry + timedelta(hours=grace_hours) if isinstance(expiry, datetime) else None
    )
    License.objects.filter(pk=license.pk).update(**facts)
    license.refresh_from_db()

    found = [status for status in Status if License.objects.in_status(status, at).exists()]

    assert found == [license.status_at(at)]
    works_on = license.in_grace_at(at)
    assert License.objects.in_grace(at).exists() is works_on
    expired = license.status_at(at) is Status.EXPIRED
    assert License.objects.run_out(at).exists() is (expired and not works_on)


@pytest.mark.django_db
def test_a_list_or_log_never_shows_more_of_a_key_than_its_last_group() -> None:
    issued = issue()

    shown = f"{issued.license} {issued.license!r} {issued.license.masked_key}"

    assert issued.key not in shown
    assert issued.key[-4:] in shown


@pytest.mark.django_db
def test_the_key_is_at_rest_only_as_digest_ciphertext_and_hint() -> None:
    issued = issue()

    row = License.objects.filter(pk=issued.license.pk).values().get()

    assert issued.key not in repr(row)
    assert issued.key.replace("-", "") not in repr(row)


def test_no_index_names_the_status_so_that_a_sweep_touches_none() -> None:
    asked = {
        name for index in License._meta.indexes for name in (*index.fields, str(index.condition))
    }

    assert not [name for name in asked if "status" in name]
    assert not License._meta.get_field("status").db_index
