"""Moments as JWTs state them: whole seconds since 1970 (RFC 7519, NumericDate)."""

from datetime import UTC, datetime
from typing import Any

from licenses.signing.distrust import Distrusted

# The end of the year 9999, beyond which Python has no moments.
_LAST = 253_402_300_799


def seconds(at: datetime) -> int:
    """Return a moment as seconds since 1970; a part of a second is cut off."""
    return int(at.timestamp())


def moment(value: Any) -> datetime:
    """
    Return the moment that a claim states.

    :raises Distrusted: MALFORMED if it is no whole number of seconds that there is
    """
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LAST:
        raise Distrusted("MALFORMED")
    return datetime.fromtimestamp(value, UTC)
