"""The instant at which tests happen."""

from datetime import UTC, datetime

NOW = datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)
