"""What a template makes of terms, and what that gives and takes."""

from datetime import timedelta
from decimal import Decimal

import pytest

from licenses import plans
from licenses.plans import SCALARS, Effect, FeatureTerms, RestrictionTerms, Terms
from tests.clock import NOW

SOLD = {
    "template_id": "solo",
    "license_model": "PER_DEVICE",
    "max_activations": 3,
    "overage": "NONE",
    "self_service": "SEE",
    "releases_per_30_days": 10,
    "grace_period_days": 14,
    "heartbeat_interval_seconds": 600,
    "require_heartbeat": False,
    "lease_seconds": None,
    "max_borrow_days": None,
    "bind_on_first_activation": "",
}
DE = RestrictionTerms("GEOGRAPHIC", "ALLOW", ("DE",))
HOST = RestrictionTerms("DOMAIN", "ALLOW", ("a.example",))


def terms(*restrictions, features=(), **scalars):
    said = SOLD | scalars
    return Terms(tuple(said[name] for name in SCALARS), tuple(features), restrictions)


def applied(held, offered, *, activated=False, ended=False):
    return plans.applied(held, offered, activated=activated, ended=ended)


@pytest.mark.parametrize(
    ("before", "after", "effect"),
    [
        ({"max_activations": 3}, {"max_activations": 5}, Effect.GAIN),
        ({"max_activations": 3}, {"max_activations": 2}, Effect.LOSS),
        ({"overage": "1.5X"}, {"overage": "2X"}, Effect.GAIN),
        ({"overage": "UNLIMITED"}, {"overage": "2X"}, Effect.LOSS),
        ({"max_activations": 3}, {"max_activations": 1, "overage": "UNLIMITED"}, Effect.GAIN),
        ({"license_model": "PER_SEAT"}, {"license_model": "PER_DEVICE"}, Effect.CHANGE),
        ({"license_model": "PER_SEAT"}, {"license_model": "ENTERPRISE"}, Effect.GAIN),
        ({"grace_period_days": 14}, {"grace_period_days": 30}, Effect.GAIN),
        ({"grace_period_days": 14}, {"grace_period_days": 0}, Effect.LOSS),
        ({"require_heartbeat": False}, {"require_heartbeat": True}, Effect.LOSS),
        ({"require_heartbeat": True}, {"require_heartbeat": False}, Effect.GAIN),
        ({"self_service": "NONE"}, {"self_service": "SEE"}, Effect.GAIN),
        ({"self_service": "REPLACE"}, {"self_service": "SEE"}, Effect.LOSS),
        ({"releases_per_30_days": 10}, {"releases_per_30_days": 2}, Effect.LOSS),
        ({"max_borrow_days": None}, {"max_borrow_days": 7}, Effect.GAIN),
        ({"max_borrow_days": 7}, {"max_borrow_days": None}, Effect.LOSS),
        ({"releases_per_30_days": None}, {"releases_per_30_days": 2}, Effect.CHANGE),
        ({"heartbeat_interval_seconds": 60}, {"heartbeat_interval_seconds": 90}, Effect.CHANGE),
        ({"max_borrow_days": 14}, {"max_borrow_days": 7}, Effect.LOSS),
        ({"template_id": "solo"}, {"template_id": "team"}, Effect.CHANGE),
    ],
)
def test_a_term_is_a_gain_or_a_loss(before, after, effect):
    told = plans.changes(terms(**before), terms(**after))

    assert {change.effect for change in told} == {effect}
    assert {change.field for change in told} == before.keys() | after.keys()


@pytest.mark.parametrize(
    ("before", "after", "effect"),
    [
        (None, FeatureTerms(True), Effect.GAIN),
        (FeatureTerms(False), FeatureTerms(True), Effect.GAIN),
        (FeatureTerms(True), None, Effect.LOSS),
        (None, FeatureTerms(False), Effect.CHANGE),
        (FeatureTerms(False), FeatureTerms(False, Decimal(5)), Effect.CHANGE),
        (FeatureTerms(True, Decimal(5)), FeatureTerms(True, Decimal(6)), Effect.GAIN),
        (FeatureTerms(True, Decimal(5)), FeatureTerms(True), Effect.GAIN),
        (FeatureTerms(True), FeatureTerms(True, Decimal(5)), Effect.LOSS),
        (FeatureTerms(True, None, "", "DAY"), FeatureTerms(True, None, "", "MONTH"), Effect.CHANGE),
        (FeatureTerms(True, expires_at=NOW), FeatureTerms(True), Effect.GAIN),
        (
            FeatureTerms(True, Decimal(5), expires_at=NOW),
            FeatureTerms(True, Decimal(4), expires_at=NOW + timedelta(1)),
            Effect.CHANGE,
        ),
    ],
)
def test_a_feature_is_a_gain_or_a_loss(before, after, effect):
    held, granted = (
        terms(features=[] if one is None else [("exports", one)]) for one in (before, after)
    )
    (change,) = plans.changes(held, granted)

    assert change == plans.Change("features.exports", before, after, effect)


