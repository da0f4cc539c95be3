"""What is not believed any more though a signature says so: derived from rows alone."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from licenses.models import License, SigningKey
from licenses.selectors import offline
from licenses.signing.times import seconds

# The longest life of a document: what was taken back before that holds no document any more.
LONGEST_DOCUMENT = timedelta(days=400)
# Of licences and of devices each: as many as fit into what readers take.
MOST_NAMED = 12_000

# Whose document is not believed, and since when.
Named = Iterable[tuple[UUID, datetime]]


def contents(at: datetime) -> dict[str, Any]:
    """
    Return what the list names: keys with their reasons, licences and devices, each with a time.

    Where there are more than a list holds, the newest are named and `complete` says so: the
    others end with their documents.
    """
    licenses, devices = list(_licenses(at)), list(_devices(at))
    return {
        "keys": _keys(at),
        "licenses": _by_id(licenses[:MOST_NAMED]),
        "devices": _by_id(devices[:MOST_NAMED]),
        "complete": max(len(licenses), len(devices)) <= MOST_NAMED,
    }


def _keys(at: datetime) -> dict[str, Any]:
    rows = SigningKey.objects.certified().filter(compromised_at__lte=at, expires_at__gt=at)
    named = rows.order_by("compromised_at", "id")
    return {
        row.kid: {"since": seconds(row.compromised_at), "reason": row.compromise_reason}
        for row in named
        if row.compromised_at is not None
    }


def _licenses(at: datetime) -> Named:
    """Revoked licences, whose files, codes or own keys may be read offline, the newest first."""
    rows = License.objects.filter(revoked_at__gt=at - LONGEST_DOCUMENT, revoked_at__lte=at)
    newest = rows.order_by("-revoked_at", "-id").values_list("id", "revoked_at")
    return [(pk, since) for pk, since in newest[: MOST_NAMED + 1] if since is not None]


def _devices(at: datetime) -> Named:
    """Devices that were let go while a file of theirs lasts, the newest first."""
    rows = offline.devices_freed_offline(at).filter(deactivated_at__lte=at)
    newest = rows.order_by("-deactivated_at", "-id").values_list("id", "deactivated_at")
    return [(pk, since) for pk, since in newest[: MOST_NAMED + 1] if since is not None]


def _by_id(named: Named) -> dict[str, int]:
    return {str(pk): seconds(since) for pk, since in named}
