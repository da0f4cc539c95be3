"""Reasons: some acts are only done by whoever says why."""

from events.refusals import invalid


def demand(reason: str, *, field: str = "reason") -> None:
    """
    Let an act pass that says why.

    :raises VALIDATION_ERROR: naming `field`, if it says nothing
    """
    if not reason.strip():
        raise invalid(**{field: "Say why; it is kept in the trail."})
