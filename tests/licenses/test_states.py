"""The table of acts, and what follows from the dates."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from licenses import states
from licenses.states import Act, Status
from tests.clock import NOW

DAY = timedelta(days=1)
ILLEGAL = "ILLEGAL_STATUS_CHANGE"
# act: what PENDING, ACTIVE, INACTIVE, EXPIRED, SUSPENDED and REVOKED answer; "" is allowed.
TABLE = {
    Act.ACTIVATE: (
        "", "", "LICENSE_INACTIVE", "LICENSE_EXPIRED", "LICENSE_SUSPENDED", "LICENSE_REVOKED",
    ),
    Act.RENEW: ("", "", "", "", "", ILLEGAL),
    Act.SUSPEND: ("", "", "", "", "", ILLEGAL),
    Act.REINSTATE: (ILLEGAL, ILLEGAL, ILLEGAL, ILLEGAL, "", ILLEGAL),
    Act.PARK: (ILLEGAL, "", ILLEGAL, ILLEGAL, ILLEGAL, ILLEGAL),
    Act.UNPARK: (ILLEGAL, ILLEGAL, "", ILLEGAL, ILLEGAL, ILLEGAL),
    Act.APPROVE: ("", ILLEGAL, ILLEGAL, ILLEGAL, ILLEGAL, ILLEGAL),
    Act.REVOKE: ("", "", "", "", "", ILLEGAL),
    Act.EXTEND: ("", "", "", "", "", ILLEGAL),
    Act.CONVERT: ("", "", "", "", "", ILLEGAL),
    Act.TRANSFER: ("", "", "", "", ILLEGAL, ILLEGAL),
}  # fmt: skip
PAIRS = [
    (act, status, refusal)
    for act, refusals in TABLE.items()
    for status, refusal in zip(Status, refusals, strict=True)
]


@dataclass
class Facts:
    """A licence as the table sees it."""

    revoked: bool = False
    held: bool = False
    hold_code: str = ""
    parked: bool = False
    pending_cause: str = ""
    expiry_date: datetime | None = None
    grace_ends_at: datetime | None = None


@pytest.mark.parametrize(("act", "status", "refusal"), PAIRS)
def test_each_act_is_allowed_or_refused_as_the_table_says(
    act: Act, status: Status, refusal: str
) -> None:
    assert states.refusal_of(act, status) == (refusal or None)


def test_the_table_names_every_act_and_status() -> None:
    assert set(TABLE) == set(Act) == set(states.ACTS)
    assert all(set(row) == set(Status) for row in states.ACTS.values())


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        (Facts(), Status.ACTIVE),
        (Facts(pending_cause="PAYMENT"), Status.PENDING),
        (Facts(parked=True, pending_cause="PAYMENT"), Status.INACTIVE),
        (Facts(expiry_date=NOW, grace_ends_at=NOW, parked=True), Status.EXPIRED),
        (Facts(expiry_date=NOW, grace_ends_at=NOW, held=True), Status.SUSPENDED),
        (Facts(held=True, revoked=True), Status.REVOKED),
        (Facts(expiry_date=NOW - DAY, grace_ends_at=NOW), Status.SUSPENDED),
        (Facts(expiry_date=NOW - DAY, grace_ends_at=NOW + DAY), Status.EXPIRED),
        (Facts(expiry_date=NOW + DAY, grace_ends_at=NOW + 2 * DAY), Status.ACTIVE),
    ],
)
def test_the_gravest_fact_names_the_status(facts: Facts, status: Status) -> None:
    assert states.status_at(facts, NOW) == status


def test_expiry_is_exclusive_to_the_microsecond() -> None:
    facts = Facts(expiry_date=NOW, grace_ends_at=NOW)

    assert states.status_at(facts, NOW - timedelta(microseconds=1)) == Status.ACTIVE
    assert states.status_at(facts, NOW) == Status.EXPIRED


def test_without_grace_an_expired_licence_stays_expired() -> None:
    facts = Facts(expiry_date=NOW, grace_ends_at=NOW)

    assert states.status_at(facts, NOW + 1000 * DAY) == Status.EXPIRED


def test_the_end_of_grace_is_shown_as_the_cause_and_a_hold_outranks_it() -> None:
    facts = Facts(expiry_date=NOW - DAY, grace_ends_at=NOW)

    assert states.suspension_code(facts, "", NOW) == "GRACE_PERIOD_ENDED"
    assert states.suspension_code(facts, "STAFF", NOW) == "STAFF"
    assert states.suspension_code(facts, "", NOW - timedelta(seconds=1)) == ""


def test_a_sweep_that_slept_learns_both_steps_in_order() -> None:
    facts = Facts(expiry_date=NOW - 2 * DAY, grace_ends_at=NOW - DAY)

    assert states.steps_missed("ACTIVE", facts, NOW) == [
        (Status.EXPIRED, NOW - 2 * DAY),
        (Status.SUSPENDED, NOW - DAY),
    ]
    assert states.steps_missed("EXPIRED", facts, NOW) == [(Status.SUSPENDED, NOW - DAY)]
    assert states.steps_missed("SUSPENDED", facts, NOW) == []


@pytest.mark.parametrize("facts", [Facts(parked=True), Facts(held=True), Facts(revoked=True)])
def test_grace_serves_nobody_whose_licence_is_put_aside_or_held(facts: Facts) -> None:
    facts.expiry_date, facts.grace_ends_at = NOW - DAY, NOW + DAY

    assert not states.in_grace(facts, NOW)


@pytest.mark.parametrize(
    ("code", "excuses"),
    [("", True), *((code, code == "PAYMENT_FAILED") for code in states.HoldCode)],
)
def test_an_emergency_excuses_a_failed_payment_and_no_other_hold(code: str, excuses: bool) -> None:
    assert states.excused(code) is excuses


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (Facts(), None),
        (Facts(expiry_date=NOW - DAY), None),
        (Facts(held=True, hold_code="PAYMENT_FAILED"), None),
        (Facts(parked=True), "LICENSE_INACTIVE"),
        (Facts(parked=True, pending_cause="PAYMENT"), "LICENSE_PENDING"),
        (Facts(pending_cause="PAYMENT", held=True, hold_code="STAFF"), "LICENSE_SUSPENDED"),
        (Facts(revoked=True, held=True, hold_code="STAFF"), "LICENSE_REVOKED"),
    ],
)
def test_an_emergency_is_refused_by_the_gravest_thing_in_its_way(
    facts: Facts, code: str | None
) -> None:
    assert states.refusal_in_emergency(facts) == code


@pytest.mark.parametrize(
    ("seconds", "graced"), [(-1, False), (0, True), (9, True), (10, False), (11, False)]
)
def test_grace_holds_from_the_expiry_to_the_instant_it_ends(seconds: int, graced: bool) -> None:
    facts = Facts(expiry_date=NOW, grace_ends_at=NOW + timedelta(seconds=10))
    assert states.in_grace(facts, NOW + timedelta(seconds=seconds)) is graced
