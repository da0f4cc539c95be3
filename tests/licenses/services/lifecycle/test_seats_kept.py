"""Holds and transfers keep counters exact, whatever a seat is held by and however it is counted."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Sum

from licenses.models import Activation, License
from licenses.services import lifecycle, reaping
from licenses.states import HoldCode
from tests.clock import NOW
from tests.factories import STAFF, activate, issue, make_customer

pytestmark = pytest.mark.django_db
LATE = NOW + timedelta(minutes=30)
SOLD: dict[str, tuple[dict[str, Any], int]] = {
    # Terms, and the units of the two devices that hold on: one of the leases has lapsed.
    "leases": ({"license_type": "CONCURRENT"}, 2),
    "leases of cores": ({"license_type": "CONCURRENT", "license_model": "PER_CORE"}, 8),
    "cores": ({"license_model": "PER_CORE"}, 12),
    "a site": ({"license_model": "SITE_LICENSE"}, 3),
    "an evaluation": ({"license_type": "EVALUATION"}, 3),
}


@pytest.fixture(params=SOLD)
def sold(request: pytest.FixtureRequest) -> Any:
    """A licence with three devices, its owner, and what two or three of them hold at LATE."""
    terms, units = SOLD[request.param]
    customer = make_customer()
    issued = issue(
        tenant=customer.tenant, customer_id=customer.pk, **{"max_activations": 16} | terms
    )
    activate(issued.key, "a", core_count=4)
    activate(issued.key, "b", core_count=4, at=LATE - timedelta(minutes=20))
    activate(issued.key, "c", core_count=4, at=LATE - timedelta(minutes=10))
    reaping.reap(at=LATE)
    return issued, customer, units


def taken() -> int:
    units = Activation.objects.live().aggregate(units=Sum("units"))["units"] or 0
    assert License.objects.get().current_activations == units
    return units


@pytest.mark.parametrize("code", HoldCode)
def test_a_hold_takes_no_seat_and_gives_none(sold, code) -> None:
    issued, _, units = sold
    given = {"license_id": issued.license.pk, "reason": "r", "origin": STAFF, "code": code}
    lifecycle.suspend_license(at=LATE, **given)
    held = {row.status_at(LATE).value for row in Activation.objects.holding()}
    assert (taken(), held) == (units, {"SUSPENDED"})
    lifecycle.reinstate_license(at=LATE, **given)
    assert taken() == units
    assert activate(issued.key, "b", at=LATE).is_new is False
    assert taken() == units


@pytest.mark.parametrize(
    ("elsewhere", "signed_out"), [(False, False), (False, True), (True, False)]
)
def test_a_transfer_keeps_every_seat_or_frees_every_seat(sold, elsewhere, signed_out) -> None:
    issued, customer, units = sold
    buyer = make_customer(None if elsewhere else customer.tenant)
    lifecycle.transfer_license(
        license_id=issued.license.pk,
        new_customer_id=buyer.pk,
        new_issued_to=buyer.name,
        reason="r",
        deactivate_existing=signed_out,
        across_tenants=elsewhere,
        at=LATE,
        origin=STAFF,
    )
    assert taken() == (0 if elsewhere or signed_out else units)


def test_revoking_frees_every_seat(sold) -> None:
    issued, _, _ = sold
    lifecycle.revoke_license(license_id=issued.license.pk, reason="r", at=LATE, origin=STAFF)
    assert taken() == 0
    assert not Activation.objects.live().exists()
