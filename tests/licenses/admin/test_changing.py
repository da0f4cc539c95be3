from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from events.models import Event
from licenses.models import License
from licenses.services import lifecycle
from licenses.services.entitlements import FeatureGrant
from tests.clock import NOW
from tests.factories import STAFF, issue, make_product
from tests.staff import signed_in

pytestmark = pytest.mark.django_db
LEASE = {"lease_seconds", "max_borrow_days"}


@pytest.fixture
def staff():
    return signed_in("licenses:write", "licenses:read")


def page(license):
    return reverse("admin:licenses_license_change-terms", args=[license.pk])


def form_of(client, license, **changed):
    """Give what a browser would send if only `changed` was touched."""
    context = client.get(page(license)).context
    stated = {}
    for form in [context["form"], *context["grants"]]:
        for field in form:
            value = field.value()
            if value not in (None, False, ""):
                stated[field.html_name] = "on" if value is True else str(value)
    return {**stated, "reason": "Agreed on the telephone"} | changed


def test_only_what_was_touched_is_changed(staff):
    license = issue().license
    staff.post(page(license), form_of(staff, license, max_activations=9))
    event = Event.objects.latest("sequence")
    assert event.type == "license.updated"
    assert set(event.changes) == {"max_activations"}
    assert event.reason == "Agreed on the telephone"
    license.refresh_from_db()
    assert (license.max_activations, license.revision) == (9, 2)


def test_a_form_that_was_not_touched_changes_nothing(staff):
    license = issue(product=make_product("exports")).license
    before, events = License.objects.values().get(), Event.objects.count()
    assert staff.post(page(license), form_of(staff, license)).status_code == 302
    assert License.objects.values().get() == before
    assert Event.objects.count() == events


def test_a_last_day_lasts_to_its_end(staff):
    license = issue().license
    staff.post(page(license), form_of(staff, license, expiry_date="2027-06-30"))
    license.refresh_from_db()
    assert license.expiry_date.isoformat() == "2027-07-01T00:00:00+00:00"


def test_somebody_elses_change_meanwhile_is_not_overwritten(staff):
    license = issue().license
    form = form_of(staff, license, max_activations=9)
    lifecycle.park_license(license_id=license.pk, reason="x", at=NOW, origin=STAFF)
    answer = staff.post(page(license), form)
    assert "Somebody changed this licence" in answer.content.decode()
    license.refresh_from_db()
    assert license.max_activations == 3


def test_features_are_granted_limited_and_taken_away(staff):
    license = issue(product=make_product("exports", "kriging")).license
    granted = {
        "feature-exports-granted": "on",
        "feature-exports-limit_value": "2000",
        "feature-kriging-granted": "on",
        "feature-kriging-until": "2026-12-31",
    }
    staff.post(page(license), form_of(staff, license, **granted))
    exports, kriging = license.entitlements.order_by("feature_id")
    assert exports.limit_value == 2000
    assert kriging.expires_at.isoformat() == "2027-01-01T00:00:00+00:00"
    license.refresh_from_db()
    form = form_of(staff, license)
    assert form["feature-exports-limit_value"] == "2000"
    del form["feature-exports-granted"]
    staff.post(page(license), form)
    assert license.entitlements.get().feature_id == "kriging"


def test_a_perpetual_licence_has_no_last_day_to_change(staff):
    license = issue(license_type="PERPETUAL").license
    assert "expiry_date" not in staff.get(page(license)).context["form"].fields


def test_a_revoked_licence_is_not_changed(staff):
    license = issue().license
    form = form_of(staff, license, max_activations=9)
    lifecycle.revoke_license(license_id=license.pk, reason="x", at=NOW, origin=STAFF)
    license.refresh_from_db()
    answer = staff.post(page(license), form | {"revision": license.revision})
    assert "does not allow this" in answer.content.decode()
    license.refresh_from_db()
    assert license.max_activations == 3


def test_a_feature_that_ends_shows_its_last_day(staff):
    granted = FeatureGrant(feature_id="export", expires_at=datetime(2027, 2, 1, tzinfo=UTC))
    license = issue(product=make_product("export"), features=[granted]).license
    [form] = staff.get(page(license)).context["grants"]
    assert form["until"].value() == date(2027, 1, 31)


def test_a_lease_is_changed_where_there_is_one(staff):
    assert not LEASE & staff.get(page(issue().license)).context["form"].fields.keys()
    license = issue(license_type="CONCURRENT").license
    assert staff.get(page(license)).context["form"].fields.keys() >= LEASE
    staff.post(page(license), form_of(staff, license, lease_seconds=60, max_borrow_days=7))
    license.refresh_from_db()
    assert (license.lease_seconds, license.max_borrow_days, license.revision) == (60, 7, 2)
