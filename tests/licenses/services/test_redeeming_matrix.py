"""Every standing, hold and fullness: an emergency code is made, redeemed and judged alike."""

import itertools

import pytest
from django.db import transaction

from events.refusals import Refusal
from licenses.models import Activation, License
from licenses.states import HoldCode
from tests.clock import NOW
from tests.factories import issue
from tests.licenses.services.need import DAY, make, redeem, verdict

pytestmark = pytest.mark.django_db
STANDINGS = {
    "in force": ({}, None),
    "expired": ({"expiry_date": NOW - DAY, "grace_ends_at": NOW - DAY}, None),
    "in grace": ({"expiry_date": NOW - DAY, "grace_ends_at": NOW + DAY}, None),
    "grace over": ({"expiry_date": NOW - 2 * DAY, "grace_ends_at": NOW - DAY}, None),
    "unpaid": ({"pending_cause": "PAYMENT"}, "LICENSE_PENDING"),
    "parked": ({"parked": True}, "LICENSE_INACTIVE"),
    "revoked": ({"revoked_at": NOW - DAY}, "LICENSE_REVOKED"),
}  # fmt: skip


def test_status_hold_and_seats_decide_as_the_table_says() -> None:
    """Every standing, hold and fullness: the code is made, redeemed and judged alike."""
    issued = issue(max_activations=1)
    code = make(issued.license)
    first = redeem(issued.key, code.typed)
    for standing, hold, full in itertools.product(STANDINGS, ["", *HoldCode], [0, 1]):
        facts, expected = STANDINGS[standing]
        if hold not in ("", HoldCode.PAYMENT_FAILED) and expected != "LICENSE_REVOKED":
            expected = "LICENSE_SUSPENDED"
        with transaction.atomic():
            told = (standing, hold, full)
            License.objects.update(**facts, hold_code=hold, current_activations=full)
            try:
                make(issued.license)
                made = None
            except Refusal as refused:
                made = refused.code
            try:
                redeem(issued.key, code.typed)
                redeemed = None
            except Refusal as refused:
                redeemed = refused.code
            assert made == redeemed == expected, told
            assert verdict(first.token).code == (expected or "VALID"), told
            row = Activation.objects.select_related("license").get()
            pending = expected == "LICENSE_PENDING"
            assert (row.status_at(NOW) == "ACTIVE") == (expected is None or pending), told
            transaction.set_rollback(True)