@pytest.mark.parametrize(
    ("before", "after", "effect"),
    [
        ([], [DE], Effect.LOSS),
        ([DE], [], Effect.GAIN),
        ([HOST], [HOST, DE], Effect.LOSS),
        ([HOST, DE], [HOST], Effect.GAIN),
        ([DE], [RestrictionTerms("GEOGRAPHIC", "ALLOW", ("DE", "AT"))], Effect.CHANGE),
        ([DE], [DE, RestrictionTerms("GEOGRAPHIC", "ALLOW", ("AT",))], Effect.CHANGE),
    ],
)
def test_restrictions_are_told_as_one_change(before, after, effect):
    (change,) = plans.changes(terms(*before), terms(*after))

    assert (change.field, change.effect) == ("restrictions", effect)


def test_restrictions_in_another_order_say_the_same():
    assert plans.changes(terms(DE, HOST), terms(HOST, DE)) == []


def test_a_grace_that_has_begun_stays_as_long_as_it_was():
    less = terms(grace_period_days=0)

    assert applied(terms(), less, ended=True)["grace_period_days"] == 14
    assert applied(terms(), less)["grace_period_days"] == 0


def test_only_a_licence_that_never_ran_is_left_to_its_first_device():
    bound = terms(bind_on_first_activation="DOMAIN")

    assert applied(terms(), bound)["bind_on_first_activation"] == "DOMAIN"
    assert applied(terms(), bound, activated=True)["bind_on_first_activation"] == ""


def test_seats_that_were_bought_one_by_one_are_not_taken():
    bought, offered = terms(license_model="PER_SEAT", max_activations=25), terms(
        license_model="PER_SEAT", max_activations=1
    )  # fmt: skip

    assert applied(bought, offered)["max_activations"] == 25
    assert applied(offered, bought)["max_activations"] == 25
    assert applied(bought, terms(max_activations=1))["max_activations"] == 1


@pytest.mark.parametrize(
    ("held", "offered", "after"),
    [
        # Plans say where and when; whom and what it is tied to is the holder's own.
        ([DE, HOST], [], [HOST]),
        ([], [DE], [DE]),
        ([HOST], [HOST._replace(values=("b.example",))], [HOST._replace(values=("b.example",))]),
        ([HOST], [HOST._replace(operator="DENY")], [HOST._replace(operator="DENY"), HOST]),
        # What the template leaves to be stated stays as it was stated.
        ([DE], [DE._replace(values=())], [DE]),
    ],
)
def test_restrictions_become_the_templates_but_for_what_the_holder_is_tied_to(held, offered, after):
    done = applied(terms(*held), terms(*offered))

    assert done.restrictions == tuple(after)
    assert applied(done, terms(*offered)) == done


def test_what_is_to_be_stated_and_was_not_is_named():
    open_row = DE._replace(values=())

    assert plans.unstated(terms(), terms(open_row)) == [("GEOGRAPHIC", "ALLOW")]
    assert plans.unstated(terms(DE), terms(open_row)) == []
    assert plans.unstated(terms(), terms(open_row, DE)) == []


@pytest.mark.parametrize(
    ("model", "other", "alike"),
    [
        ("PER_DEVICE", "PER_SEAT", True),
        ("PER_DEVICE", "ENTERPRISE", True),
        ("PER_CORE", "PER_CORE", True),
        ("PER_CORE", "PER_CPU", False),
        ("PER_DEVICE", "PER_CORE", False),
    ],
)
def test_models_count_alike_where_a_device_takes_as_much(model, other, alike):
    assert plans.counts_alike(model, other) is plans.counts_alike(other, model) is alike
