"""Which versions a licence covers, as pages tell it."""

from datetime import timedelta

import pytest

from licenses.models import License
from licenses.selectors.releases import coverage_of, release_of, uncovered_by
from tests.clock import NOW
from tests.factories import issue, make_product, release

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def versions(license, at=NOW):
    found = coverage_of(license, at=at)
    return tuple(None if row is None else row.version for row in (found.newest, found.beyond))


def test_a_licence_without_maintenance_is_told_nothing() -> None:
    assert coverage_of(issue().license, at=NOW) is None


def test_the_newest_covered_and_the_newest_beyond_are_told() -> None:
    product = make_product()
    license = issue(product=product, maintenance_expiry=NOW, at=NOW - 90 * DAY).license
    assert versions(license) == (None, None)

    release(product, "4.1", NOW - 20 * DAY)
    release(product, "4.2", NOW - DAY)
    assert versions(license) == ("4.2", None)

    release(product, "5.0", NOW)
    release(product, "5.1", NOW + DAY)
    # What is announced is not out yet.
    assert versions(license) == ("4.2", "5.0")
    assert versions(license, NOW + DAY) == ("4.2", "5.1")


def test_a_patch_dated_back_is_the_newest_of_its_day() -> None:
    product = make_product()
    license = issue(product=product, maintenance_expiry=NOW, at=NOW - 90 * DAY).license
    release(product, "4.2", NOW - DAY)
    release(product, "4.2.9", NOW - DAY)

    assert versions(license) == ("4.2.9", None)


def test_only_stable_versions_of_the_same_product_are_told() -> None:
    product = make_product()
    license = issue(product=product, maintenance_expiry=NOW, at=NOW - 90 * DAY).license
    release(product, "4.3-rc", NOW - DAY, channel="beta")
    release(make_product(), "9", NOW - DAY)

    assert versions(license) == (None, None)


def test_a_version_is_known_by_product_and_name() -> None:
    product = make_product()
    row = release(product, "4.2", NOW - DAY)

    known = release_of(product.product_id, "4.2")
    unknown = release_of(product.product_id, "4.20")

    assert (known.revision, known.released_at) == (row.revision, NOW - DAY)
    assert (unknown.revision, unknown.released_at) == (0, None)
    assert known.name != unknown.name


def test_a_version_is_closed_to_those_whose_maintenance_ended_before() -> None:
    product = make_product()
    ends = {name: NOW + days * DAY for name, days in (("before", 0), ("then", 1), ("after", 2))}
    for name, until in ends.items():
        issue(product=product, issued_to=name, maintenance_expiry=until)
    issue(product=product, issued_to="never")
    issue(issued_to="elsewhere", maintenance_expiry=NOW)
    row = release(product, "5.0", NOW + DAY)

    found = uncovered_by(row, License.objects.all()).order_by("maintenance_expiry")

    assert [license.issued_to for license in found] == ["before", "then"]
