"""Applying a template to a licence that was sold."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from events.models import Event
from licenses.models import License, LicenseTemplate
from licenses.plans import SCALARS
from licenses.services import lifecycle
from licenses.services.entitlements import FeatureGrant
from tests.clock import NOW
from tests.factories import STAFF, activate, issue, make_product
from tests.licenses.services.plans import apply, make, preview, rows_of, sold

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_a_plan_change_gives_the_terms_of_the_plan_and_leaves_what_was_sold() -> None:
    product, issued = sold()
    team = make(
        product,
        [{"feature_id": "exports", "default_limit": Decimal(500)}, {"feature_id": "kriging"}],
        [{"restriction_type": "GEOGRAPHIC", "operator": "ALLOW", "default_values": ["DE"]}],
        overage="1.5X",
        grace_period_days=30,
        heartbeat_interval_seconds=60,
        require_heartbeat=True,
        self_service="NONE",
        releases_per_30_days=5,
        default_duration=30,
        auto_renewal_enabled=True,
        key_scheme="STAMPED",
    )
    before = issued.license

    apply(before, team)

    license = License.objects.get()
    given = (
        "overage",
        "grace_period_days",
        "heartbeat_interval_seconds",
        "require_heartbeat",
        "self_service",
        "releases_per_30_days",
        "max_activations",
    )
    assert [getattr(license, name) for name in given] == [getattr(team, name) for name in given]
    assert license.template == team
    granted = license.entitlements.order_by("position").values_list("feature_id", "limit_value")
    assert list(granted) == [("exports", Decimal(500)), ("kriging", None)]
    assert license.restrictions.get().values == ["DE"]
    assert license.grace_ends_at == license.expiry_date + 30 * DAY
    kept = (
        "expiry_date",
        "issued_date",
        "duration_days",
        "auto_renewal",
        "key_digest",
        "key_scheme",
        "issued_to",
        "customer_id",
        "product_version",
        "maintenance_expiry",
    )
    assert [getattr(license, name) for name in kept] == [getattr(before, name) for name in kept]


# Of a template and yet no term: whose it is, how it is called, and what was sold at one time.
OF_THE_SALE = {
    "id", "template_name", "product", "description", "license_type", "default_duration",
    "expiry_basis", "auto_renewal_enabled", "trial_allowed", "trial_duration_days", "key_scheme",
    "key_prefix", "reserved_for", "active", "created_at", "updated_at",
}  # fmt: skip


def test_of_every_field_of_a_template_it_is_settled_whether_applying_brings_it() -> None:
    fields = {field.name for field in LicenseTemplate._meta.concrete_fields}
    assert fields == OF_THE_SALE | set(SCALARS) - {"template_id"}


def test_an_event_tells_what_changed_and_names_the_template() -> None:
    product, issued = sold()
    team = make(product, [{"feature_id": "kriging"}])

    done = apply(issued.license, team)

    event = Event.objects.get(type="license.updated")
    assert event.reason == "Grown."
    assert event.changes["template_name"] == {"before": "Solo", "after": "Team"}
    assert event.changes["max_activations"] == {"before": 3, "after": 10}
    assert event.changes["features"]["after"].keys() == {"kriging"}
    assert (done.applied, done.license.revision) == (True, 2)


def test_applied_again_it_changes_nothing_and_tells_nothing() -> None:
    product, issued = sold()
    team = make(product, [{"feature_id": "kriging"}])
    apply(issued.license, team)
    before = rows_of(issued.license), Event.objects.count()

    again = apply(issued.license, team)

    assert (again.applied, again.changes) == (False, [])
    assert (rows_of(issued.license), Event.objects.count()) == before


def test_a_preview_writes_nothing_not_even_what_the_clock_did() -> None:
    product, issued = sold()
    team = make(product)
    before, later = (rows_of(issued.license), Event.objects.count()), NOW + 370 * DAY

    shown = preview(issued.license, team, at=later)

    assert (rows_of(issued.license), Event.objects.count()) == before
    assert not shown.applied
    assert shown.changes == apply(issued.license, team, at=later).changes


def test_fewer_seats_cut_nobody_off_and_name_the_last_that_came() -> None:
    product, issued = sold()
    tokens = [activate(issued.key, f"device-{number}").token for number in range(3)]
    small = make(product, max_activations=1)

    shown = preview(issued.license, small)
    done = apply(issued.license, small)

    assert [one.activation.machine_name for one in shown.affected] == ["PC device-2", "PC device-1"]
    assert {one.code for one in shown.affected} == {"ACTIVATION_LIMIT_EXCEEDED"}
    assert done.affected == shown.affected
    assert License.objects.get().current_activations == 3
    assert activate(issued.key, "device-2").token == tokens[2]


def test_devices_that_a_restriction_would_refuse_are_named_with_its_code() -> None:
    product, issued = sold()
    activate(issued.key, "abroad", country="US")
    activate(issued.key, "at-home", country="DE")
    rows = [{"restriction_type": "GEOGRAPHIC", "operator": "ALLOW", "default_values": ["DE"]}]
    night = {"restriction_type": "TIME_BASED", "operator": "ALLOW"}
    rows.append(night | {"default_values": ["2030-01-01/2030-01-02"]})

    shown = preview(issued.license, make(product, restrictions=rows))

    named = [(one.activation.machine_name, one.code) for one in shown.affected]
    assert named == [("PC abroad", "RESTRICTED_COUNTRY")]


def test_who_is_refused_today_already_is_not_affected() -> None:
    product, issued = sold()
    activate(issued.key, "abroad", country="US")
    rows = [{"restriction_type": "GEOGRAPHIC", "operator": "ALLOW", "default_values": ["DE"]}]
    german = make(product, restrictions=rows)
    apply(issued.license, german)
    rows = [rows[0] | {"default_values": ["AT"]}]

    shown = preview(issued.license, make(product, restrictions=rows))

    assert [change.field for change in shown.changes] == ["template_id", "restrictions"]
    assert shown.affected == []


def test_a_grace_that_runs_is_not_cut_short() -> None:
    product, issued = sold()
    ended = NOW + 366 * DAY

    apply(issued.license, make(product, grace_period_days=0), at=ended)

    license = License.objects.get()
    assert license.grace_period_days == 14
    assert license.in_grace_at(ended)


def test_what_the_first_device_tied_it_to_stays() -> None:
    product = make_product()
    tied = make(product, bind_on_first_activation="HARDWARE")
    issued = issue(template_id=tied.pk)
    activate(issued.key, "one", hardware_id="board-77")

    apply(issued.license, make(product))

    assert issued.license.restrictions.get().shown_values == ["****77"]


@pytest.mark.parametrize(
    "act", [lifecycle.suspend_license, lifecycle.park_license], ids=["held", "parked"]
)
def test_applying_changes_no_status(act: Any) -> None:
    product, issued = sold()
    act(license_id=issued.license.pk, reason="x", at=NOW, origin=STAFF)
    status = License.objects.get().status

    apply(issued.license, make(product))

    assert License.objects.get().status == status


def test_what_was_bought_besides_goes_and_is_told_as_a_loss() -> None:
    _product, issued = sold()
    lifecycle.renew_license(
        license_id=issued.license.pk,
        duration_months=1,
        upgrade_features=[FeatureGrant(feature_id="kriging")],
        at=NOW,
        origin=STAFF,
    )

    shown = preview(issued.license, issued.license.template)

    assert [(one.field, one.effect) for one in shown.changes] == [("features.kriging", "LOSS")]
