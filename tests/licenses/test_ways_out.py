"""What a caller can do about a refusal, and when time alone puts it right."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licenses.restrictions import RestrictionFacts, Whereabouts, findings
from licenses.ways_out import opens_at

BERLIN = "Mon-Fri 08:00-18:00 Europe/Berlin"
# ALLOW values, DENY values, the instant of refusal, when it opens.
OPENS = [
    ([BERLIN], [], "2026-01-05T06:00", "2026-01-05T07:00"),
    ([BERLIN], [], "2026-01-05T17:00", "2026-01-06T07:00"),
    ([BERLIN], [], "2026-01-09T17:00", "2026-01-12T07:00"),
    # Clocks went forward meanwhile.
    ([BERLIN], [], "2026-03-27T17:00", "2026-03-30T06:00"),
    (["Mon 08:00-09:00 UTC"], [], "2026-01-05T09:00", "2026-01-12T08:00"),
    (["Fri 22:00-06:00 UTC"], [], "2026-01-10T06:00", "2026-01-16T22:00"),
    (["2026-02-01/2026-02-28"], [], "2026-01-05T06:00", "2026-02-01T00:00"),
    (["2026-02-01/2026-02-28"], [], "2026-03-01T00:00", None),
    (["2026-02-01/2026-02-28", BERLIN], [], "2026-03-07T12:00", "2026-03-09T07:00"),
    ([], ["2026-01-01/2026-01-10"], "2026-01-05T06:00", "2026-01-11T00:00"),
    ([], ["Mon 08:00-18:00 UTC"], "2026-01-05T09:00", "2026-01-05T18:00"),
    # Denied days outlast the hours of the days between.
    ([BERLIN], ["2025-12-20/2026-01-14"], "2026-01-05T08:00", "2026-01-15T07:00"),
    ([BERLIN], ["0001-01-01/9999-12-31"], "2026-01-05T08:00", None),
]


def rows(allowed, denied):
    pairs = (("ALLOW", allowed), ("DENY", denied))
    return tuple(RestrictionFacts("TIME_BASED", how, tuple(what)) for how, what in pairs if what)


@pytest.mark.parametrize(("allowed", "denied", "at", "opens"), OPENS)
def test_restricted_hours_tell_when_they_begin(allowed, denied, at, opens):
    at = datetime.fromisoformat(at).replace(tzinfo=UTC)
    found = opens_at(rows(allowed, denied), at=at)
    assert found == (opens and datetime.fromisoformat(opens).replace(tzinfo=UTC))


DAYS = st.sampled_from(["Mon", "Tue-Thu", "Sat-Mon", "Fri,Sun"])
HOURS = st.builds(
    "{} {:02}:00-{:02}:30 {}".format,
    DAYS,
    st.integers(0, 23),
    st.integers(0, 23),
    st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu"]),
)


@given(allowed=HOURS, denied=HOURS, hour=st.integers(0, 24 * 365))
def test_what_opens_is_open_and_was_not_before(allowed, denied, hour):
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hour)
    restricted = rows([allowed], [denied])

    def passes(moment):
        return all(one.passed for one in findings(restricted, Whereabouts(), at=moment))

    opens = opens_at(restricted, at=at)
    end = opens or at + timedelta(days=8)
    if opens is not None:
        assert opens > at
        assert passes(opens)
    if not passes(at):
        halves = range(int((end - at) / timedelta(minutes=30)))
        assert not any(passes(at + timedelta(minutes=30 * step)) for step in halves)
