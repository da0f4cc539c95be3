from datetime import UTC, datetime, timedelta, timezone

from events.moments import written


def test_an_instant_of_any_zone_is_written_in_utc():
    bergen = datetime(2026, 3, 14, 10, tzinfo=timezone(timedelta(hours=1)))
    assert written(bergen) == written(bergen.astimezone(UTC)) == "2026-03-14T09:00:00Z"
