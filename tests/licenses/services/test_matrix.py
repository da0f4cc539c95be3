"""Every type, model, standing and overage: who gets a seat, and what the counter says then."""

import itertools
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from events.refusals import Refusal
from licenses.models import License
from licenses.terms import LicenseModel, LicenseType, Overage
from tests.clock import NOW
from tests.factories import activate, issue, make_customer, make_product

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SOLD = 5
CAPACITY = {"NONE": 5, "1.25X": 6, "1.5X": 7, "2X": 10, "UNLIMITED": None}
# Standing → how a licence comes to it, and by what a new device is refused.
STANDINGS: dict[str, tuple[dict[str, Any], str | None]] = {
    "in force": ({"pending_cause": ""}, None),
    "to start": ({"pending_cause": "FIRST_ACTIVATION"}, None),
    "unpaid": ({"pending_cause": "PAYMENT"}, "LICENSE_PENDING"),
    "unapproved": ({"pending_cause": "APPROVAL"}, "LICENSE_PENDING"),
    "parked": ({"pending_cause": "", "parked": True}, "LICENSE_INACTIVE"),
    "in grace": (
        {"pending_cause": "", "expiry_date": NOW, "grace_ends_at": NOW + DAY}, "LICENSE_EXPIRED",
    ),
    "expired": (
        {"pending_cause": "", "expiry_date": NOW, "grace_ends_at": NOW}, "LICENSE_EXPIRED",
    ),
    "held": ({"pending_cause": "", "hold_code": "STAFF"}, "LICENSE_SUSPENDED"),
    "revoked": ({"pending_cause": "", "revoked_at": NOW}, "LICENSE_REVOKED"),
}  # fmt: skip
TYPES = [each for each in LicenseType if each != LicenseType.NAMED_USER]


@pytest.mark.parametrize(
    ("license_type", "model"), list(itertools.product(TYPES, LicenseModel)), ids=str
)
def test_a_new_device_and_the_next(license_type: LicenseType, model: LicenseModel) -> None:
    issued = issue(license_type=license_type, license_model=model, max_activations=SOLD)
    for (standing, (facts, code)), overage in itertools.product(STANDINGS.items(), Overage):
        if license_type == LicenseType.PERPETUAL and "expiry_date" in facts:
            continue
        with transaction.atomic():
            told = (standing, overage.value)
            License.objects.update(overage=overage, **facts)
            if code is None:
                _takes_the_last_units(issued, model, overage, told)
            else:
                _is_refused(issued, code, told)
            transaction.set_rollback(True)


def _takes_the_last_units(issued: Any, model: str, overage: str, told: Any) -> None:
    units = 2 if model in ("PER_CPU", "PER_CORE") else 1
    never = model in ("SITE_LICENSE", "ENTERPRISE") or overage == "UNLIMITED"
    before = 1_000 if never else CAPACITY[overage] - units
    # As if others held the rest: what is looked at is the counter.
    License.objects.update(current_activations=before)

    done = activate(issued.key, "first", cpu_count=2, core_count=2)
    assert (done.is_new, done.snapshot.device.units) == (True, units), told
    license = License.objects.get()
    assert license.unlimited is never, told
    assert license.current_activations == before + units, told
    assert activate(issued.key, "first").is_new is False, told

    if never:
        assert activate(issued.key, "second").is_new, told
        assert License.objects.get().current_activations == before + units + 1, told
        return
    assert license.seats_left == 0, told
    code, details = _refusal(issued.key)
    assert code == "ACTIVATION_LIMIT_EXCEEDED", told
    assert details["current_activations"] == CAPACITY[overage], told
    assert details["max_activations"] == SOLD, told
    assert License.objects.get().current_activations == before + units, told


def _is_refused(issued: Any, code: str, told: Any) -> None:
    before = _rows()
    assert _refusal(issued.key)[0] == code, told
    assert _rows() == before, told


def _rows() -> list[Any]:
    """Every licence whole, every device, every event of an activation."""
    with connection.cursor() as cursor:
        return [
            cursor.execute(statement).fetchall()
            for statement in (
                "SELECT * FROM licenses_license",
                "SELECT id FROM licenses_activation",
                "SELECT event_id FROM events_event WHERE type = 'activation.created'",
            )
        ]


def _refusal(key: str) -> tuple[str, dict[str, Any]]:
    with pytest.raises(Refusal) as refused:
        activate(key, "second")
    return refused.value.code, refused.value.details


@pytest.mark.parametrize("license_type", TYPES)
def test_its_term_follows_from_its_type(license_type: LicenseType) -> None:
    issued = issue(license_type=license_type)
    activate(issued.key, at=NOW + DAY)
    license = License.objects.get()
    ends = {"SUBSCRIPTION": NOW + 365 * DAY, "TRIAL": NOW + 31 * DAY, "EVALUATION": NOW + 31 * DAY}
    assert license.expiry_date == ends.get(license_type)
    graceless = license_type in ("TRIAL", "EVALUATION")
    assert license.grace_period_days == (0 if graceless else 30)


def test_an_evaluation_may_be_had_again_where_a_trial_may_not() -> None:
    customer, product = make_customer(), make_product()
    given = {"customer_id": customer.pk, "tenant": customer.tenant, "product": product}
    for _ in range(2):
        key = issue(license_type="EVALUATION", **given).key
        assert activate(key, "the same device").is_new
    issue(license_type="TRIAL", **given)
    with pytest.raises(Refusal) as refused:
        issue(license_type="TRIAL", **given)
    assert refused.value.code == "TRIAL_ALREADY_USED"
