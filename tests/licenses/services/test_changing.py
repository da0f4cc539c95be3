"""Changing terms."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from events.models import Event
from events.refusals import Refusal
from licenses.models import License
from licenses.services import changing, lifecycle
from licenses.services.entitlements import FeatureGrant
from tests.clock import NOW
from tests.factories import STAFF, activate, issue, make_product

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def change(license: License, changes: dict[str, Any] | None = None, **more: Any) -> License:
    return changing.change_license(
        license_id=license.pk, changes=changes or {}, at=NOW, origin=STAFF, **more
    )


def test_a_change_raises_the_revision_and_is_told() -> None:
    license = issue().license

    done = change(license, {"max_activations": 5, "auto_renewal": True})

    assert (done.max_activations, done.auto_renewal, done.revision) == (5, True, 2)
    event = Event.objects.get(type="license.updated")
    assert event.changes["max_activations"] == {"before": 3, "after": 5}


def test_what_does_not_differ_changes_nothing() -> None:
    license = issue().license

    done = change(license, {"max_activations": 3, "issued_to": license.issued_to})

    assert done.revision == 1
    assert not Event.objects.filter(type="license.updated").exists()


def test_a_caller_who_saw_an_older_licence_is_refused() -> None:
    license = issue().license
    change(license, {"max_activations": 5})

    with pytest.raises(Refusal) as refused:
        change(license, {"max_activations": 1}, expected_revision=1)

    assert refused.value.code == "STALE_REVISION"
    assert License.objects.get().max_activations == 5


def test_grace_moves_with_the_expiry() -> None:
    license = issue(grace_period_days=10).license

    done = change(license, {"expiry_date": NOW + DAY})
    assert done.grace_ends_at == NOW + 11 * DAY
    again = change(license, {"grace_period_days": 3})

    assert again.grace_ends_at == NOW + 4 * DAY


def test_seats_lowered_below_what_is_taken_cut_nobody_off_and_give_no_new_seat() -> None:
    issued = issue()
    tokens = {name: activate(issued.key, name).token for name in ("one", "two", "three")}

    change(issued.license, {"max_activations": 1})

    assert {name: activate(issued.key, name).token for name in tokens} == tokens
    with pytest.raises(Refusal) as refused:
        activate(issued.key, "four")
    assert refused.value.code == "ACTIVATION_LIMIT_EXCEEDED"


def test_features_are_replaced_whole() -> None:
    product = make_product("export", "sync")
    license = issue(product=product, features=[FeatureGrant(feature_id="export")]).license

    change(license, features=[FeatureGrant(feature_id="sync", limit_value=None)])

    assert list(license.entitlements.values_list("feature_id", flat=True)) == ["sync"]
    assert Event.objects.get(type="license.updated").changes["features"]["after"].keys() == {"sync"}


@pytest.mark.parametrize(
    "changes",
    [
        {"max_activations": 0},
        {"max_activations": 2**31},
        {"issued_to": ""},
        {"issued_to": None},
        {"max_activations": None},
        {"auto_renewal": None},
        {"expiry_date": datetime(9999, 1, 2, tzinfo=UTC)},
        {"expiry_date": datetime(9998, 12, 1, tzinfo=UTC), "grace_period_days": 60},
        {"maintenance_expiry": datetime(9999, 1, 2, tzinfo=UTC)},
        {"maintenance_expiry": datetime(1970, 1, 1, tzinfo=UTC)},
        {"product_name": " "},
        {"overage": "9X"},
        {"grace_period_days": -1},
        {"expiry_date": NOW - DAY},
        {"status": "ACTIVE"},
        {"revoked_at": NOW},
        {"key_digest": b"x"},
        {"metadata": [1]},
    ],
)
def test_what_may_not_be_is_refused_and_nothing_changes(changes: dict[str, Any]) -> None:
    license = issue().license

    with pytest.raises(Refusal) as refused:
        change(license, {"auto_renewal": True} | changes)

    assert refused.value.code == "VALIDATION_ERROR"
    assert License.objects.get().revision == 1
    assert not License.objects.get().auto_renewal


def test_a_perpetual_licence_is_given_no_expiry() -> None:
    license = issue(license_type="PERPETUAL").license

    with pytest.raises(Refusal) as refused:
        change(license, {"expiry_date": NOW + DAY})

    assert set(refused.value.details) == {"expiry_date"}


def test_a_revoked_licence_is_not_changed() -> None:
    license = issue().license
    lifecycle.revoke_license(license_id=license.pk, reason="fraud", at=NOW, origin=STAFF)

    with pytest.raises(Refusal) as refused:
        change(license, {"max_activations": 5})

    assert refused.value.code == "ILLEGAL_STATUS_CHANGE"
    assert License.objects.get().max_activations == 3
