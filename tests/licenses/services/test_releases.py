"""Publishing versions and correcting them."""

from datetime import UTC, datetime, timedelta

import pytest

from events.models import Event
from events.refusals import Refusal
from licenses.models import Release
from licenses.services.releases import change_release
from tests.clock import NOW
from tests.factories import STAFF, make_product, release

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def change(row: Release, **fields: object) -> Release:
    return change_release(pk=row.pk, fields=fields, at=NOW + DAY, origin=STAFF)


def told() -> list[tuple[str, dict[str, object]]]:
    return list(Event.objects.order_by("sequence").values_list("type", "changes"))


def test_a_version_is_published_with_an_event() -> None:
    product = make_product(product_id="mill")

    row = release(product, "4.2", NOW - 9 * DAY)

    assert (row.channel, row.revision, row.created_at) == ("stable", 1, NOW)
    assert told() == [
        (
            "release.published",
            {
                "product_id": {"before": None, "after": "mill"},
                "version": {"before": None, "after": "4.2"},
                "released_at": {"before": None, "after": "2026-03-05T09:26:53Z"},
            },
        )
    ]


def test_a_date_is_corrected_with_both_in_the_event() -> None:
    row = release(make_product(product_id="mill"), "4.2.9", NOW)

    done = change(row, released_at=NOW - 9 * DAY, notes="A fix.")

    assert (done.revision, done.updated_at) == (2, NOW + DAY)
    assert told()[-1] == (
        "release.changed",
        {
            "product_id": {"before": "mill", "after": "mill"},
            "version": {"before": "4.2.9", "after": "4.2.9"},
            "released_at": {"before": "2026-03-14T09:26:53Z", "after": "2026-03-05T09:26:53Z"},
            "notes": {"before": "", "after": "A fix."},
        },
    )


def test_what_does_not_change_leaves_no_event() -> None:
    row = release(make_product(), "4.2", NOW)

    done = change(row, released_at=NOW, version="4.2", channel="stable")

    assert done.revision == 1
    assert len(told()) == 1


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"version": "4.3"}, "version"),
        ({"released_at": None}, "released_at"),
        ({"released_at": datetime(9999, 6, 1, tzinfo=UTC)}, "released_at"),
        ({"channel": "No Slug"}, "channel"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"url": "ftp://tern-vale.example"}, "url"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(fields, field) -> None:
    row = release(make_product(), "4.2", NOW)

    with pytest.raises(Refusal) as refused:
        change(row, **fields)

    assert (refused.value.code, list(refused.value.details)) == ("VALIDATION_ERROR", [field])
    assert Release.objects.values().get() == {
        name: getattr(row, name) for name in Release.objects.values().get()
    }
    assert len(told()) == 1


@pytest.mark.parametrize("version", ["", " 4.2", "4/2", "4 2", "4%2", "-4", "4" * 101, "4.2\n"])
def test_a_version_that_no_address_could_hold_is_refused(version) -> None:
    with pytest.raises(Refusal) as refused:
        release(make_product(), version, NOW)

    assert "version" in refused.value.details
    assert not Release.objects.exists()


def test_two_products_may_have_one_version_and_one_product_may_not_have_it_twice() -> None:
    product = make_product()
    release(product, "4.2", NOW)
    release(make_product(), "4.2", NOW)

    with pytest.raises(Refusal) as refused:
        release(product, "4.2", NOW - DAY, channel="beta")

    assert refused.value.code == "VALIDATION_ERROR"
    assert Release.objects.count() == 2


def test_a_release_that_is_not_there_is_not_changed() -> None:
    with pytest.raises(Refusal) as refused:
        change(Release(), notes="x")

    assert refused.value.code == "RELEASE_NOT_FOUND"
