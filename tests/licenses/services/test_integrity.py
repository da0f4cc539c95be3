"""An honest licence is intact whatever was done to it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from events import vault
from licenses.models import License
from licenses.services import (
    activation,
    applying,
    changing,
    emergency,
    erasing,
    keyring,
    leases,
    lifecycle,
    named_users,
    rotation,
)
from licenses.services.entitlements import FeatureGrant
from licenses.services.integrity import check_integrity
from licenses.states import HoldCode, PendingCause
from tests import factories
from tests.clock import NOW
from tests.factories import STAFF, activate, issue, make_customer, make_product, make_template
from tests.licenses.services.importing.test_chunks import imported, sold  # noqa: F401

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def found(license: License, *, at: Any = NOW, signature: str = "") -> list[tuple[str, str]]:
    report = check_integrity(license_id=license.pk, at=at, signature=signature)
    assert report.intact == (not report.differences)
    return [(one.code, one.field) for one in report.differences]


def doing(act: Callable[..., Any], **stated: Any) -> Callable[[License], Any]:
    """One act as it is done to a licence."""
    return lambda license: act(license_id=license.pk, at=NOW, origin=STAFF, **stated)


ACTS: dict[str, tuple[dict[str, Any], list[Callable[[License], Any]]]] = {
    "renewed with features": (
        {},
        [
            doing(
                lifecycle.renew_license,
                duration_months=1,
                extend_maintenance=True,
                upgrade_features=[FeatureGrant(feature_id="maps", limit_value=None)],
            )
        ],
    ),
    "held twice, one lifted": (
        {},
        [
            doing(lifecycle.suspend_license, reason="x"),
            doing(lifecycle.suspend_license, reason="y", code=HoldCode.COMPLIANCE),
            doing(lifecycle.reinstate_license, reason="z", code=HoldCode.COMPLIANCE),
        ],
    ),
    "a failed payment renewed away": (
        {},
        [
            doing(lifecycle.suspend_license, reason="x", code=HoldCode.PAYMENT_FAILED),
            doing(lifecycle.renew_license, duration_months=1),
        ],
    ),
    "parked and taken back": (
        {},
        [doing(lifecycle.park_license, reason=""), doing(lifecycle.unpark_license, reason="")],
    ),
    "approved": (
        {"pending_cause": PendingCause.APPROVAL},
        [doing(lifecycle.approve_license, reason="")],
    ),
    "revoked": ({}, [doing(lifecycle.revoke_license, reason="x")]),
    "given another key": ({}, [doing(keyring.reissue_key, reason="x")]),
    "given a code": ({}, [doing(emergency.issue_code, reason="x")]),
    "given to another holder": (
        {},
        [
            doing(
                lifecycle.transfer_license,
                new_issued_to="Fjord",
                reason="x",
                deactivate_existing=True,
            )
        ],
    ),
    "changed": (
        {"metadata": {"public": {"a": [1, 2.5]}}},
        [
            doing(
                changing.change_license,
                changes={"max_activations": 9, "metadata": {"note": "Zürich"}, "overage": "2X"},
                features=[FeatureGrant(feature_id="maps", enabled=False)],
                restrictions=[
                    {"restriction_type": "HARDWARE_ID", "operator": "ALLOW", "values": ["abcdef"]}
                ],
            ),
            doing(changing.change_license, changes={"metadata": {}}),
        ],
    ),
    "a longer trial": (
        {"license_type": "TRIAL"},
        [doing(lifecycle.extend_trial, days=7, reason="x")],
    ),
    "tied to its first device": ({"bind_on_first_activation": "HARDWARE"}, []),
}
SCHEMES = ["GROUPED", "STAMPED", "SIGNED", "TOKEN"]


@pytest.mark.parametrize("name", ACTS)
def test_an_honest_licence_is_intact_after_every_act(name: str) -> None:
    terms, acts = ACTS[name]
    bound = terms.get("bind_on_first_activation")
    product = make_product("maps", "users")
    if bound:
        template = make_template(product, bind_on_first_activation=bound)
        issued = issue(template_id=template.pk)
    else:
        issued = issue(product=product, **terms)
    assert found(issued.license) == []
    if not terms.get("pending_cause"):
        activate(issued.key)
        assert found(issued.license) == []
    for act in acts:
        act(issued.license)
        assert found(issued.license) == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_key_of_every_scheme_is_genuine(scheme: str) -> None:
    product = make_product("maps", key_scheme=scheme)
    issued = issue(product=product, features=[FeatureGrant(feature_id="maps")])
    assert issued.license.key_scheme == scheme
    assert found(issued.license) == []


def test_the_clock_makes_no_difference_whether_it_was_swept_or_not() -> None:
    license = issue(duration_days=10, grace_period_days=5).license
    for days in (9, 10, 15, 400):
        assert found(license, at=NOW + days * DAY) == []
    lifecycle.catch_up(at=NOW + 12 * DAY)
    assert found(license, at=NOW + 400 * DAY) == []
    lifecycle.catch_up(at=NOW + 20 * DAY)
    assert found(license, at=NOW + 400 * DAY) == []


def test_leases_names_and_freed_devices_are_counted_as_they_are() -> None:
    pool = issue(license_type="CONCURRENT", lease_seconds=60)
    activate(pool.key)
    assert found(pool.license, at=NOW + DAY) == []
    leases.release_lapsed([License.objects.get(pk=pool.license.pk)], at=NOW + DAY)
    assert found(pool.license, at=NOW + DAY) == []
    named = issue(license_type="NAMED_USER")
    named_users.assign(license_id=named.license.pk, identity="ada", at=NOW, origin=STAFF)
    activate(named.key, user_identity="bo")
    assert found(named.license) == []
    device = named.license.activations.get()
    activation.deactivate(activation_id=device.pk, reason="", at=NOW, origin=STAFF)
    assert found(named.license) == []


def test_a_trial_that_was_bought_and_a_template_that_was_applied_are_told() -> None:
    product = make_product("maps", "users")
    trial = issue(product=product, license_type="TRIAL")
    paid = make_template(product, max_activations=7, overage="2X")
    activate(trial.key)
    doing(lifecycle.convert_trial, template_id=paid.pk, reason="Bought")(trial.license)
    assert found(trial.license) == []
    other = make_template(product, max_activations=2, self_service="REPLACE")
    doing(applying.apply_template, template_id=other.pk, reason="x")(trial.license)
    assert found(trial.license) == []


def test_it_may_move_to_another_tenant_and_its_holder_be_forgotten() -> None:
    reseller = factories.make_tenant(is_reseller=True)
    tenant = factories.make_tenant(sold_by=reseller)
    first = make_customer(tenant)
    license = issue(tenant=tenant, customer_id=first.pk).license
    assert license.reseller == reseller
    customer = make_customer()
    doing(
        lifecycle.transfer_license,
        new_issued_to="Fjord",
        new_customer_id=customer.pk,
        across_tenants=True,
        deactivate_existing=False,
        reason="Sold",
    )(license)
    assert found(license) == []
    for one in (first, customer):
        erasing.forget_customer(
            customer_id=one.pk, reason="x", even_with_live_licenses=True, at=NOW, origin=STAFF
        )
        assert found(license) == []


def test_keys_that_were_brought_are_not_asked_who_made_them(sold: dict[str, Any]) -> None:  # noqa: F811
    elsewhere = issue(product=make_product(key_scheme="STAMPED")).key
    forged = elsewhere[:-1] + ("0" if elsewhere[-1] != "0" else "1")
    features = {"features": "maps;users=5"}
    for key in (sold["license_key"], forged, ""):
        assert imported(sold | features | {"license_key": key}) == (1, {})
    for license in License.objects.filter(product__product_id="strata"):
        assert found(license) == []
    suspended = sold | {"license_key": "another_KEY.0815", "status": "SUSPENDED"}
    assert imported(suspended) == (1, {})
    assert found(License.objects.latest("id")) == []


def test_rotated_secrets_make_no_difference() -> None:
    license = issue(product=make_product(key_scheme="STAMPED")).license
    rotation.rotate_keys()
    License.objects.update(key_ciphertext=vault.rotate(license.key_ciphertext))
    assert found(license) == []
