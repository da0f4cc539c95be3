"""The reaper: it takes back what lapsed leases still hold, which is only hygiene."""

import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.db.models.expressions import Combinable

from licenses.models import Activation, LeaseWatch, License
from licenses.models.activation import ActivationQuerySet
from licenses.services import heartbeat, leases

CHUNK = 1_000
# Longer between two looks than this, and nobody may have been there to renew anything.
_AWAY = timedelta(minutes=3)


def look_after(*, at: datetime, is_now: bool) -> dict[str, int]:
    """
    Take back what lapsed, and first lengthen what nobody could renew; return how many of each.

    Whoever asks about another time than now learns nothing of whether we were there.
    """
    heartbeat.flush(at=at)
    lengthened = watch(at=at) if is_now else 0
    return {"leases": reap(at=at), "lengthened": lengthened}


def reap(*, at: datetime, chunk: int = CHUNK) -> int:
    """
    Take back every seat of a lapsed lease, an event each; return how many.

    Safe late, twice and in parallel: licences that somebody holds are left to the next time, and
    whoever needs a seat before that takes it back without waiting for us.
    """
    total = 0
    while released := _reap_chunk(at=at, chunk=chunk):
        total += released
    return total


@transaction.atomic
def _reap_chunk(*, at: datetime, chunk: int) -> int:
    due = Activation.objects.lapsed(at).order_by("lease_expires_at")
    ids = set(due.values_list("license_id", flat=True)[:chunk])
    if not ids:
        return 0
    licenses = License.objects.filter(pk__in=ids).order_by("pk")
    return leases.release_lapsed(list(licenses.select_for_update(skip_locked=True)), at=at)


@transaction.atomic
def watch(*, at: datetime) -> int:
    """
    Note that leases are looked after, and lengthen those that nobody could renew meanwhile.

    Where the last look is long past, each lease that held then and was not renewed since gets the
    time back in which we were away. Returns how many did.
    """
    seen, is_new = LeaseWatch.objects.select_for_update().get_or_create(defaults={"watched_at": at})
    away = at - seen.watched_at
    if is_new or away <= timedelta(0):
        return 0
    lengthened = _give_back(seen.watched_at, away) if away > _AWAY else 0
    seen.watched_at = at
    seen.save(update_fields=["watched_at"])
    return lengthened


def _give_back(seen_at: datetime, away: timedelta) -> int:
    leased = _locked().filter(units__gt=0, lease_expires_at__gt=seen_at).select_related("license")
    held = [row.pk for row in leased if not _renewed_since(row, seen_at)]
    _lengthen(held, lease_expires_at=F("lease_expires_at") + away)
    silent = _locked().filter(heartbeat_due_at__gt=seen_at, heartbeat_due_at__lte=seen_at + away)
    _lengthen(
        list(silent.values_list("pk", flat=True)), heartbeat_due_at=F("heartbeat_due_at") + away
    )
    return len(held)


def _locked() -> ActivationQuerySet:
    # In the order in which others lock several.
    return Activation.objects.live().select_for_update(of=("self",)).order_by("pk")


def _renewed_since(row: Activation, seen_at: datetime) -> bool:
    """Return whether a lease reaches further than it could have at that time."""
    length = row.license.lease_length
    assert row.lease_expires_at is not None  # noqa: S101 - asked for
    return length is None or row.lease_expires_at > seen_at + length


def _lengthen(ids: list[uuid.UUID], **changes: Combinable) -> None:
    for start in range(0, len(ids), CHUNK):
        Activation.objects.filter(pk__in=ids[start : start + CHUNK]).update(**changes)
