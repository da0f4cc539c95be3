"""Staff publish versions, correct their dates, and see whom a version is closed to."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from events.models import Event
from licenses.models import Release
from tests.clock import NOW
from tests.factories import issue, make_product, release
from tests.staff import signed_in

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
LICENSES = reverse("admin:licenses_license_changelist")


@pytest.fixture
def staff():
    return signed_in("catalog:read", "catalog:write", "licenses:read")


def page(row: Release) -> str:
    return reverse("admin:licenses_release_change", args=[row.pk])


def stated(**fields):
    return {
        "version": "4.2.9",
        "released_at_0": "2026-01-05",
        "released_at_1": "00:00:00",
        "channel": "stable",
        "notes": "Closes a hole in the importer.",
        "url": "https://tern-vale.example/4.2.9",
    } | fields


def test_a_version_is_published_and_dated_back(staff) -> None:
    product = make_product()
    staff.post(reverse("admin:licenses_release_add"), stated(product=product.pk))
    row = Release.objects.get()
    assert (row.product, row.version) == (product, "4.2.9")
    assert row.released_at == datetime(2026, 1, 5, tzinfo=UTC)

    staff.post(page(row), stated(released_at_0="2025-12-01", version="5"))

    row.refresh_from_db()
    assert (row.version, row.revision) == ("4.2.9", 2)
    assert row.released_at == datetime(2025, 12, 1, tzinfo=UTC)
    assert list(Event.objects.order_by("sequence").values_list("type", flat=True)) == [
        "release.published",
        "release.changed",
    ]


def test_a_version_that_is_there_is_told_on_the_form(staff) -> None:
    product = make_product()
    release(product, "4.2.9", NOW)

    answer = staff.post(reverse("admin:licenses_release_add"), stated(product=product.pk))

    assert "already exists" in answer.content.decode()
    assert Release.objects.count() == 1


def test_a_release_leads_to_the_licences_that_may_not_run_it(staff) -> None:
    product = make_product()
    row = release(product, "5.0", NOW)
    left, kept = (
        issue(product=product, issued_to=name, maintenance_expiry=until)
        for name, until in (("Left behind", NOW), ("Well kept", NOW + DAY))
    )
    issue(product=product, issued_to="Without an end")
    issue(issued_to="Of another product", maintenance_expiry=NOW)

    html = staff.get(page(row)).content.decode()
    assert f'href="{LICENSES}?uncovered={row.pk}">1 licence</a>' in html

    listed = staff.get(f"{LICENSES}?uncovered={row.pk}").context["cl"].result_list
    assert [one.pk for one in listed] == [left.license.pk]
    assert kept.license not in listed


def test_a_release_that_every_licence_covers_says_so(staff) -> None:
    row = release(make_product(), "5.0", NOW)

    assert "every licence of the product covers it" in staff.get(page(row)).content.decode()


def test_a_release_that_is_not_among_the_newest_is_found_by_its_address(staff) -> None:
    product = make_product()
    old = release(product, "1.0", NOW - 99 * DAY)
    for number in range(31):
        release(product, f"2.{number}", NOW)
    row = issue(product=product, maintenance_expiry=NOW - 100 * DAY, at=NOW - 200 * DAY)

    listed = staff.get(f"{LICENSES}?uncovered={old.pk}").context["cl"].result_list

    assert [one.pk for one in listed] == [row.license.pk]


def test_licences_are_narrowed_by_their_maintenance(staff, time_machine) -> None:
    time_machine.move_to(NOW, tick=False)
    ended = issue(maintenance_expiry=NOW).license
    running = issue(maintenance_expiry=NOW + DAY).license
    issue()

    def listed(value):
        rows = staff.get(f"{LICENSES}?maintenance={value}").context["cl"].result_list
        return [row.pk for row in rows]

    assert listed("ended") == [ended.pk]
    assert listed("running") == [running.pk]


def test_releases_are_narrowed_by_channel(staff) -> None:
    product = make_product()
    release(product, "4", NOW)
    release(product, "5-rc1", NOW, channel="beta")

    rows = staff.get(reverse("admin:licenses_release_changelist") + "?channel=beta")

    assert [row.version for row in rows.context["cl"].result_list] == ["5-rc1"]


def test_a_product_leads_to_its_releases(staff) -> None:
    product = make_product()
    release(product, "4.2", NOW - DAY)
    release(product, "5.0", NOW)

    html = staff.get(reverse("admin:licenses_product_change", args=[product.pk])).content.decode()

    assert "5.0, 4.2" in html
    assert f"/admin/licenses/release/add/?product={product.pk}" in html


def test_a_licence_tells_the_newest_version_that_it_covers() -> None:
    product = make_product()
    issued = issue(product=product, maintenance_expiry=NOW)
    release(product, "4.2", NOW - DAY)
    release(product, "4.3-rc", NOW - DAY / 2, channel="beta")
    release(product, "5.0", NOW)

    answer = signed_in("licenses:read").get(f"{LICENSES}{issued.license.pk}/change/")

    words = " ".join(answer.content.decode().split())
    assert "newest covered: 4.2 " in words
    assert "not covered: 5.0" in words
