"""Random histories of a leased licence that counts cores, held against a model."""

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
from licenses.services import changing, lifecycle, reaping
from tests.clock import NOW
from tests.factories import STAFF, activate, give_back, issue, make_product, make_tenant
from tests.licenses.services.test_leases import beat

MINUTE = timedelta(minutes=1)
LEASE, BORROWED = 30 * MINUTE, timedelta(days=1)
DEVICES = st.integers(1, 4)
STEPS = st.one_of(
    st.tuples(st.just("activate"), DEVICES, st.integers(1, 5)),
    st.tuples(st.just("activate"), DEVICES, st.integers(1, 5)),
    st.tuples(st.just("beat"), DEVICES, st.just(0)),
    st.tuples(st.just("borrow"), DEVICES, st.just(0)),
    st.tuples(st.just("deactivate"), DEVICES, st.just(0)),
    st.tuples(st.just("wait"), st.sampled_from([7, 29, 30, 45]), st.just(0)),
    st.tuples(st.just("sell"), st.integers(1, 9), st.just(0)),
    st.tuples(st.sampled_from(["suspend", "reinstate", "reap"]), st.just(0), st.just(0)),
)


@dataclass
class Model:
    """What each device holds: its cores, and until when; by the clock alone."""

    now: datetime = NOW
    cores: int = 6
    held: bool = False
    wanted: dict[int, int] = field(default_factory=dict)
    until: dict[int, datetime] = field(default_factory=dict)

    def live(self, device: int) -> bool:
        return device in self.until and self.until[device] > self.now

    @property
    def taken(self) -> int:
        return sum(cores for device, cores in self.wanted.items() if self.live(device))

    def fits(self, device: int, cores: int) -> bool:
        own = self.wanted[device] if self.live(device) else 0
        return cores <= own or self.taken - own + cores <= self.cores

    def renew(self, device: int, cores: int, length: timedelta = LEASE) -> None:
        self.wanted[device] = cores
        self.until[device] = max(self.until.get(device, self.now), self.now + length)


@pytest.mark.django_db
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEPS, min_size=1, max_size=16))
def test_leases_behave_as_the_model_through_any_history(steps: list[tuple[str, int, int]]) -> None:
    terms: dict[str, Any] = {
        "license_type": "CONCURRENT",
        "license_model": "PER_CORE",
        "max_activations": 6,
        "max_borrow_days": 1,
        "product": Product.objects.first() or make_product(),
        "tenant": Tenant.objects.first() or make_tenant(),
    }
    issued = issue(**terms)
    License.objects.filter(pk=issued.license.pk).update(releases_per_30_days=10_000)
    model, tokens = Model(), {}

    for step, number, cores in steps:
        match step:
            case "wait":
                model.now += number * MINUTE
            case "activate":
                _activate(issued.key, number, cores, model, tokens)
            case "beat" | "borrow":
                _beat(number, model, tokens, days=1 if step == "borrow" else None)
            case "deactivate" if number in tokens:
                give_back(tokens.pop(number), at=model.now)
                del model.wanted[number], model.until[number]
            case _:
                _act(step, number, issued.license, model)
        _agree(issued.license, model)
    reaping.reap(at=model.now)
    assert License.objects.get(pk=issued.license.pk).current_activations == model.taken


def _activate(key: str, device: int, cores: int, model: Model, tokens: dict[int, str]) -> None:
    refusal = None
    if model.held:
        refusal = "LICENSE_SUSPENDED"
    elif not model.fits(device, cores):
        refusal = "ACTIVATION_LIMIT_EXCEEDED"
    if refusal is not None:
        with pytest.raises(Refusal) as refused:
            activate(key, f"device-{device}", core_count=cores, at=model.now)
        assert refused.value.code == refusal
        return
    done = activate(key, f"device-{device}", core_count=cores, at=model.now)
    assert done.is_new == (device not in tokens)
    assert done.token == tokens.setdefault(device, done.token)
    model.renew(device, cores)
    _holds(done.snapshot.device, device, model)


def _beat(device: int, model: Model, tokens: dict[int, str], *, days: int | None) -> None:
    if device not in tokens:
        return
    code = "VALID"
    if model.held:
        code = "LICENSE_SUSPENDED"
    elif not model.live(device) and not model.fits(device, model.wanted[device]):
        code = "LEASE_EXPIRED"
    holds, verdict = beat(tokens[device], at=model.now, borrow_days=days)
    assert verdict.code == code
    if code == "VALID":
        model.renew(device, model.wanted[device], BORROWED if days else LEASE)
        _holds(holds, device, model)


def _holds(told: Any, device: int, model: Model) -> None:
    assert told.units == model.wanted[device]
    assert told.lease_expires_at == model.until[device]


def _act(act: str, number: int, license: License, model: Model) -> None:
    given: dict[str, Any] = {"license_id": license.pk, "at": model.now, "origin": STAFF}
    match act:
        case "suspend" if not model.held:
            lifecycle.suspend_license(reason="r", **given)
            model.held = True
        case "reinstate" if model.held:
            lifecycle.reinstate_license(reason="r", **given)
            model.held = False
        case "sell":
            changing.change_license(changes={"max_activations": number}, **given)
            model.cores = number
        case "reap":
            reaping.reap(at=model.now)


def _agree(license: License, model: Model) -> None:
    row = License.objects.get(pk=license.pk)
    live = row.activations.live()
    units = live.aggregate(units=Sum("units"))["units"] or 0
    assert row.current_activations == units
    # What lapsed holds on only until somebody looks; nothing that lives is ever short of it.
    assert units >= model.taken
    lapsed = sum(each.units for each in live if each.lapsed_at(model.now))
    assert units - lapsed == model.taken
    events = Event.objects.of_license(row.pk)
    created = events.filter(type="activation.created").count()
    assert created - events.filter(type="activation.deactivated").count() == live.count()
    facts = snapshots.load_by_key(bytes(row.key_digest), fingerprint=None)
    assert facts is not None
    assert facts.license.revision == row.revision
