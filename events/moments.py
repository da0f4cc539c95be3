"""How an instant is written wherever it leaves the portal as text."""

from datetime import UTC, datetime


def written(moment: datetime) -> str:
    """Return an instant as ISO 8601 in UTC: `2026-03-14T09:00:00Z`."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
