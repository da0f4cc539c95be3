"""More days for a trial, and who gets none."""

from datetime import timedelta

import pytest

from events.models import Event
from licenses.models import License
from licenses.services import lifecycle
from licenses.states import HoldCode
from tests.clock import NOW
from tests.factories import (
    STAFF,
    activate,
    issue,
)
from tests.licenses.services.lifecycle.trying import convert, extend, paid, refusal_of, trial

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_a_running_trial_is_extended_from_its_end() -> None:
    license = trial(grace_period_days=3).license

    done = extend(license, at=NOW + DAY)

    assert done.expiry_date == NOW + 44 * DAY
    assert done.grace_ends_at == NOW + 47 * DAY
    assert (done.trial_extensions, done.revision) == (1, license.revision + 1)
    event = Event.objects.latest("sequence")
    assert (event.type, event.reason) == ("license.trial_extended", "a longer look")
    assert event.changes["trial_extensions"] == {"before": 0, "after": 1}


@pytest.mark.parametrize("grace", [0, 5, 90])
def test_a_trial_that_has_ended_is_extended_from_today(grace: int) -> None:
    license = trial(grace_period_days=grace).license
    late = NOW + 60 * DAY

    done = extend(license, at=late)

    assert done.expiry_date == late + 14 * DAY
    assert done.status_at(late) == "ACTIVE"


def test_a_trial_that_waits_for_its_first_device_gets_a_longer_term() -> None:
    issued = issue(license_type="TRIAL")

    done = extend(issued.license)
    activate(issued.key)

    assert (done.status, done.duration_days, done.expiry_date) == ("PENDING", 44, None)
    assert License.objects.get().expiry_date == NOW + 44 * DAY


def test_an_evaluation_is_extended_and_converted_as_a_trial_is() -> None:
    license = trial().license
    License.objects.update(license_type="EVALUATION")

    assert extend(license).expiry_date == NOW + 44 * DAY
    assert convert(license, paid(license)).license_type == "SUBSCRIPTION"


def test_a_trial_is_extended_twice_at_most() -> None:
    license = trial().license
    extend(license)
    extend(license)

    assert refusal_of(extend, license) == "TRIAL_EXTENSION_LIMIT"


@pytest.mark.parametrize("days", [0, -1, 366])
def test_an_extension_is_of_one_to_365_days(days: int) -> None:
    assert refusal_of(extend, trial().license, days) == "VALIDATION_ERROR"


@pytest.mark.parametrize("act", ["extend", "convert"])
def test_staff_say_why(act: str) -> None:
    license = trial().license
    given = (license,) if act == "extend" else (license, paid(license))
    does = extend if act == "extend" else convert

    assert refusal_of(does, *given, reason=" ") == "VALIDATION_ERROR"


@pytest.mark.parametrize("license_type", ["SUBSCRIPTION", "PERPETUAL", "NAMED_USER"])
def test_what_is_no_trial_is_neither_extended_nor_converted(license_type: str) -> None:
    license = issue(license_type=license_type).license

    assert refusal_of(extend, license) == "NOT_A_TRIAL"
    assert refusal_of(convert, license, paid(license)) == "NOT_A_TRIAL"


def test_a_revoked_trial_is_neither_extended_nor_converted() -> None:
    license = trial().license
    lifecycle.revoke_license(license_id=license.pk, reason="x", at=NOW, origin=STAFF)

    assert refusal_of(extend, license) == "ILLEGAL_STATUS_CHANGE"
    assert refusal_of(convert, license, paid(license)) == "ILLEGAL_STATUS_CHANGE"


@pytest.mark.parametrize("act", ["extend", "convert"])
def test_a_hold_and_parking_outlast_both(act: str) -> None:
    license = trial().license
    lifecycle.park_license(license_id=license.pk, reason="x", at=NOW, origin=STAFF)
    lifecycle.suspend_license(
        license_id=license.pk, reason="x", at=NOW, origin=STAFF, code=HoldCode.COMPLIANCE
    )

    done = extend(license) if act == "extend" else convert(license, paid(license))

    assert (done.status, done.parked, done.hold_code) == ("SUSPENDED", True, "COMPLIANCE")


def test_an_extension_beyond_the_calendar_is_refused() -> None:
    license = trial(expiry_date=NOW.replace(year=9998, month=12, day=20)).license

    assert refusal_of(extend, license, 30) == "VALIDATION_ERROR"
