"""Which versions a licence covers: the rule's edges and what is told of it."""

from datetime import datetime, timedelta

import msgspec
import pytest

from licenses import validation
from licenses.facts import ReleaseFacts
from licenses.validation import Asked
from tests.clock import NOW
from tests.licenses.known_facts import DAY, license_with

A_MICROSECOND = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("until", "released_at", "covered"),
    [
        # Half-open: released at the end of maintenance is released after it.
        (NOW, NOW - A_MICROSECOND, True),
        (NOW, NOW, False),
        (NOW, NOW + A_MICROSECOND, False),
        # What the licence owns it keeps, long after maintenance has ended.
        (NOW - 900 * DAY, NOW - 901 * DAY, True),
        # Announced for a day beyond maintenance, though that still runs.
        (NOW + DAY, NOW + 2 * DAY, False),
        # Nobody knows of it: as if released now.
        (NOW + A_MICROSECOND, None, True),
        (NOW, None, False),
        (NOW - A_MICROSECOND, None, False),
        # No end of maintenance: every version.
        (None, NOW + 900 * DAY, True),
        (None, None, True),
    ],
)
def test_a_version_is_covered_if_it_was_released_before_maintenance_ends(
    until: datetime | None, released_at: datetime | None, covered: bool
) -> None:
    license = license_with(maintenance_expiry=until)
    asked = Asked(product_version="4.2", released_at=released_at)

    check = validation.version_covered(license, asked, at=NOW)

    assert check is not None
    assert check.passed == covered
    assert check.code == ("" if covered else "VERSION_NOT_COVERED")


def test_a_version_that_is_not_covered_is_told_with_both_dates() -> None:
    license = license_with(maintenance_expiry=NOW)
    known = Asked(product_version="5.0", released_at=NOW + DAY)
    unknown = Asked(product_version="5.1")

    details = [
        validation.judge(license, None, asked, at=NOW).checks[-1].detail
        for asked in (known, unknown)
    ]

    assert details == [
        "5.0 was released 2026-03-15T09:26:53Z;"
        " covered is what was released before 2026-03-14T09:26:53Z",
        "5.1 is no known release and counts as released now;"
        " covered is what was released before 2026-03-14T09:26:53Z",
    ]


def test_a_release_survives_being_kept_as_a_document() -> None:
    for release in (ReleaseFacts("mill", "4.2", 3, NOW), ReleaseFacts("mill", "9")):
        kept = msgspec.msgpack.encode(release)
        assert msgspec.msgpack.decode(kept, type=ReleaseFacts) == release


def test_names_of_releases_hold_whatever_callers_call_a_version() -> None:
    names = {ReleaseFacts("mill", version).name for version in ("4.2", "4:2", "4\n2", "ä" * 5000)}

    assert len(names) == 4
    assert all(name.count(":") == 2 and name.isascii() for name in names)
