"""The paid licence that a trial becomes."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from events.models import Event
from events.refusals import Refusal
from licenses.models import License, TrialUse
from licenses.plans import SCALARS
from licenses.services.lifecycle.trials import SOLD
from licenses.states import PendingCause
from tests.clock import NOW
from tests.factories import (
    activate,
    issue,
    make_customer,
    make_product,
    make_template,
    make_tenant,
)
from tests.licenses.services.lifecycle.trying import convert, extend, paid, refusal_of, trial

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_a_converted_trial_has_its_key_its_devices_and_the_terms_of_the_template() -> None:
    product = make_product("maps", "exports")
    issued = trial(product=product, max_activations=2, features=[])
    first = activate(issued.key)
    extend(issued.license)
    template = paid(issued.license, auto_renewal_enabled=True, overage="2X")
    template.features.create(feature_id="maps", feature_name="Maps", default_limit=Decimal(9))

    done = convert(issued.license, template, at=NOW + 10 * DAY)

    assert (done.license_type, done.template_id) == ("SUBSCRIPTION", template.pk)
    assert (done.max_activations, done.overage, done.auto_renewal) == (5, "2X", True)
    assert done.expiry_date == NOW + 375 * DAY
    assert done.grace_ends_at == NOW + 385 * DAY
    assert done.key_digest == issued.license.key_digest
    assert [row.feature_id for row in done.entitlements.all()] == ["maps"]
    assert (done.trial_extensions, done.current_activations) == (1, 1)
    again = activate(issued.key, at=NOW + 10 * DAY)
    assert (again.is_new, again.token) == (False, first.token)
    assert again.snapshot.license.license_type == "SUBSCRIPTION"


def test_a_conversion_is_told_and_the_trial_stays_on_record() -> None:
    tenant = make_tenant()
    product, customer = make_product(), make_customer(tenant)
    issued = trial(product=product, tenant=tenant, customer_id=customer.pk)
    activate(issued.key)

    convert(issued.license, paid(issued.license), at=NOW + DAY)

    uses = TrialUse.objects.filter(license=issued.license)
    assert [use.converted_at for use in uses] == [NOW + DAY] * 2
    event = Event.objects.latest("sequence")
    assert (event.type, event.reason) == ("license.converted", "a longer look")
    assert event.changes["license_type"] == {"before": "TRIAL", "after": "SUBSCRIPTION"}
    with pytest.raises(Refusal) as refused:
        trial(product=product, tenant=tenant, customer_id=customer.pk)
    assert refused.value.code == "TRIAL_ALREADY_USED"


def test_an_expired_trial_works_again_as_a_paid_licence() -> None:
    issued = trial()
    token = activate(issued.key).token
    late = NOW + 90 * DAY

    done = convert(issued.license, paid(issued.license), at=late)

    assert (done.status, done.expiry_date) == ("ACTIVE", late + 365 * DAY)
    assert activate(issued.key, at=late).token == token


@pytest.mark.parametrize(
    ("basis", "cause", "expiry"),
    [
        ("FIRST_ACTIVATION", PendingCause.FIRST_ACTIVATION, None),
        ("", PendingCause.NONE, NOW + 365 * DAY),
    ],
)
def test_a_trial_nobody_tried_begins_as_its_template_counts(
    basis: str, cause: str, expiry: Any
) -> None:
    license = issue(license_type="TRIAL").license

    done = convert(license, paid(license, expiry_basis=basis))

    assert (done.pending_cause, done.expiry_date) == (cause, expiry)


def test_a_trial_becomes_a_perpetual_licence_without_an_end() -> None:
    license = trial().license

    done = convert(license, paid(license, license_type="PERPETUAL"))

    assert (done.expiry_date, done.grace_ends_at, done.status) == (None, None, "ACTIVE")


def test_more_seats_than_the_template_has_may_be_bought() -> None:
    license = trial().license

    assert convert(license, paid(license), max_activations=40).max_activations == 40
    other = trial().license
    code = refusal_of(convert, other, paid(other), max_activations=0)
    assert code == "VALIDATION_ERROR"


def test_fewer_seats_than_are_taken_cut_nobody_off() -> None:
    issued = trial(max_activations=3)
    for number in range(3):
        activate(issued.key, f"device-{number}")

    done = convert(issued.license, paid(issued.license, max_activations=1))

    assert (done.max_activations, done.current_activations) == (1, 3)
    assert not activate(issued.key, "device-0").is_new


def test_a_device_of_a_trial_gets_its_users_name_on_a_named_user_licence() -> None:
    issued = trial(max_activations=1)
    activate(issued.key)
    convert(issued.license, paid(issued.license, license_type="NAMED_USER", max_activations=1))

    done = activate(issued.key, user_identity="ada")

    assert done.is_new
    license = License.objects.get()
    assert (license.current_activations, license.named_users.get().identity) == (1, "ada")


def test_devices_of_a_trial_become_concurrent_and_borrow_as_the_template_lends() -> None:
    issued = trial(max_activations=1)
    activate(issued.key)
    template = paid(
        issued.license, license_type="CONCURRENT", lease_seconds=600, max_borrow_days=14
    )

    done = convert(issued.license, template)

    assert (done.lease_seconds, done.max_borrow_days) == (600, 14)
    borrowed = activate(issued.key, borrow_days=14).snapshot.device
    assert borrowed is not None
    assert borrowed.borrowed_until == NOW + 14 * DAY


def test_a_conversion_takes_over_every_term_that_templates_have() -> None:
    own = {"bind_on_first_activation", "template_id"}

    assert set(SCALARS) - own <= set(SOLD)


def test_restrictions_are_the_paid_templates_but_for_what_it_too_ties_or_leaves_open() -> None:
    product = make_product()
    tried = make_template(
        product, license_type="TRIAL", bind_on_first_activation="BOTH", expiry_basis="ISSUE"
    )
    tried.restrictions.create(
        restriction_type="GEOGRAPHIC", operator="DENY", default_values=["FR"], position=0
    )
    issued = issue(template_id=tried.pk, license_type=None, license_model=None)
    activate(issued.key, domain="brenner.example")
    template = paid(issued.license, bind_on_first_activation="DOMAIN")
    template.restrictions.create(
        restriction_type="GEOGRAPHIC", operator="ALLOW", default_values=["DE"], position=0
    )

    done = convert(issued.license, template)

    kept = done.restrictions.order_by("position").values_list("restriction_type", "operator")
    assert list(kept) == [("GEOGRAPHIC", "ALLOW"), ("DOMAIN", "ALLOW")]


def test_a_template_that_leaves_something_to_be_stated_is_refused_where_nothing_states_it() -> None:
    license = trial().license
    template = paid(license)
    template.restrictions.create(
        restriction_type="DOMAIN", operator="ALLOW", default_values=[], position=0
    )

    assert refusal_of(convert, license, template) == "VALIDATION_ERROR"


def test_a_template_must_fit() -> None:
    license = trial(tenant=make_tenant()).license
    other = make_template()
    again = paid(license, license_type="TRIAL")
    reserved = paid(license, reserved_for=make_tenant())
    gone = paid(license, active=False)

    assert refusal_of(convert, license, other) == "VALIDATION_ERROR"
    assert refusal_of(convert, license, again) == "VALIDATION_ERROR"
    assert refusal_of(convert, license, reserved) == "TEMPLATE_NOT_FOUND"
    assert refusal_of(convert, license, gone) == "TEMPLATE_NOT_FOUND"
