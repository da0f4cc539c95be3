"""Random histories of one licence, held against a model that fits on a page, on either engine."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Tenant
from events.models import Event
from events.refusals import Refusal
from licenses.models import License, Product
from licenses.selectors import snapshots
from licenses.services import changing, lifecycle
from licenses.services.integrity import check_integrity
from tests.clock import NOW
from tests.factories import STAFF, activate, give_back, issue, make_product, make_tenant

DAY = timedelta(days=1)
DEVICES = st.integers(1, 5)
STEPS = st.one_of(
    st.tuples(st.just("activate"), DEVICES),
    st.tuples(st.just("activate"), DEVICES),
    st.tuples(st.just("deactivate"), DEVICES),
    st.tuples(st.just("wait"), st.sampled_from([1, 9, 40])),
    st.tuples(st.just("sell"), st.integers(1, 4)),
    st.tuples(st.sampled_from(["suspend", "reinstate", "park", "unpark", "renew"]), st.just(0)),
    st.tuples(st.just("revoke"), st.just(0)),
)


@dataclass
class Model:
    """What a licence of ten days with ten days' grace should be, told as plainly as possible."""

    now: datetime = NOW
    seats: int = 2
    expiry: datetime = NOW + 10 * DAY
    held: bool = False
    parked: bool = False
    revoked: bool = False
    devices: set[int] = field(default_factory=set)

    @property
    def expired(self) -> bool:
        return self.now >= self.expiry

    @property
    def grace_over(self) -> bool:
        return self.now >= self.expiry + 10 * DAY

    def refusal(self, device: int) -> str | None:
        if self.revoked:
            return "LICENSE_REVOKED"
        if self.held:
            return "LICENSE_SUSPENDED"
        if self.expired:
            served = device in self.devices and not self.grace_over and not self.parked
            return None if served else "LICENSE_EXPIRED"
        if self.parked:
            return "LICENSE_INACTIVE"
        full = device not in self.devices and len(self.devices) >= self.seats
        return "ACTIVATION_LIMIT_EXCEEDED" if full else None

    def allows(self, act: str) -> bool:
        if self.revoked:
            return False
        return {
            "suspend": not self.held,
            "reinstate": self.held,
            "park": not (self.held or self.expired or self.parked),
            "unpark": self.parked and not (self.held or self.expired),
            "renew": True,
            "revoke": True,
            "sell": True,
        }[act]


@pytest.mark.django_db
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEPS, min_size=1, max_size=14))
def test_a_licence_behaves_as_the_model_through_any_history(steps: list[tuple[str, int]]) -> None:
    product = Product.objects.first() or make_product()
    tenant = Tenant.objects.first() or make_tenant()
    terms: dict[str, Any] = {
        "duration_days": 10,
        "grace_period_days": 10,
        "max_activations": 2,
        "product": product,
        "tenant": tenant,
    }
    issued = issue(**terms)
    License.objects.filter(pk=issued.license.pk).update(releases_per_30_days=10_000)
    model, tokens = Model(), {}

    for step, number in steps:
        if step == "wait":
            model.now += number * DAY
        elif step == "activate":
            _activate(issued.key, number, model, tokens)
        elif step == "deactivate":
            _deactivate(number, model, tokens)
        else:
            _act(step, number, issued.license, model)
        _agree(issued.license, model)


def _activate(key: str, device: int, model: Model, tokens: dict[int, str]) -> None:
    refusal = model.refusal(device)
    if refusal is not None:
        with pytest.raises(Refusal) as refused:
            activate(key, f"device-{device}", at=model.now)
        assert refused.value.code == refusal
        return
    done = activate(key, f"device-{device}", at=model.now)
    assert done.is_new == (device not in model.devices)
    if device in model.devices:
        assert done.token == tokens[device]
    model.devices.add(device)
    tokens[device] = done.token


def _deactivate(device: int, model: Model, tokens: dict[int, str]) -> None:
    if device not in tokens:
        return
    # A device may always let go, and twice is once, whatever became of the licence.
    give_back(tokens[device], at=model.now)
    model.devices.discard(device)


def _act(act: str, number: int, license: License, model: Model) -> None:
    given: dict[str, Any] = {"license_id": license.pk, "at": model.now, "origin": STAFF}
    calls = {
        "suspend": lambda: lifecycle.suspend_license(reason="r", **given),
        "reinstate": lambda: lifecycle.reinstate_license(reason="r", **given),
        "park": lambda: lifecycle.park_license(reason="r", **given),
        "unpark": lambda: lifecycle.unpark_license(reason="r", **given),
        "renew": lambda: lifecycle.renew_license(duration_months=1, **given),
        "revoke": lambda: lifecycle.revoke_license(reason="r", **given),
        "sell": lambda: changing.change_license(changes={"max_activations": number}, **given),
    }
    if not model.allows(act):
        with pytest.raises(Refusal) as refused:
            calls[act]()
        assert refused.value.code == "ILLEGAL_STATUS_CHANGE"
        return
    done = calls[act]()
    match act:
        case "suspend":
            model.held = True
        case "reinstate":
            model.held = False
        case "park":
            model.parked = True
        case "unpark":
            model.parked = False
        case "renew":
            assert done.expiry_date is not None
            assert done.expiry_date > model.now
            model.expiry = done.expiry_date
        case "revoke":
            model.revoked, model.devices = True, set()
        case "sell":
            model.seats = number


def _agree(license: License, model: Model) -> None:
    row = License.objects.get(pk=license.pk)
    units = row.activations.live().aggregate(units=Sum("units"))["units"] or 0
    assert row.current_activations == units == len(model.devices)
    created = Event.objects.of_license(row.pk).filter(type="activation.created").count()
    freed = Event.objects.of_license(row.pk).filter(type="activation.deactivated").count()
    assert created - freed == units
    facts = snapshots.load_by_key(bytes(row.key_digest), fingerprint=None)
    assert facts is not None
    assert facts.license.revision == row.revision
    assert facts.license.status_at(model.now) == row.status_at(model.now)
    assert facts.license.current_activations == units
    # The trail tells all of it but what this test has written itself.
    report = check_integrity(license_id=row.pk, at=model.now)
    assert {one.field for one in report.differences} == {"releases_per_30_days"}
