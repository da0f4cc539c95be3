"""What devices used, as answers show it."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from licenses.models import UsageTotal
from licenses.models.usage import COUNTERS, FEATURE_USAGE, LAST_USED_AT

_PEAKS = frozenset({"peak_concurrent_users"})


def metrics_of(rows: Iterable[UsageTotal]) -> dict[str, Any]:
    """
    Return one device's usage by name: sums of what it counted, the last of what it measured.

    Clients know usage as a whole, so what a device never told of is zero, and it was last used
    when it last told anything. A device that told nothing has no usage.
    """
    kept = list(rows)
    if not kept:
        return {}
    told: dict[str, Any] = dict.fromkeys(sorted(COUNTERS), 0) | {FEATURE_USAGE: {}}
    told[LAST_USED_AT] = max(row.updated_at for row in kept)
    for row in kept:
        parent, _, feature_id = row.metric.partition(".")
        if parent == FEATURE_USAGE and feature_id:
            told[FEATURE_USAGE][feature_id] = row.total
        elif row.metric == LAST_USED_AT:
            told[LAST_USED_AT] = datetime.fromtimestamp(row.peak, UTC)
        else:
            told[row.metric] = row.peak if row.metric in _PEAKS else row.total
    return told
