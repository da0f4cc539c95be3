"""Jobs: each finds what is due and hands it to a service; safe late, twice and in parallel."""

from datetime import datetime, timedelta

from celery import shared_task
from django.utils import timezone

from licenses.services import (
    barred,
    heartbeat,
    lifecycle,
    pruning,
    reaping,
    reminding,
    rollups,
    signing_keys,
    silence,
)

# A job that is asked about another time than this learns nothing of whether we were there.
_NOW = timedelta(minutes=1)


def moment(at: str | None) -> datetime:
    """Return the instant that a job is asked to act at, or now."""
    return datetime.fromisoformat(at) if at else timezone.now()


def _is_now(when: datetime) -> bool:
    return abs(when - timezone.now()) < _NOW


@shared_task
def catch_up_statuses(at: str | None = None) -> dict[str, int]:
    """Write down what the clock did to licences: expiry, and the end of grace."""
    if at is None:
        return {"licenses": lifecycle.keep_up(at=timezone.now())}
    # A time that somebody gave is no mark to go on from.
    return {"licenses": lifecycle.catch_up(at=moment(at))}


@shared_task
def catch_up_every_status(at: str | None = None) -> dict[str, int]:
    """Look at every licence, for what came too late to be seen by the sweeps of the day."""
    return {"licenses": lifecycle.catch_up(at=moment(at))}


@shared_task
def flush_heartbeats(at: str | None = None) -> dict[str, int]:
    """Write down the heartbeats that devices left in Redis since the last time."""
    return {"rows": heartbeat.flush(at=moment(at))}


@shared_task
def reap_leases(at: str | None = None) -> dict[str, int]:
    """Take back the seats of lapsed leases; lengthen those that nobody could renew meanwhile."""
    when = moment(at)
    return reaping.look_after(at=when, is_now=_is_now(when))


@shared_task
def sign_out_barred(at: str | None = None) -> dict[str, int]:
    """Sign out what bars of devices have left: many at once, or a process that died over it."""
    return {"bars": barred.sign_out_all(at=moment(at))}


@shared_task
def keep_signing_keys(at: str | None = None) -> dict[str, int]:
    """Make the next signing keys a week ahead, so that whoever verifies knows them in time."""
    return signing_keys.keep_all_ahead(at=moment(at))._asdict()


@shared_task
def prune_applied_batches(at: str | None = None) -> dict[str, int]:
    """Forget which heartbeat batches were written, once no batch can come again."""
    return {"batches": pruning.prune_applied_batches(at=moment(at))}


@shared_task
def prune_offline_requests(at: str | None = None) -> dict[str, int]:
    """Forget the requests of offline devices that were answered a month ago."""
    return {"requests": pruning.prune_offline_requests(at=moment(at))}


@shared_task
def roll_up_usage(at: str | None = None) -> dict[str, int]:
    """Roll up by hour and day what quotas counted and devices told since the last time."""
    # What there is to add is known by the rows themselves, whatever the time.
    return {"rows": rollups.roll_up()}


@shared_task
def prune_usage_hours(at: str | None = None) -> dict[str, int]:
    """Forget the hours of three months ago, of which the days tell enough."""
    return {"hours": rollups.prune_hours(at=moment(at))}


@shared_task
def remind_of_ends(at: str | None = None) -> dict[str, int]:
    """Owe reminders that a licence or a trial ends; of several steps missed only the nearest."""
    when = moment(at)
    return {"notices": reminding.remind(at=when, is_now=_is_now(when))}


@shared_task
def note_silent_devices(at: str | None = None) -> dict[str, int]:
    """Write down which devices fell silent that owe heartbeats; nothing is taken from them."""
    when = moment(at)
    return {"devices": silence.note_silent(at=when, is_now=_is_now(when))}


@shared_task
def prune_key_links(at: str | None = None) -> dict[str, int]:
    """Forget the links of e-mails that ended 90 days ago."""
    return {"links": pruning.prune_key_links(at=moment(at))}
