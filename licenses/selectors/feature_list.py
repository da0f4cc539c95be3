"""Features of a licence on one line, as exports write and imports read them: `maps;users=5`."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from events import moments
from events.refusals import invalid
from licenses.models import Entitlement


class Listed(NamedTuple):
    """A feature as the line states it."""

    feature_id: str
    enabled: bool = True
    limit_value: Decimal | None = None
    expires_at: datetime | None = None


def written(entitlements: Iterable[Entitlement]) -> str:
    """Return the line: `!` before what is switched off, `=limit` and `@end` after the name."""
    return ";".join(
        f"{'' if one.enabled else '!'}{one.feature_id}"
        + ("" if one.limit_value is None else f"={one.limit_value.normalize():f}")
        + ("" if one.expires_at is None else f"@{moments.written(one.expires_at)}")
        for one in sorted(entitlements, key=lambda one: one.position)
    )


def read(line: str) -> list[Listed]:
    """
    Return the features that a line states.

    :raises VALIDATION_ERROR: if a limit or an end cannot be read
    """
    return [_one(part.strip()) for part in line.split(";") if part.strip()]


def _one(part: str) -> Listed:
    stated, _, end = part.partition("@")
    name, _, limit = stated.partition("=")
    try:
        moment = datetime.fromisoformat(end) if end else None
        if moment is not None and moment.tzinfo is None:
            raise invalid(features=f"{part}: a time with its zone.")
        return Listed(
            feature_id=name.lstrip("!").strip(),
            enabled=not name.startswith("!"),
            limit_value=Decimal(limit) if limit else None,
            expires_at=moment,
        )
    except (ValueError, InvalidOperation):
        raise invalid(features=f"{part}: write name=limit@end.") from None
