"""How much of their own a caller may keep on a licence."""

import json
from typing import Any

from events.refusals import invalid

MAX_BYTES = 16 * 1024
MAX_DEPTH = 5


def check_metadata(metadata: Any) -> None:
    """
    Let free JSON pass if it is an object of bounded size and depth.

    :raises VALIDATION_ERROR: if it is not
    """
    check_free_json(metadata, field="metadata")


def check_free_json(value: Any, *, field: str) -> None:
    """
    Let what a caller may fill freely pass if it is an object of bounded size and depth.

    :raises VALIDATION_ERROR: naming `field`, if it is not
    """
    if not isinstance(value, dict):
        raise invalid(**{field: "An object."})
    if len(json.dumps(value)) > MAX_BYTES:
        raise invalid(**{field: f"At most {MAX_BYTES} bytes."})
    if depth_of(value) > MAX_DEPTH:
        raise invalid(**{field: f"At most {MAX_DEPTH} levels deep."})


def depth_of(value: Any) -> int:
    """Return how many objects and arrays lie within each other, counted without recursion."""
    depth, level = 0, [value]
    while level := [item for item in level if isinstance(item, dict | list)]:
        depth += 1
        level = [
            inner for item in level for inner in (item.values() if isinstance(item, dict) else item)
        ]
    return depth
