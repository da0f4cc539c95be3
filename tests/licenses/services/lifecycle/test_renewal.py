"""Renewing."""

from datetime import UTC, datetime, timedelta

import pytest

from events.models import Event
from events.refusals import Refusal
from licenses.models import License
from licenses.services import lifecycle
from licenses.services.entitlements import FeatureGrant
from licenses.states import HoldCode, Status
from tests.clock import NOW
from tests.factories import STAFF, activate, issue, make_product

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def renew(license: License, *, at: datetime = NOW, months: int = 12, **more: object) -> License:
    return lifecycle.renew_license(
        license_id=license.pk,
        duration_months=months,
        at=at,
        origin=STAFF,
        **more,  # type: ignore[arg-type]
    )


def test_renewed_early_it_keeps_the_days_it_has_left() -> None:
    license = issue(expiry_date=datetime(2026, 6, 14, tzinfo=UTC)).license

    assert renew(license).expiry_date == datetime(2027, 6, 14, tzinfo=UTC)


def test_renewed_in_grace_it_counts_from_its_expiry() -> None:
    license = issue(expiry_date=NOW + DAY).license

    done = renew(license, at=NOW + 10 * DAY, months=1)

    assert done.expiry_date == datetime(2026, 4, 15, 9, 26, 53, tzinfo=UTC)
    assert done.status == Status.ACTIVE


def test_renewed_late_the_term_starts_now() -> None:
    license = issue(expiry_date=NOW + DAY, grace_period_days=5).license
    late = NOW + 30 * DAY

    done = renew(license, at=late, months=1)

    assert done.expiry_date == datetime(2026, 5, 13, 9, 26, 53, tzinfo=UTC)
    assert done.status_at(late) == Status.ACTIVE
    assert done.suspension_code_at(late) == ""


def test_renewal_does_not_lift_a_suspension_by_staff() -> None:
    license = issue().license
    lifecycle.suspend_license(license_id=license.pk, reason="odd", at=NOW, origin=STAFF)

    done = renew(license)

    assert done.status == Status.SUSPENDED
    assert done.expiry_date is not None
    assert done.expiry_date > NOW + 700 * DAY


def test_renewal_lifts_a_hold_for_a_failed_payment() -> None:
    license = issue().license
    lifecycle.suspend_license(
        license_id=license.pk, reason="card", code=HoldCode.PAYMENT_FAILED, at=NOW, origin=STAFF
    )

    assert renew(license).status == Status.ACTIVE
    assert license.holds.get().lifted_at == NOW


def test_renewal_keeps_a_licence_parked() -> None:
    license = issue().license
    lifecycle.park_license(license_id=license.pk, reason="", at=NOW, origin=STAFF)

    assert renew(license).status == Status.INACTIVE


def test_a_perpetual_licence_gains_no_expiry() -> None:
    license = issue(license_type="PERPETUAL").license

    with pytest.raises(Refusal) as refused:
        renew(license)

    assert refused.value.code == "NOTHING_TO_RENEW"
    assert License.objects.get().revision == 1
    assert Event.objects.count() == 1


def test_maintenance_is_extended_from_its_end_or_from_now_if_that_is_past() -> None:
    license = issue(license_type="PERPETUAL", maintenance_expiry=NOW + 31 * DAY).license

    once = renew(license, months=1, extend_maintenance=True)
    assert once.maintenance_expiry == datetime(2026, 5, 14, 9, 26, 53, tzinfo=UTC)
    late = NOW + 400 * DAY
    twice = renew(license, at=late, months=1, extend_maintenance=True)

    assert twice.maintenance_expiry == datetime(2027, 5, 18, 9, 26, 53, tzinfo=UTC)
    assert twice.expiry_date is None


def test_a_trial_is_not_renewed() -> None:
    license = issue(license_type="TRIAL").license

    with pytest.raises(Refusal) as refused:
        renew(license)

    assert refused.value.code == "TRIAL_NOT_RENEWABLE"


def test_renewal_before_the_first_device_lengthens_the_term() -> None:
    issued = issue(expiry_basis="FIRST_ACTIVATION", duration_days=30)
    assert issued.license.status == Status.PENDING

    renew(issued.license, months=1)
    activate(issued.key, at=NOW)

    license = License.objects.get()
    assert license.expiry_date == NOW + 61 * DAY


@pytest.mark.parametrize("months", [0, -1, 121, 10**9])
def test_an_impossible_number_of_months_is_refused(months: int) -> None:
    license = issue().license

    with pytest.raises(Refusal) as refused:
        renew(license, months=months)

    assert refused.value.code == "VALIDATION_ERROR"
    assert set(refused.value.details) == {"duration_months"}
    assert License.objects.get().revision == 1


def test_beyond_the_calendar_is_refused_in_words() -> None:
    license = issue(expiry_date=datetime(9998, 6, 1, tzinfo=UTC), grace_period_days=0).license

    with pytest.raises(Refusal) as refused:
        renew(license)

    assert refused.value.code == "VALIDATION_ERROR"


def test_features_are_replaced_by_id_and_added_never_doubled() -> None:
    product = make_product("export", "sync", "api")
    grants = [FeatureGrant(feature_id="export"), FeatureGrant(feature_id="sync", enabled=False)]
    license = issue(product=product, features=grants).license

    renew(
        license,
        upgrade_features=[FeatureGrant(feature_id="sync"), FeatureGrant(feature_id="api")],
    )

    rows = license.entitlements.order_by("position").values_list("feature_id", "enabled")
    assert list(rows) == [("export", True), ("sync", True), ("api", True)]


def test_a_feature_the_product_lacks_is_refused_by_name() -> None:
    license = issue(product=make_product("export")).license

    with pytest.raises(Refusal) as refused:
        renew(license, upgrade_features=[FeatureGrant(feature_id="teleport")])

    assert "features.0.feature_id" in refused.value.details
    assert License.objects.get().revision == 1
