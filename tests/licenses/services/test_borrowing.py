"""A seat of a concurrent licence is taken along for days, where the licence lends one."""

from datetime import timedelta
from typing import Any

import pytest

from events.models import Event
from events.refusals import Refusal
from licenses.models import Activation, License
from licenses.services import reaping
from tests.clock import NOW
from tests.factories import activate, give_back, issue, make_template
from tests.licenses.services.test_leases import beat, row_of, taken

pytestmark = pytest.mark.django_db
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def lending(**terms: Any) -> Any:
    return issue(
        **{"license_type": "CONCURRENT", "max_activations": 1, "max_borrow_days": 14} | terms
    )


def told() -> list[Any]:
    return list(Event.objects.filter(type="activation.borrowed").order_by("sequence"))


def test_an_activation_borrows_at_once() -> None:
    done = activate(lending().key, borrow_days=7)
    row = row_of(done.token)
    assert row.lease_expires_at == row.borrowed_until == NOW + 7 * DAY
    assert done.snapshot.device.borrowed_until == NOW + 7 * DAY
    created = Event.objects.get(type="activation.created")
    assert created.changes["borrowed_until"]["after"].startswith("2026-03-21")


def test_a_heartbeat_borrows_and_a_later_one_never_shortens() -> None:
    token = activate(lending().key).token
    device, verdict = beat(token, at=NOW + MINUTE, borrow_days=3)
    assert (verdict.code, device.borrowed_until) == ("VALID", NOW + MINUTE + 3 * DAY)
    device, _ = beat(token, at=NOW + DAY)
    assert device.lease_expires_at == NOW + MINUTE + 3 * DAY
    (event,) = told()
    assert event.changes["borrowed_until"]["before"] is None


def test_the_same_request_once_more_leaves_no_second_event() -> None:
    token = activate(lending().key).token
    for minutes in range(3):
        beat(token, at=NOW + minutes * MINUTE, borrow_days=3)
    assert len(told()) == 1
    beat(token, at=NOW + DAY, borrow_days=3)
    assert len(told()) == 2


def test_a_borrowed_seat_is_nobody_elses_until_it_is_given_back() -> None:
    issued = lending()
    token = activate(issued.key, "laptop", borrow_days=7).token
    assert reaping.reap(at=NOW + 6 * DAY) == 0
    with pytest.raises(Refusal) as refused:
        activate(issued.key, "desktop", at=NOW + 6 * DAY)
    assert refused.value.code == "ACTIVATION_LIMIT_EXCEEDED"
    give_back(token, at=NOW + 6 * DAY)
    assert activate(issued.key, "desktop", at=NOW + 6 * DAY).is_new
    assert taken() == 1


def test_borrowing_ends_with_the_licence_and_its_grace() -> None:
    done = activate(lending(expiry_date=NOW + 2 * DAY, grace_period_days=3).key, borrow_days=14)
    assert row_of(done.token).borrowed_until == NOW + 5 * DAY


def test_a_lease_that_lapsed_is_borrowed_no_more() -> None:
    token = activate(lending().key, borrow_days=1).token
    device, verdict = beat(token, at=NOW + 2 * DAY)
    assert (verdict.valid, device.borrowed_until) == (True, None)


@pytest.mark.parametrize(
    ("terms", "days", "details"),
    [
        ({"max_borrow_days": None}, 1, {}),
        ({"license_type": "SUBSCRIPTION"}, 1, {}),
        ({}, 15, {"max_borrow_days": 14}),
    ],
)
def test_what_is_not_lent_is_refused_and_changes_nothing(terms, days, details) -> None:
    issued = lending(**terms)
    with pytest.raises(Refusal) as refused:
        activate(issued.key, borrow_days=days)
    assert (refused.value.code, refused.value.details) == ("BORROW_NOT_ALLOWED", details)
    assert not Activation.objects.exists()

    token = activate(issued.key).token
    before = list(License.objects.values()), list(Activation.objects.values())
    for again in (
        lambda: activate(issued.key, borrow_days=days),
        lambda: beat(token, at=NOW + MINUTE, borrow_days=days),
    ):
        with pytest.raises(Refusal) as refused:
            again()
        assert refused.value.code == "BORROW_NOT_ALLOWED"
    assert (list(License.objects.values()), list(Activation.objects.values())) == before


def test_a_template_says_whether_seats_are_lent() -> None:
    template = make_template(license_type="CONCURRENT", max_borrow_days=30)
    assert issue(template_id=template.pk, license_type=None).license.max_borrow_days == 30
