"""Every state of a licence is explained, with the way on."""

from datetime import timedelta

import pytest

from licenses.selectors.explanation import explain
from licenses.services import lifecycle
from licenses.states import PendingCause
from tests.clock import NOW
from tests.factories import STAFF, activate, issue, make_product, release

pytestmark = pytest.mark.django_db
LATER = {"at": NOW, "origin": STAFF}
DAY = timedelta(days=1)

TRIED = {"license_type": "TRIAL", "expiry_basis": "ISSUE"}
CASES = [
    # terms, act on it, days later, what it says
    ({}, None, 1, ["is ACTIVE, and works", "Nothing is in its way", "0 of 3 seats"]),
    ({}, None, 366, ["EXPIRED, and still works: it is in grace", "renewing it gives"]),
    ({}, None, 400, ["SUSPENDED", "Its grace has ended", "renewing it gives"]),
    ({"grace_period_days": 0}, None, 400, ["EXPIRED, and does not", "It has no grace"]),
    ({"license_type": "PERPETUAL"}, None, 4000, ["ACTIVE", "It never expires"]),
    ({"license_type": "TRIAL"}, None, 1, ["PENDING", "first device", "activating a device"]),
    (TRIED, None, 31, ["EXPIRED", "extending the trial", "converting it to paid"]),
    (TRIED | {"grace_period_days": 1}, None, 40, ["SUSPENDED", "extending the trial"]),
    ({"pending_cause": PendingCause.PAYMENT}, None, 1, ["PENDING", "waits for payment"]),
    ({"pending_cause": PendingCause.APPROVAL}, None, 1, ["approving it ends the waiting"]),
    ({}, lifecycle.park_license, 1, ["INACTIVE", "It is parked", "unparking it"]),
    ({}, lifecycle.revoke_license, 1, ["REVOKED", "that is final", "issue another licence"]),
    ({}, lifecycle.suspend_license, 1, ["SUSPENDED", "“Because.”", "reinstating it"]),
    ({"overage": "UNLIMITED"}, None, 1, ["it never fills"]),
    ({"bound_domain": "a.example"}, None, 1, ["Only for these domains: a.example."]),
    ({"license_type": "CONCURRENT"}, None, 1, ["a lease of 1,800 s", "It never expires"]),
    ({"license_type": "NAMED_USER"}, None, 1, ["0 of 3 seats", "Names hold them"]),
    (
        {"license_type": "NAMED_USER", "overage": "UNLIMITED"},
        None,
        1,
        ["0 names hold it; it never fills."],
    ),
    ({"license_model": "PER_CORE"}, None, 1, ["0 of 3 cores are taken"]),
    ({"overage": "2X"}, None, 1, ["0 of 6 seats (3 sold, overage)"]),
]


@pytest.mark.parametrize(("terms", "act", "days", "expected"), CASES)
def test_a_licence_is_explained_with_what_would_change_it(terms, act, days, expected):
    license = issue(**terms).license
    if act:
        license = act(license_id=license.pk, reason="Because.", **LATER)
    text = "\n".join(explain(license, at=NOW + days * DAY))
    assert [words for words in expected if words not in text] == []


def test_the_versions_that_maintenance_covers_are_named():
    product = make_product()
    license = issue(product=product, license_type="PERPETUAL", maintenance_expiry=NOW).license
    release(product, "4.2", NOW - DAY)
    release(product, "5.0", NOW)

    text = "\n".join(explain(license, at=NOW))

    assert "before 2026-03-14 09:26:53 UTC, when its maintenance ended" in text
    assert "The newest that it covers is 4.2, released on 2026-03-13." in text
    assert "It does not cover 5.0, released on 2026-03-14; extending its maintenance" in text


def test_a_column_behind_the_clock_is_said_to_matter_to_nobody():
    license = issue().license
    assert "stored status is still ACTIVE" in "\n".join(explain(license, at=NOW + 366 * DAY))


@pytest.mark.parametrize(
    ("terms", "extensions", "unsaid"),
    [({}, 0, "extending"), ({}, 0, "converting"), (TRIED, 2, "extending")],
)
def test_what_is_of_no_use_is_not_named(terms, extensions, unsaid):
    license = issue(**terms).license
    license.trial_extensions = extensions
    assert unsaid not in "\n".join(explain(license, at=NOW + 400 * DAY))


def test_a_suspension_by_the_clock_is_not_lifted_by_reinstating():
    license = issue().license
    assert "reinstating" not in "\n".join(explain(license, at=NOW + 400 * DAY))


def test_heartbeats_that_are_owed_and_extensions_are_told():
    license = issue(**TRIED).license
    license.require_heartbeat, license.trial_extensions = True, 1

    text = "\n".join(explain(license, at=NOW))

    assert "heard of every 600 s; one that misses 3 does not validate" in text
    assert "Its trial was extended once; twice is the most." in text


@pytest.mark.parametrize(
    ("devices", "said"),
    [
        (0, "0 of 3 seats are taken, 3 are free."),
        (1, "1 of 3 seats is taken, 2 are free."),
        (2, "2 of 3 seats are taken, 1 is free."),
    ],
)
def test_one_seat_is_spoken_of_as_one(devices, said):
    issued = issue()
    for number in range(devices):
        activate(issued.key, f"device-{number}")
    issued.license.refresh_from_db()
    assert said in explain(issued.license, at=NOW)
